import { describe, expect, test } from 'vitest'
import { codex } from '#core/agents/codex/index.ts'
import { context, expectWellFormed, fixtureFolder } from '../fixture-folder.ts'
import { told } from '../told.ts'

const fixtures = fixtureFolder(codex)
const current = '01a203a2-f46b-7533-96ea-886ec9548cec'
const older = '0199a213-81c0-7800-8aa1-bbab2a035a53'
const fork = '01a203a6-dec7-7110-88ef-321ad35ec0d3'

describe('a session of the current version', () => {
  const session = fixtures.parsed(current)

  test('is told event by event', () => {
    expect(told(session.events)).toEqual([
      'context agents_md.instructions',
      'context environments.environment_context',
      'prompt Add a basket with a total',
      'reasoning A list of prices.',
      'message I add the basket.',
      'call apply_patch (edit) src/basket.ts',
      'usage resp_1 gpt-5.5 41',
      'result ok create src/basket.ts',
      'call exec_command (shell) npm test',
      'usage resp_2 gpt-5.5 42',
      'result failed 1',
      'call apply_patch (edit) src/basket.ts notes.md docs/notes.md gone.txt',
      'usage resp_3 gpt-5.5 43',
      'result ok update src/basket.ts delete notes.md update docs/notes.md delete gone.txt',
      'call exec_command (shell) npm run slow-test',
      'usage resp_4 gpt-5.5 44',
      'result failed 3',
      'call write_stdin (shell)',
      'usage resp_5 gpt-5.5 45',
      'result failed 3',
      'call exec_command (shell) git commit --no-verify -m x',
      'usage resp_6 gpt-5.5 46',
      'result denied',
      'denial by hook',
      'call exec_command (shell) rm -rf /',
      'usage resp_7 gpt-5.5 47',
      'result denied',
      'denial by user',
      'call apply_patch (edit) src/basket.ts',
      'usage resp_8 gpt-5.5 48',
      'result failed',
      'call web_search (web)',
      'result ok',
      'call spawn_agent (subagent)',
      'usage resp_9 gpt-5.5 49',
      'result ok',
      'subagent 01a203a2-0000-7000-8000-000000000009 explorer gpt-5.5-mini call_9',
      'compaction unknown null null',
      'context compact-summary',
      'prompt Now commit, see ~/plan.md',
      'call exec_command (shell) git commit -m Basket',
      'usage resp_10 gpt-5.5-mini 50',
      'result interrupted',
      'interruption interrupted',
      'call apply_patch (edit) generated.txt',
      'result ok create generated.txt',
      'unrecognised event_msg.hologram',
    ])
  })

  test('has a header that says the same', () => {
    expect(session).toMatchObject({
      id: `codex:${current}`,
      agent: { id: 'codex', version: '0.169.0' },
      entrypoint: 'codex_exec',
      startedAt: '2026-11-02T09:00:00.000Z',
      branches: ['feature/basket'],
      // Ten answers: input 5101 to 5110 with 5000 read from and 20 written to the cache, output 41 to 50.
      usage: { uncachedInput: 855, cacheRead: 50_000, cacheWrite5m: 200, cacheWrite1h: 0, output: 455, reasoning: 100 },
      permissionModes: [
        'approval:on-request',
        'sandbox:workspace-write',
        'approval:never',
        'sandbox:danger-full-access',
      ],
      prompts: 2,
      forkedFrom: null,
      subagents: [{ agentId: '01a203a2-0000-7000-8000-000000000009', type: 'explorer', model: 'gpt-5.5-mini' }],
      parse: { malformed: 0, unrecognised: { 'event_msg.hologram': 1 } },
    })
    expect(session.models.map(({ model, requests }) => [model, requests])).toEqual([
      ['gpt-5.5', 9],
      ['gpt-5.5-mini', 1],
    ])
  })

  test('has edits with their lines and places, as the program noted them', () => {
    expect(editsOf(session).map(({ path, kind, hunks }) => [path, kind, hunks.flatMap(({ lines }) => lines)])).toEqual([
      ['src/basket.ts', 'create', ['+export function total(prices: number[]) {', '+  return 0', '+}']],
      [
        'src/basket.ts',
        'update',
        [
          ' export function total(prices: number[]) {',
          '-  return 0',
          '+  return prices.reduce((a, b) => a + b, 0)',
          ' }',
        ],
      ],
      ['notes.md', 'delete', []],
      ['docs/notes.md', 'update', ['-old', '+new']],
      ['gone.txt', 'delete', ['-bye']],
      ['generated.txt', 'create', ['+made']],
    ])
    expect(editsOf(session)[1]?.hunks[0]).toMatchObject({ oldStart: 1, oldLines: 3, newStart: 1, newLines: 3 })
  })

  test('gives a command that outlives its call the exit code with which it ended', () => {
    const result = session.events.find((event) => event.kind === 'toolResult' && event.callId === 'call_4')
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 3 })
  })

  test('carries nothing of the vendor and nothing of the home folder', () => {
    const text = JSON.stringify(session)
    expect(text).not.toContain('INTERNAL')
    expect(text).not.toContain('/home/ada')
  })
})

