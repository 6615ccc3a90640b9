import { describe, expect, test } from 'vitest'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'
import { context, expectWellFormed, fixtureFolder } from '../fixture-folder.ts'
import { told } from '../told.ts'

const fixtures = fixtureFolder(geminiCli)
const current = 'b76b4c42'
const older = 'c0ffee00'

describe('a session of the current version', () => {
  const session = fixtures.parsed(current)

  test('is told event by event, once, although it was resumed and compressed', () => {
    expect(told(session.events)).toEqual([
      'context session-context',
      'prompt Add a basket with a total, see ~/plan.md',
      'reasoning Planning: A list of prices.',
      'message I add the basket.',
      'usage g-1 gemini-2.5-pro 41',
      'call write_file (edit) src/basket.ts',
      'result ok create src/basket.ts',
      'usage g-2 gemini-2.5-pro 42',
      'call run_shell_command (shell) npm test',
      'result failed 1',
      'subagent agent-7 unknown gemini-2.5-flash null',
      'agent-7: context subagent-task',
      'agent-7: message Looks fine.',
      'agent-7: usage s-2 gemini-2.5-flash 41',
      'usage g-3 gemini-2.5-pro 43',
      'call replace (edit) src/basket.ts',
      'result ok update src/basket.ts',
      'usage g-4 gemini-2.5-pro 44',
      'call run_shell_command (shell) npm test',
      'result ok 0',
      'call replace (edit) src/basket.ts',
      'result failed',
      'usage g-5 gemini-2.5-pro 45',
      'call run_shell_command (shell) git commit --no-verify -m x',
      'result denied',
      'denial by hook',
      'usage g-6 gemini-2.5-pro 46',
      'call run_shell_command (shell) rm -rf build',
      'result denied',
      'denial by rule',
      'usage g-7 gemini-2.5-pro 47',
      'call run_shell_command (shell) git push',
      'result denied',
      'denial by user',
      'call run_shell_command (shell) sleep 40',
      'result interrupted',
      'interruption Request cancelled.',
      'context agent-error',
      'prompt Now explain @file',
      'message It adds.',
      'usage g-8 gemini-2.5-pro 48',
      'compaction unknown null null',
      'context compact-summary',
      'context command',
      'unrecognised hologram',
      'context rewind',
    ])
  })

  test('has a header that says the same', () => {
    expect(session).toMatchObject({
      id: 'gemini-cli:b76b4c42-037c-4ed3-a3ec-e6bea0edd724',
      agent: { id: 'gemini-cli', version: null },
      startedAt: '2026-11-02T09:00:00.000Z',
      endedAt: '2026-11-02T09:01:08.000Z',
      // Eight answers and one of the subagent: input with 5000 from the cache, thoughts beside the output.
      usage: { uncachedInput: 937, cacheRead: 45_000, cacheWrite5m: 0, cacheWrite1h: 0, output: 397, reasoning: 90 },
      branches: [],
      permissionModes: [],
      prompts: 2,
      subagents: [{ agentId: 'agent-7', description: 'Look at the basket', model: 'gemini-2.5-flash' }],
      parse: { malformed: 1, unrecognised: { hologram: 1 } },
    })
  })

  test('has edits with the lines that were written, also where the person changed them first', () => {
    const edits = session.events.flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))
    expect(edits).toMatchObject([
      { path: 'src/basket.ts', kind: 'create', userModified: false, hunks: [{ newStart: 1, newLines: 3 }] },
      {
        path: 'src/basket.ts',
        kind: 'update',
        userModified: true,
        hunks: [
          {
            lines: [
              ' export function total(prices: number[]) {',
              '-  return 0',
              '+  return prices.reduce((a, b) => a + b, 0)',
              ' }',
            ],
          },
        ],
      },
    ])
  })

  test('carries nothing of the home folder', () => {
    expect(JSON.stringify(session)).not.toContain('/home/ada')
  })
})

test('an older session is one document', () => {
  const session = fixtures.parsed(older)
  expect(told(session.events)).toEqual([
    'context session-context',
    'prompt Mend the total',
    'reasoning Looking',
    'message I look.',
    'usage o-2 gemini-2.5-pro 41',
    'call write_file (edit) b.ts',
    'result ok create b.ts',
    'call replace (edit) c.ts',
    'result ok update c.ts',
    'call run_shell_command (shell) npm test',
    'result failed 2',
    'call run_shell_command (shell) npm run lint',
    'result ok 0',
    'call run_shell_command (shell) npm start',
  ])
  expect(session.usage).toMatchObject({ uncachedInput: 101, cacheRead: 5000, output: 41, reasoning: 10 })
  const edits = session.events.flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))
  expect(edits.map(({ path, hunks }) => [path, hunks])).toEqual([
    ['b.ts', [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: 1, lines: ['+const b = 1'] }]],
    ['c.ts', [{ oldStart: 0, oldLines: 1, newStart: 0, newLines: 1, lines: ['-a', '+b'] }]],
  ])
})

