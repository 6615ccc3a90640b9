import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attributeCommits } from '#cli/attribution.ts'
import { createContext } from '#cli/context.ts'
import { findRepository } from '#cli/io/repository.ts'
import { PRUNE_DEFAULTS, pruneSpool, readRecords } from '#cli/io/spool.ts'
import { loadSession } from '#cli/io/summaries.ts'
import { createTerminal } from '#cli/io/terminal.ts'
import { captured } from '#cli/workspace.ts'
import { told } from '#test/core/agents/told.ts'
import { freshForEachTest, work } from './fresh-repository.ts'
import { LAUNCHER } from './observed-repository.ts'

freshForEachTest({ 'README.md': 'Shop\n' })

const hook = (agent: string, payload: unknown) => {
  const input = typeof payload === 'string' ? payload : JSON.stringify(payload)
  // Only to Cursor silence is no leave.
  const stdout = agent === 'cursor' || input.includes('cursor_version') ? expect.stringMatching(/^\{.*\}\n$/) : ''
  expect(work.run(LAUNCHER, ['hook', agent], { input })).toEqual({ status: 0, stdout, stderr: '' })
}

async function sessions() {
  const state = join(work.root, '.git/stemma')
  const home = join(work.folder, 'home')
  const terminal = createTerminal({ color: false, quiet: true, verbose: false })
  const context = {
    ...createContext(terminal, { cwd: work.root, json: false }),
    home,
    environment: work.environment,
    cacheFolder: join(home, '.cache'),
  }
  const { summaries, request, withoutTranscript } = await captured(context, {
    roots: [work.root],
    stateDirectory: state,
  })
  expect(withoutTranscript).toEqual([])
  const loaded = await Promise.all(summaries.map((summary) => loadSession(summary, request)))
  return loaded.filter((session) => session !== null)
}

async function attribution() {
  const repository = await findRepository(work.root)
  return attributeCommits(repository, [work.git('rev-parse', 'HEAD').trim()], await sessions())
}

describe('hooks as the only witness', () => {
  it('make a session of Cursor, and tell its lines from a person’s', async () => {
    const base = {
      conversation_id: 'c1',
      generation_id: 'g1',
      cursor_version: '3.5',
      model: 'gpt-5',
      workspace_roots: [work.root],
    }
    const path = join(work.root, 'basket.ts')
    const call = {
      ...base,
      tool_name: 'Write',
      tool_use_id: 't1',
      tool_input: { file_path: path, contents: 'theirs\n' },
    }
    hook('cursor', { ...base, hook_event_name: 'beforeSubmitPrompt', prompt: 'Add a basket' })
    work.write('basket.ts', 'mine\n')
    hook('cursor', { ...call, hook_event_name: 'preToolUse' })
    work.write('basket.ts', 'mine\ntheirs\n')
    // Cursor runs the hooks of Claude Code's settings too.
    hook('claude-code', { ...call, hook_event_name: 'PostToolUse', session_id: 'c1' })
    hook('cursor', { ...call, hook_event_name: 'postToolUse', tool_output: 'ok' })
    work.commit('Add a basket')
    const { records } = await readRecords(join(work.root, '.git/stemma'))
    expect(records.map(({ agent }) => agent)).toEqual(['cursor', 'cursor', 'cursor'])
    const [session, ...others] = await sessions()
    expect(others).toEqual([])
    expect(session).toMatchObject({ id: 'cursor:c1', capture: 'hook', usage: null, namedModels: ['gpt-5'] })
    expect(told(session?.events ?? [])).toEqual([
      'prompt Add a basket',
      'call Write (edit) basket.ts',
      'result ok update basket.ts',
    ])
    const [commit] = await attribution()
    expect(commit?.sessions).toEqual(['cursor:c1'])
    expect(commit?.added).toMatchObject({ ai: 1, human: 1, mixed: 0, unknown: 0 })
  })

  it('make a session of any program, whatever it gives at once, and keep it in the archive', async () => {
    const base = { schema: 'stemma.event/v1', sessionId: 'r1' }
    const line = (fields: object) => JSON.stringify({ ...base, ...fields })
    hook('generic', `${line({ kind: 'sessionStart', cwd: work.root })}\n${line({ kind: 'prompt', text: 'Go' })}\n`)
    hook('generic', line({ kind: 'toolCall', callId: 'c1', tool: 'patch', category: 'other' }))
    work.write('basket.ts', 'theirs\n')
    hook('generic', line({ kind: 'toolResult', callId: 'c1', exitCode: 0 }))
    hook('generic', `${line({ kind: 'message', text: 'Gone' })}\n{ cut\n`)
    work.commit('Add a basket')
    const check = async () => {
      const [session, ...others] = await sessions()
      expect(others).toEqual([])
      expect(session?.warnings).toEqual(['Event 6 given to the hook is not a JSON object.'])
      expect(told(session?.events ?? [])).toEqual(['prompt Go', 'call patch (other)', 'result ok 0', 'message Gone'])
      const [commit] = await attribution()
      expect(commit).toMatchObject({ sessions: ['generic:r1'], added: { ai: 1, human: 0, mixed: 0, unknown: 0 } })
    }
    await check()
    const repository = await findRepository(work.root)
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now: Date.now() + 2 * 60 * 60 * 1_000 })
    await check()
  })

  it('and files in the state folder are a session too, of this repository alone', async () => {
    const folder = join(work.root, '.git/stemma/sessions')
    mkdirSync(folder, { recursive: true })
    const line = { schema: 'stemma.event/v1', sessionId: 'r2', kind: 'prompt', text: 'Go' }
    writeFileSync(join(folder, 'r2.jsonl'), `${JSON.stringify(line)}\n`)
    writeFileSync(join(folder, 'notes.txt'), 'not a session')
    expect((await sessions()).map(({ id, capture }) => [id, capture])).toEqual([['generic:r2', 'swept']])
  })
})
