/** Cursor takes a hook that says nothing for a broken one and stops the call: what each of ours says to it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDecisions } from '#cli/guard/decisions.ts'
import { claudeHookFile } from '#core/agents/claude-code/hook-file.ts'
import { cursorHookFile } from '#core/agents/cursor/hook-file.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { freshForEachTest, work } from './fresh-repository.ts'
import { launcher } from './installed-launcher.ts'

freshForEachTest()

const state = () => join(work.root, '.git', 'stemma')
const allow = { permission: 'allow' }
/** What Cursor's documentation asks of each event; the others take an object of nothing. */
const documented: Readonly<Record<string, object>> = {
  preToolUse: allow,
  beforeShellExecution: allow,
  beforeMCPExecution: allow,
  beforeReadFile: allow,
  subagentStart: allow,
  beforeSubmitPrompt: { continue: true },
}
const fields: Readonly<Record<string, object>> = {
  preToolUse: { tool_name: 'Shell', tool_input: { command: 'ls' } },
  beforeShellExecution: { command: 'ls' },
  beforeMCPExecution: { tool_name: 'ask', tool_input: '{}', mcp_server_name: 'tracker' },
  beforeReadFile: { content: 'SECRET=1', attachments: [] },
}
const payload = (event: string, more: object = fields[event] ?? {}) =>
  JSON.stringify({
    conversation_id: 'c1',
    generation_id: 'g1',
    model: 'gpt-5',
    hook_event_name: event,
    cursor_version: '3.9',
    workspace_roots: [work.root],
    file_path: join(work.root, '.env'),
    ...more,
  })
const hooks: Readonly<Record<string, readonly { readonly command: string }[]>> = JSON.parse(
  cursorHookFile.install(null),
).hooks
const events = Object.keys(hooks)

function said({ status, stdout, stderr }: { status: number; stdout: string; stderr: string }): unknown {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}
const tell = (event: string, more?: object, agent = 'cursor') =>
  said(work.run(launcher, ['hook', agent], { input: payload(event, more) }))

describe('Cursor hears no objection', () => {
  it('from the program, and the hooks that only ask for leave keep no record', () => {
    for (const event of events) expect([event, tell(event)]).toEqual([event, documented[event] ?? {}])
    const kept = readdirSync(join(state(), 'spool'))
    expect(kept).toHaveLength(events.length - 3)
    expect(work.sh(`grep -rl SECRET= ${state()}/spool`).stdout).toBe('')
  })

  it('where Stemma is not set up', () => {
    const elsewhere = join(work.folder, 'elsewhere')
    mkdirSync(elsewhere)
    const text = payload('preToolUse').replaceAll(work.root, elsewhere)
    expect(said(work.run(launcher, ['hook', 'cursor'], { cwd: elsewhere, input: text }))).toEqual(allow)
    work.setEnvironment({ CURSOR_VERSION: '3.9' })
    expect(said(work.run(launcher, ['hook', 'claude-code'], { cwd: elsewhere, input: '{' }))).toEqual(allow)
  })

  it('where the program is missing', () => {
    for (const event of events) {
      const ran = work.run('/bin/sh', ['-c', `PATH=; ${hooks[event]?.[0]?.command}`])
      expect([event, said(ran)]).toEqual([event, documented[event] ?? {}])
    }
  })

  it('from the hooks of Claude Code’s settings, which say nothing to Claude Code', () => {
    expect(tell('PreToolUse', { tool_name: 'Bash', tool_input: { command: 'ls' } }, 'claude-code')).toEqual(allow)
    const own = JSON.stringify({ session_id: 's1', hook_event_name: 'PreToolUse', cwd: work.root, tool_name: 'Bash' })
    const silent = { status: 0, stdout: '', stderr: '' }
    expect(work.run(launcher, ['hook', 'claude-code'], { input: own })).toEqual(silent)
    const { command } = JSON.parse(claudeHookFile.install(null)).hooks.PreToolUse[0].hooks[0]
    expect(work.run('/bin/sh', ['-c', `PATH=; ${command}`])).toEqual(silent)
    expect(said(work.run('/bin/sh', ['-c', `PATH=; CURSOR_VERSION=3.9; ${command}`]))).toEqual(allow)
  })
})

describe('Cursor hears the guard', () => {
  const secrets = { policy: 'no-secret-access', with: {}, gate: true }
  const servers = { policy: 'approved-mcp-servers', with: { allow: ['tracker'] }, gate: true }
  const bypass = { policy: 'no-hook-bypass', with: {}, gate: false }
  const denial = (policy: string) => ({ permission: 'deny', agent_message: expect.stringContaining(policy) })

  it('before a file is read, a server is called, and a command is run, and each decision is kept once', async () => {
    expect(work.run(launcher, ['guard', 'on']).status).toBe(0)
    const contract = { ...defaultContract, policies: [secrets, servers, bypass] }
    writeFileSync(join(state(), 'contract.json'), JSON.stringify({ contract }))
    expect(tell('beforeReadFile')).toMatchObject(denial('no-secret-access'))
    expect(tell('beforeReadFile', { file_path: join(work.root, 'app.ts'), content: 'first' })).toEqual(allow)
    expect(tell('beforeMCPExecution')).toEqual(allow)
    const other = { tool_name: 'ask', tool_input: '{}', mcp_server_name: 'weather', url: 'https://tracker.example' }
    expect(tell('beforeMCPExecution', other)).toMatchObject(denial('approved-mcp-servers'))
    const command = 'git commit -n -m x'
    const shell = { tool_name: 'Shell', tool_input: { command }, tool_use_id: 'u1' }
    expect(tell('preToolUse', shell)).toEqual(allow)
    expect(tell('beforeShellExecution', { command })).toMatchObject({ permission: 'ask' })
    const kept = await readDecisions(state())
    expect(kept.map(({ tool, decision }) => `${tool} ${decision}`)).toEqual(['Read deny', 'ask deny', 'Shell ask'])
    expect(readdirSync(join(state(), 'spool'))).toHaveLength(1)
  })
})