test('an older chat that was resumed in the current form is told once', () => {
  const [old] = fixtures.files(older)
  const document: { messages: unknown[] } = JSON.parse(old?.text ?? '')
  const { messages, ...head } = document
  const text = [head, ...messages].map((line) => JSON.stringify(line)).join('\n')
  const session = geminiCli.parse(
    [old, { path: `${old?.path}l`, text }].filter((file) => file !== undefined),
    context,
  )
  expect(told(session?.events ?? [])).toEqual(told(fixtures.parsed(older).events))
  expect(session?.usage).toEqual(fixtures.parsed(older).usage)
})

test('a call that a copy of the conversation repeats is told once', () => {
  const call = { id: 'c1', name: 'read_file', args: {}, status: 'success', result: 'x' }
  const answer = { id: 'g1', type: 'gemini', content: 'I read.', toolCalls: [call] }
  const lines = [
    { sessionId: 'b76b4c42-x', projectHash: 'x' },
    answer,
    {
      $set: {
        messages: [
          { ...answer, content: 'Shortened.' },
          { ...answer, id: 'g2' },
        ],
      },
    },
  ]
  const text = lines.map((line) => JSON.stringify(line)).join('\n')
  const session = geminiCli.parse([{ path: 'shop/chats/session-2026-11-02T09-00-b76b4c42.jsonl', text }], context)
  expect(told(session?.events ?? [])).toEqual(['message I read.', 'call read_file (read)', 'result ok'])
})

test('the file of another session whose id begins alike is left out', () => {
  const own = fixtures.files(current)
  const text = JSON.stringify({ sessionId: 'b76b4c42-other', projectHash: 'x' })
  const other = `${text}\n${JSON.stringify({ id: 'o', type: 'user', content: 'Not mine' })}`
  const session = geminiCli.parse(
    [...own, { path: 'z/chats/session-2026-11-02T09-00-b76b4c42.jsonl', text: other }],
    context,
  )
  expect(session).toEqual(fixtures.parsed(current))
})

test.each(fixtures.sessions)('%s has the form of a session, the same at every reading', (name) => {
  expectWellFormed(fixtures.parsed(name))
  expect(fixtures.parsed(name)).toEqual(fixtures.parsed(name))
})

describe('the folder of a session', () => {
  test('is named beside the chats, or in them', () => {
    expect(geminiCli.workingDirectories?.(fixtures.files(current))).toEqual(['/home/ada/shop'])
    expect(geminiCli.workingDirectories?.(fixtures.files(older))).toEqual(['/home/ada/shop'])
    const chat = fixtures.files(current).filter(({ path }) => path.includes('/session-'))
    expect(geminiCli.workingDirectories?.(chat)).toEqual(['/home/ada/shop'])
  })
  test('is not known where nothing names it', () => {
    const text = JSON.stringify({ sessionId: 'x', messages: [] })
    const path = 'x/chats/session-2026-11-02T09-00-b76b4c42.json'
    expect(geminiCli.workingDirectories?.([{ path, text }])).toBeNull()
  })
})

test('knows where transcripts lie, and which files are one session', () => {
  expect(geminiCli.transcriptFolders('/srv', '/home/ada', {})).toEqual(['/home/ada/.gemini/tmp'])
  expect(geminiCli.transcriptFolders('/srv', '/home/ada', { GEMINI_CLI_HOME: '/g' })).toEqual(['/g/.gemini/tmp'])
  const chat = 'session-2026-11-02T09-00-b76b4c42.jsonl'
  const expected = [`shop/chats/${chat}`, 'shop/.project_root']
  const paths = [
    ...expected,
    'shop/logs.json',
    'other/.project_root',
    'shop/tool-outputs/session-1/x.txt',
    'shop/logs/session-2026-11-02T09-00-b76b4c42.jsonl',
    'shop/tool-outputs/b76b4c42-037c/x.jsonl',
  ]
  expect(geminiCli.groupTranscripts(paths)).toEqual(new Map([['b76b4c42', expected]]))
  // A loader that knows a chat from a hook looks into its folder.
  expect(geminiCli.groupTranscripts([chat])).toEqual(new Map([['b76b4c42', [chat]]]))
  expect(geminiCli.transcriptKey?.('b76b4c42-037c-4ed3-a3ec-e6bea0edd724')).toBe('b76b4c42')
})
