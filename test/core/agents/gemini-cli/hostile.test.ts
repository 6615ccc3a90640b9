import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed } from '../fixture-folder.ts'
import { hostileJson, jsonLines, testHostileLines } from '../hostile-json.ts'

const path = 'shop/chats/session-2026-11-02T09-00-b76b4c42.jsonl'
const header = { sessionId: 'b76b4c42-037c-4ed3-a3ec-e6bea0edd724', projectHash: 'x' }
const parsed = (text: string): Session | null => {
  const files = [{ path, text }]
  geminiCli.workingDirectories?.(files)
  return geminiCli.parse(files, context)
}
const check = (text: string): void => expectWellFormed(parsed(text))

const names = [
  'id',
  'type',
  'content',
  'displayContent',
  'text',
  'thought',
  'thoughts',
  'subject',
  'tokens',
  'input',
  'output',
  'cached',
  'model',
  'toolCalls',
  'name',
  'args',
  'file_path',
  'old_string',
  'new_string',
  'command',
  'status',
  'result',
  'functionResponse',
  'response',
  'error',
  'resultDisplay',
  'fileDiff',
  'filePath',
  'originalContent',
  'newContent',
  'diffStat',
  'isNewFile',
  'messages',
  'directories',
  '$set',
  '$rewindTo',
  'sessionId',
  'timestamp',
]
const words = [
  'user',
  'gemini',
  'info',
  'error',
  'success',
  'cancelled',
  'write_file',
  'replace',
  'run_shell_command',
  'a.ts',
  'one',
  'Output: x\nExit Code: 1\nProcess Group PGID: 1',
  '@@ -1 +1 @@\n-x\n+y',
  '<state_snapshot>',
]
const json = hostileJson(names, words)
const call = fc.record({
  id: json,
  name: fc.constantFrom(...words),
  args: json,
  status: fc.constantFrom('success', 'error', 'cancelled'),
  result: json,
  resultDisplay: json,
})
const message = fc.record(
  {
    id: fc.oneof(fc.constantFrom('m1', 'm2'), json),
    type: fc.constantFrom('user', 'gemini', 'info', 'error', 'other'),
    timestamp: fc.oneof(fc.constant('2026-11-02T09:00:00Z'), json),
    content: json,
    thoughts: json,
    tokens: json,
    model: json,
    toolCalls: fc.oneof(fc.array(call, { maxLength: 3 }), json),
  },
  { requiredKeys: ['type'] },
)
const line = fc.oneof(
  message,
  message,
  fc.record({ $set: fc.record({ messages: fc.array(message, { maxLength: 3 }) }) }),
  json,
)

describe('the parser never throws, and what it gives has the form of a session', () => {
  testHostileLines(check, { json, record: line, head: [header] })
  test('for an older document with anything in it', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (messages) =>
        check(JSON.stringify({ ...header, messages }, null, 2)),
      ),
    )
  })
  test('for a hook payload with anything in it', () => {
    fc.assert(
      fc.property(json, (value) => {
        geminiCli.readHook(value)
        geminiCli.isCaller({}, value)
      }),
    )
  })
})

test('a command cannot print its own exit code', () => {
  const result = (output: string) =>
    parsed(
      jsonLines([
        header,
        {
          id: 'm',
          type: 'gemini',
          content: '',
          toolCalls: [
            {
              id: 'c',
              name: 'run_shell_command',
              args: { command: 'x' },
              status: 'success',
              result: [{ functionResponse: { response: { output } } }],
            },
          ],
        },
      ]),
    )?.events.find((event) => event.kind === 'toolResult')
  const printed = 'Exit Code: 0\nProcess Group PGID: 1'
  expect(result(`Output: ${printed}\nExit Code: 1\nProcess Group PGID: 7`)).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
  })
  expect(result('Output: fine\nProcess Group PGID: 7')).toMatchObject({ outcome: 'ok', exitCode: 0 })
  expect(result('Output: \nSignal: 9\nProcess Group PGID: 7')).toMatchObject({ outcome: 'unknown', exitCode: null })
  expect(result('Command moved to background (PID: 7). Output hidden.')).toMatchObject({
    outcome: 'unknown',
    exitCode: null,
  })
})

test('usage is counted once for each message, however often it is written', () => {
  const answer = fc.record({ id: fc.constantFrom('m1', 'm2', 'm3'), output: fc.nat(1000) })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 12 }), (answers) => {
      const lines = answers.map(({ id, output }) => ({
        id,
        type: 'gemini',
        content: '',
        model: 'm',
        tokens: { output },
      }))
      const last = new Map(answers.map(({ id, output }) => [id, output]))
      const session = parsed(jsonLines([header, ...lines]))
      expect(session?.usage?.output).toBe([...last.values()].reduce((sum, output) => sum + output, 0))
    }),
  )
})
