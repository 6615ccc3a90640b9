import { describe, expect, test } from 'vitest'
import { copilotCli } from '#core/agents/copilot-cli/index.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed, fixtureFolder } from '../fixture-folder.ts'
import { jsonLines } from '../hostile-json.ts'
import { told } from '../told.ts'

const fixtures = fixtureFolder(copilotCli)
const honest = '0f35fe8f-8844-4be1-99c2-e360b9aa7a18'
const delegating = 'ef14edfb-fa84-4183-8127-21e6fcf74467'
const resumed = '3e75ad4a-e713-4e37-a760-b2a1b08aebb5'
const refused = '5ee029f2-cfc5-40fc-8ad5-c7df1446b857'

const withoutUsage = (session: Session): string[] => told(session.events).filter((line) => !/(^|: )usage /.test(line))
const editsIn = (session: Session) =>
  session.events.flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))

/** A session with the given records, of a made-up version. */
function parsed(records: readonly (readonly [type: string, data: object, more?: object])[]): Session {
  const start = { type: 'session.start', data: { copilotVersion: '0.0.400', context: { cwd: '/home/ada/shop' } } }
  const lines = [
    start,
    ...records.map(([type, data, more]) => ({ type, data, timestamp: '2026-01-02T03:04:05Z', ...more })),
  ]
  const session = copilotCli.parse([{ path: 'one/events.jsonl', text: jsonLines(lines) }], context)
  if (session === null) throw new Error('no session')
  return session
}

describe('a session', () => {
  const session = fixtures.parsed(honest)

  test('is told event by event', () => {
    expect(withoutUsage(session)).toEqual([
      'prompt Please greet people.',
      'reasoning A greeting is a word and a name.',
      'message A module first, then its test.',
      'call create (edit) source/greet.js',
      'result ok create source/greet.js',
      'call create (edit) test/greet.test.js',
      'result ok create test/greet.test.js',
      'call bash (shell) npm test',
      'result failed 1',
      'message The comma is missing.',
      'call view (read) source/greet.js',
      'result ok',
      'call edit (edit) source/greet.js',
      'result ok update source/greet.js',
      'call bash (shell) npm test',
      'result ok 0',
      'call bash (shell) git add -A && git commit -q -m "Greet people"',
      'result ok 0',
      'message Greeting works, and all tests pass.',
    ])
  })

  test('has a header with the tokens that the provider sent', () => {
    expect(session).toMatchObject({
      id: `copilot-cli:${honest}`,
      agent: { id: 'copilot-cli', version: '1.0.102' },
      entrypoint: 'copilot-agent',
      startedAt: '2026-11-22T16:22:43.071Z',
      endedAt: '2026-11-22T16:22:44.532Z',
      branches: ['feature/greet'],
      // Eight answers: 41520 in, of which 40468 from the cache, and 428 out, of which 124 were thought.
      usage: { uncachedInput: 1052, cacheRead: 40_468, cacheWrite5m: 0, cacheWrite1h: 0, output: 428, reasoning: 124 },
      models: [{ model: 'gpt-5.1', provider: 'openai', requests: 8 }],
      prompts: 1,
      parse: { malformed: 0, unrecognised: {} },
      warnings: [],
    })
  })

  test('has edits with the lines that were written', () => {
    expect(session.files).toEqual([
      { path: 'source/greet.js', edits: 2, linesAdded: 4, linesRemoved: 1 },
      { path: 'test/greet.test.js', edits: 1, linesAdded: 7, linesRemoved: 0 },
    ])
    expect(editsIn(session)[2]?.hunks[0]).toMatchObject({ oldStart: 1, oldLines: 3, newStart: 1, newLines: 3 })
  })

  test('carries nothing of the home folder or of the vendor’s prompt, and says where it ran', () => {
    const text = JSON.stringify(session)
    expect(text).not.toContain('/home/ada')
    expect(text).not.toContain('system prompt')
    expect(copilotCli.workingDirectories?.(fixtures.files(honest))).toEqual(['/home/ada/shop'])
    expect(
      copilotCli.workingDirectories?.([{ path: 'x', text: '{"type":"hook.start","data":{"cwd":"/x"}}' }]),
    ).toBeNull()
  })

  test('warns where the program counted more than its records show', () => {
    const [file] = fixtures.files(honest)
    const text = (file?.text ?? '').replace('"outputTokens": 428', '"outputTokens": 500')
    expect(copilotCli.parse([{ path: `${honest}/events.jsonl`, text }], context)?.warnings).toEqual([
      'Copilot CLI counted 72 output tokens that no record shows.',
    ])
  })
})