describe('an older session', () => {
  const session = fixtures.parsed(older)

  test('is told event by event, injected context apart from prompts', () => {
    expect(told(session.events)).toEqual([
      'context instructions',
      'context environment',
      'context instructions',
      'prompt Mend the total',
      'reasoning Look first.',
      'call shell (shell) cat a.ts',
      'usage 0199a213-81c0-7800-8aa1-bbab2a035a53:5101+41 gpt-5.1-codex 41',
      'result ok 0',
      "call shell (shell) apply_patch '*** Begin Patch\n*** Add File: b.ts\n+const b = 1\n+const c = 2\n*** End Patch'",
      'result ok 0 create b.ts',
      "call shell_command (shell) apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: b.ts\n@@\n-const c = 2\n+const c = 3\n*** End Patch\nEOF",
      'result ok 0 update b.ts',
      'call shell_command (shell) npm test',
      'result failed 2',
      'call apply_patch (edit) ~/elsewhere/x.ts',
      'result ok update ~/elsewhere/x.ts',
      'usage 0199a213-81c0-7800-8aa1-bbab2a035a53:10203+83 gpt-5.1-codex 42',
      'call exec_command (shell) make test',
      'result ok 0',
      'call write_stdin (shell)',
      'result ok 0',
      'call shell (shell) git push --force',
      'result denied',
      'denial by user',
      'call exec_command (shell) curl x',
      'result denied',
      'denial by rule',
      'interruption interrupted',
      'context turn-aborted',
      'prompt Thank you',
      'message Done.',
      'usage 0199a213-81c0-7800-8aa1-bbab2a035a53:15306+126 gpt-5.1-codex 43',
    ])
    expect(session.prompts).toBe(2)
    expect(session.parse.malformed).toBe(1)
  })

  test('is counted by how much its running total grew, however often that is repeated', () => {
    expect(session.usage).toEqual({
      uncachedInput: 81 + 82 + 83,
      cacheRead: 15_000,
      cacheWrite5m: 60,
      cacheWrite1h: 0,
      output: 41 + 42 + 43,
      reasoning: 30,
    })
    expect(session.models[0]?.requests).toBe(3)
  })

  test('has the edits of its patches, with places where the file is known', () => {
    expect(editsOf(session).map(({ path, hunks }) => [path, hunks])).toEqual([
      ['b.ts', [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: 2, lines: ['+const b = 1', '+const c = 2'] }]],
      [
        'b.ts',
        [
          {
            oldStart: 1,
            oldLines: 2,
            newStart: 1,
            newLines: 2,
            lines: [' const b = 1', '-const c = 2', '+const c = 3'],
          },
        ],
      ],
      ['~/elsewhere/x.ts', [{ oldStart: 7, oldLines: 1, newStart: 7, newLines: 1, lines: ['-x', '+y'] }]],
    ])
  })
})

describe('a forked session', () => {
  test('names its parent, and does not count what the parent used', () => {
    const session = fixtures.parsed(fork)
    expect(session.forkedFrom).toBe(`codex:${current}`)
    expect(session.usage).toMatchObject({ uncachedInput: 91, output: 51 })
    expect(session.models[0]?.requests).toBe(1)
  })

  test('leaves out what another session told, and what another counted', () => {
    const parent = fixtures.parsed(current)
    const knownEvents = new Map(parent.events.map((event) => [event.id, 'codex:other']))
    const copy = fixtures.parsed(current, { knownEvents })
    expect(copy.events).toEqual([])
    expect(copy.forkedFrom).toBe('codex:other')
    expect(copy.warnings).toEqual([`${parent.events.length} events repeat codex:other and are told there.`])
    expect(fixtures.parsed(current, { countedMessages: new Set(['resp_1', 'resp_2']) }).usage?.output).toBe(455 - 83)
  })

  test('is not its own parent when it is read a second time', () => {
    const first = fixtures.parsed(current)
    const knownEvents = new Map(first.events.map((event) => [event.id, first.id]))
    expect(fixtures.parsed(current, { knownEvents })).toEqual(first)
  })
})

test('the first versions wrote items bare', () => {
  const id = '5973b6c0-94b8-487b-a530-2aeb6098ae0e'
  const lines = [
    { id, timestamp: '2025-06-02T09:00:00.000Z', instructions: null },
    { record_type: 'state' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
    { type: 'function_call', name: 'shell', arguments: '{"command":["false"]}', call_id: 'c1' },
    { type: 'function_call_output', call_id: 'c1', output: '{"output":"","metadata":{"exit_code":1}}' },
  ]
  const text = lines.map((line) => JSON.stringify(line)).join('\n')
  const session = codex.parse([{ path: `rollout-2025-06-02T11-00-00-${id}.jsonl`, text }], context)
  expect(told(session?.events ?? [])).toEqual([
    'unrecognised none',
    'prompt Hello',
    'call shell (shell) false',
    'result failed 1',
  ])
})

test.each(fixtures.sessions)('%s has the form of a session, the same at every reading', (name) => {
  expectWellFormed(fixtures.parsed(name))
  expect(fixtures.parsed(name)).toEqual(fixtures.parsed(name))
})

test('knows where transcripts lie, and which files are sessions', () => {
  expect(codex.transcriptFolders('/srv', '/home/ada', {})).toEqual([
    '/home/ada/.codex/sessions',
    '/home/ada/.codex/archived_sessions',
  ])
  expect(codex.transcriptFolders('/srv', '/home/ada', { CODEX_HOME: '/c' })[0]).toBe('/c/sessions')
  const file = `rollout-2026-11-02T10-00-00-${current}.jsonl`
  expect(codex.groupTranscripts([`2026/11/02/${file}`, 'notes.jsonl', `${file}.bak`])).toEqual(
    new Map([[current, [`2026/11/02/${file}`]]]),
  )
  expect(codex.groupTranscripts([file])).toEqual(new Map([[current, [file]]]))
})

function editsOf(session: ReturnType<typeof fixtures.parsed>) {
  return session.events.flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))
}
