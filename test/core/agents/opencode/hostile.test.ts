import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { opencode } from '#core/agents/opencode/index.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed } from '../fixture-folder.ts'
import { hostileJson, jsonLines, testHostileLines } from '../hostile-json.ts'
import { filesOf, honest, older, rowsOf } from './fixtures.ts'

const parsed = (text: string): Session | null => {
  const files = [{ path: 'ses_1.jsonl', text }]
  opencode.workingDirectories?.(files)
  return opencode.parse(files, context)
}
const check = (text: string): void => expectWellFormed(parsed(text))

const names = [
  'kind',
  'id',
  'session',
  'message',
  'data',
  'role',
  'time',
  'created',
  'completed',
  'start',
  'end',
  'tokens',
]
const more = [
  'input',
  'output',
  'cache',
  'read',
  'type',
  'text',
  'tool',
  'callID',
  'state',
  'status',
  'error',
  'metadata',
]
const most = [
  'exit',
  'diff',
  'filediff',
  'patch',
  'before',
  'after',
  'files',
  'filePath',
  'movePath',
  'content',
  'exists',
]
const rest = [
  'oldString',
  'newString',
  'command',
  'patchText',
  'sessionId',
  'model',
  'modelID',
  'parentID',
  'summary',
  'auto',
]
const words = [
  'user',
  'assistant',
  'text',
  'tool',
  'completed',
  'error',
  'write',
  'edit',
  'bash',
  'apply_patch',
  'task',
  'a.ts',
]
const texts = ['*** Begin Patch\n*** Update File: a.ts\n@@\n-x\n+y', '@@ -1 +1 @@\n-x\n+y', 'Denied by Stemma: no']
const json = hostileJson([...names, ...more, ...most, ...rest], [...words, ...texts])
const some = (...values: readonly unknown[]) => fc.oneof(fc.constantFrom(...values), json)

const session = { kind: 'session', id: 'ses_1', session: 'ses_1', message: null, data: { directory: '/home/ada/shop' } }
const part = fc.record({
  kind: fc.constant('part'),
  id: some('p1', 'p2', 'p3'),
  session: fc.constant('ses_1'),
  message: fc.constantFrom('m1', 'm2'),
  data: fc.record({
    type: some('text', 'tool', 'reasoning', 'compaction', 'file', 'retry', 'subtask'),
    tool: some(...words),
    callID: json,
    text: json,
    state: fc.record({
      status: some('completed', 'error', 'running'),
      input: json,
      output: json,
      error: json,
      metadata: json,
      time: json,
    }),
  }),
})
const message = fc.record({
  kind: fc.constant('message'),
  id: fc.constantFrom('m1', 'm2'),
  session: fc.constantFrom('ses_1', 'ses_2'),
  data: fc.record({
    role: some('user', 'assistant'),
    time: json,
    tokens: json,
    modelID: json,
    error: json,
    summary: json,
    path: json,
  }),
})
const line = fc.oneof(message, part, part, json)

describe('the parser never throws, and what it gives has the form of a session', () => {
  testHostileLines(check, { json, record: line, head: [session] })
  test('for rows whose JSON is a text, as the database has them', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const rows = lines.map((row) =>
          typeof row === 'object' && row !== null && 'data' in row ? { ...row, data: JSON.stringify(row.data) } : row,
        )
        check(jsonLines([session, ...rows]))
      }),
    )
  })
  test('for files of older versions with anything in them', () => {
    const files = filesOf(older)
    fc.assert(
      fc.property(fc.nat(files.length - 1), json, (at, value) => {
        expectWellFormed(
          opencode.parse(
            files.map((file, index) => (index === at ? { ...file, text: JSON.stringify(value) ?? '' } : file)),
            context,
          ),
        )
      }),
    )
  })
  test('for a transcript that is cut anywhere', () => {
    const [file] = rowsOf(honest)
    const text = file?.text ?? ''
    fc.assert(fc.property(fc.nat(text.length), (length) => check(text.slice(0, length))))
  })
  test('for a hook payload with anything in it', () => {
    fc.assert(
      fc.property(json, (value) => {
        opencode.readHook(value)
        opencode.isCaller({}, value)
      }),
    )
  })
  test('for any paths', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (paths) => {
        opencode.groupTranscripts(paths)
      }),
    )
  })
})

test('a command cannot print what the program says of it', () => {
  const result = (output: string) => {
    const data = {
      type: 'tool',
      tool: 'bash',
      callID: 'c',
      state: { status: 'completed', input: {}, output, metadata: {} },
    }
    const rows = [
      session,
      { kind: 'message', id: 'm1', session: 'ses_1', data: { role: 'assistant' } },
      { kind: 'part', id: 'p1', session: 'ses_1', message: 'm1', data },
    ]
    return parsed(jsonLines(rows))?.events.find((event) => event.kind === 'toolResult')?.outcome
  }
  const note = '<shell_metadata>\nUser aborted the command\n</shell_metadata>'
  expect(result(`one\n${note}`)).toBe('interrupted')
  expect(result(`${note}\none`)).toBe('unknown')
  expect(result('Denied by Stemma: no')).toBe('unknown')
})

test('usage is counted once for each message, whatever its steps repeat', () => {
  const tokens = { input: 3, output: 5, reasoning: 2, cache: { read: 7, write: 1 } }
  const step = { type: 'step-finish', tokens }
  const rows = [
    session,
    { kind: 'message', id: 'm1', session: 'ses_1', data: { role: 'assistant', modelID: 'm', tokens } },
    { kind: 'message', id: 'm1', session: 'ses_1', data: { role: 'assistant', modelID: 'm', tokens } },
    { kind: 'part', id: 'p1', session: 'ses_1', message: 'm1', data: step },
    { kind: 'part', id: 'p2', session: 'ses_1', message: 'm1', data: step },
  ]
  expect(parsed(jsonLines(rows))?.usage).toEqual({
    uncachedInput: 3,
    cacheRead: 7,
    cacheWrite5m: 1,
    cacheWrite1h: 0,
    output: 7,
    reasoning: 2,
  })
})