test('subagents, refusals and failures are told as what they are', () => {
  const session = fixtures.parsed(delegating)
  const lines = withoutUsage(session)
  const agent = '3c57641a-d482-4be8-acc4-6364bdec19d5'
  const start = lines.indexOf('call task (subagent)')
  expect(lines.slice(start, start + 9)).toEqual([
    'call task (subagent)',
    expect.stringMatching(`^subagent ${agent} general-purpose gpt-5.1 call_`),
    `${agent}: context subagent-task`,
    `${agent}: call view (read) source/a.js`,
    `${agent}: result ok`,
    `${agent}: call create (edit) source/sub.js`,
    `${agent}: result ok create source/sub.js`,
    `${agent}: message Looks fine.`,
    'result ok',
  ])
  expect(lines).toContain('denial by hook')
  expect(session.tools).toEqual([
    { tool: 'bash', calls: 4, failures: 1, denials: 1 },
    { tool: 'create', calls: 3, failures: 0, denials: 0 },
    { tool: 'edit', calls: 1, failures: 1, denials: 0 },
    { tool: 'no_such_tool', calls: 1, failures: 1, denials: 0 },
    { tool: 'task', calls: 1, failures: 0, denials: 0 },
    { tool: 'view', calls: 2, failures: 1, denials: 0 },
  ])
  expect(session).toMatchObject({ prompts: 1, usage: { output: 793 }, models: [{ requests: 13 }] })
})

test('a resumed session goes on, and what compacting it cost is counted', () => {
  const session = fixtures.parsed(resumed)
  expect(session.prompts).toBe(2)
  expect(withoutUsage(session).slice(-2)).toEqual(['compaction manual 11157 10720', 'context compact-summary'])
  // Six answers of 303 together, and 49 of the call that compacted.
  expect(session).toMatchObject({ usage: { output: 352 }, models: [{ requests: 7 }], warnings: [] })
})

test('a call that nobody was there to allow is refused by rule', () => {
  const session = fixtures.parsed(refused)
  expect(withoutUsage(session).slice(1, 4)).toEqual(['call bash (shell) touch z', 'result denied', 'denial by rule'])
})

test.each([
  ['denied-interactively-by-user', null, 'user'],
  ['denied-by-rules', null, 'rule'],
  ['denied-by-permission-request-hook', null, 'hook'],
  ['denied-by-rules', 'assisted_approval', 'classifier'],
])('who refused is recorded: %s, %s', (kind, decisionSource, by) => {
  const session = parsed([
    ['tool.execution_start', { toolCallId: 'c', toolName: 'bash', arguments: { command: 'ls' } }],
    ['permission.completed', { toolCallId: 'c', result: { kind }, decisionSource }],
    ['tool.execution_complete', { toolCallId: 'c', success: false, error: { message: 'No.', code: 'denied' } }],
  ])
  expect(told(session.events).at(-1)).toBe(`denial by ${by}`)
})

describe('what the fixtures do not show', () => {
  test('an interruption, and modes', () => {
    const session = parsed([
      ['user.message', { content: 'Go', agentMode: 'plan' }],
      ['session.mode_changed', { newMode: 'autopilot' }],
      ['session.permissions_changed', { mode: 'allow-all' }],
      ['user.message', { content: 'On', isAutopilotContinuation: true }],
      ['user.message', { content: 'A skill', source: 'skill-pdf' }],
      ['abort', { reason: 'user_initiated' }],
      ['something.new', { colour: 'blue' }],
    ])
    expect(told(session.events)).toEqual([
      'prompt Go',
      'context autopilot',
      'context skill-pdf',
      'interruption user_initiated',
      'unrecognised something.new',
    ])
    expect(session.permissionModes).toEqual(['mode:plan', 'mode:autopilot', 'approval:allow-all'])
    expect(session.parse.unrecognised).toEqual({ 'something.new': 1 })
  })

  test('a command of the person’s own is not the agent’s', () => {
    const session = parsed([
      ['tool.user_requested', { toolCallId: 'u', toolName: 'bash', arguments: { command: 'git status' } }],
      ['tool.execution_start', { toolCallId: 'u', toolName: 'bash', arguments: { command: 'git status' } }],
      ['tool.execution_complete', { toolCallId: 'u', success: true, isUserRequested: true, result: { content: 'x' } }],
    ])
    expect(told(session.events)).toEqual(['context user-shell'])
  })

  test('an edit of a file that was not seen before, from the diff alone', () => {
    const detailedContent =
      '\ndiff --git a/home/ada/shop/a.ts b/home/ada/shop/a.ts\nindex 0000000..0000000 100644\n--- a/home/ada/shop/a.ts\n+++ b/home/ada/shop/a.ts\n@@ -7,3 +7,3 @@\n six\n-seven\n+SEVEN\n \n'
    const session = parsed([
      [
        'tool.execution_start',
        {
          toolCallId: 'c',
          toolName: 'edit',
          arguments: { path: '/home/ada/shop/a.ts', old_str: 'seven', new_str: 'SEVEN' },
        },
      ],
      ['tool.execution_complete', { toolCallId: 'c', success: true, result: { content: 'Done', detailedContent } }],
    ])
    expect(editsIn(session)).toEqual([
      {
        path: 'a.ts',
        kind: 'update',
        userModified: null,
        hunks: [{ oldStart: 7, oldLines: 2, newStart: 7, newLines: 2, lines: [' six', '-seven', '+SEVEN'] }],
      },
    ])
  })

  test('a patch of several files', () => {
    const patch = '*** Begin Patch\n*** Add File: n.ts\n+one\n*** Update File: a.ts\n@@\n-x\n+y\n*** End Patch'
    const session = parsed([
      ['tool.execution_start', { toolCallId: 'c', toolName: 'apply_patch', arguments: patch }],
      ['tool.execution_complete', { toolCallId: 'c', success: true, result: { content: 'Done' } }],
    ])
    expect(told(session.events)).toEqual(['call apply_patch (edit) n.ts a.ts', 'result ok create n.ts update a.ts'])
  })

  test('looking at a file with the tool that edits, and exit codes in the text, as older versions have them', () => {
    const session = parsed([
      [
        'tool.execution_start',
        { toolCallId: 'v', toolName: 'str_replace_editor', arguments: { command: 'view', path: 'a.ts' } },
      ],
      ['tool.execution_complete', { toolCallId: 'v', success: true, result: { content: 'x' } }],
      ['tool.execution_start', { toolCallId: 'c', toolName: 'bash', arguments: { command: 'npm test' } }],
      [
        'tool.execution_complete',
        { toolCallId: 'c', success: true, result: { content: '1 failing\n<exited with exit code 1>' } },
      ],
    ])
    expect(told(session.events)).toEqual([
      'call str_replace_editor (read) a.ts',
      'result ok',
      'call bash (shell) npm test',
      'result failed 1',
    ])
  })
})

describe('versions that tell usage when a session ends', () => {
  const closing = (sessionStartTime: number, outputTokens: number) =>
    [
      'session.shutdown',
      {
        sessionStartTime,
        modelMetrics: {
          'gpt-5.1': { requests: { count: 2 }, usage: { inputTokens: 100, cacheReadTokens: 60, outputTokens } },
        },
      },
    ] as const

  test('are counted by it', () => {
    expect(parsed([closing(1, 7)]).usage).toMatchObject({ uncachedInput: 40, cacheRead: 60, output: 7 })
  })
  test('sums that go on over a resume are counted once, those of a new start are added', () => {
    expect(parsed([closing(1, 7), closing(1, 9)]).usage).toMatchObject({ output: 9 })
    expect(parsed([closing(1, 7), closing(2, 9)]).usage).toMatchObject({ output: 16 })
  })
  test('tell nothing after a crash, which is not zero', () => {
    expect(parsed([['user.message', { content: 'Go' }]]).usage).toBeNull()
  })
})

test('a fork tells and counts only what came after it', () => {
  const parent = fixtures.parsed(honest)
  const knownEvents = new Map(parent.events.map(({ id }) => [id, parent.id]))
  const counted = parent.events.flatMap((event) => (event.kind === 'usage' ? [event.messageId] : []))
  const [file] = fixtures.files(honest)
  const own = JSON.stringify({ type: 'user.message', id: 'own', data: { content: 'Another way' } })
  const files = [{ path: 'fork/events.jsonl', text: `${file?.text ?? ''}${own}\n` }]
  const session = copilotCli.parse(files, { ...context, knownEvents, countedMessages: new Set(counted) })
  expect(told(session?.events ?? [])).toEqual(['prompt Another way'])
  expect(session).toMatchObject({ forkedFrom: parent.id, usage: { output: 0 } })
})

test('knows where transcripts lie, and which files are one session', () => {
  expect(copilotCli.transcriptFolders('/srv', '/home/ada', {})).toEqual(['/home/ada/.copilot/session-state'])
  expect(copilotCli.transcriptFolders('/srv', '/home/ada', { COPILOT_HOME: '/c' })).toEqual(['/c/session-state'])
  const paths = ['one/events.jsonl', 'one/workspace.yaml', 'one/rewind-file-snapshots/two/events.jsonl', 'events.jsonl']
  expect(copilotCli.groupTranscripts(paths)).toEqual(new Map([['one', ['one/events.jsonl']]]))
})

test.each(fixtures.sessions)('%s has the form of a session, the same at every reading', (name) => {
  expectWellFormed(fixtures.parsed(name))
  expect(fixtures.parsed(name)).toEqual(fixtures.parsed(name))
})
