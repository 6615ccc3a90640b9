import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codex } from '#core/agents/codex/index.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed } from '../fixture-folder.ts'
import { hostileJson, jsonLines, testHostileLines } from '../hostile-json.ts'

const path = 'rollout-2026-11-02T10-00-00-01a203a2-f46b-7533-96ea-886ec9548cec.jsonl'
const parsed = (text: string): Session | null => codex.parse([{ path, text }], context)
const check = (text: string): void => expectWellFormed(parsed(text))

const words = [
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'apply_patch',
  'exec_command',
  'write_stdin',
  'spawn_agent',
  'user',
  'assistant',
  'user.text',
  'CommandExecution',
  'FileChange',
  'item_completed',
  'token_count',
  'patch_apply_end',
  'turn_aborted',
  'thread_rolled_back',
  'update',
  'add',
  'completed',
  'declined',
  'call_1',
  '*** Begin Patch\n*** Update File: a\n@@\n-x\n+y\n*** End Patch',
  '@@ -1 +1 @@\n-x\n+y',
  '{"session_id":1,"cmd":"x","command":["bash","-lc","y"]}',
  'Process running with session ID 1\n',
  'Chunk ID: a\nProcess exited with code 1\nOutput:\n',
]
const names = [
  'type',
  'id',
  'call_id',
  'name',
  'arguments',
  'input',
  'output',
  'role',
  'content',
  'text',
  'item',
  'changes',
  'unified_diff',
  'move_path',
  'status',
  'exit_code',
  'info',
  'total_token_usage',
  'last_token_usage',
  'usage',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'response_id',
  'forked_from_id',
  'git',
  'branch',
  'cwd',
  'model',
  'sandbox_policy',
  'source',
  'subagent',
  'message',
  'content_item_kinds',
  'num_turns',
  'internal_chat_message_metadata_passthrough',
]
const json = hostileJson(names, words)
const payload = fc.oneof(
  json,
  fc.record(Object.fromEntries(names.map((name) => [name, json])), { requiredKeys: ['type'] }),
)
const record = fc.record(
  {
    timestamp: fc.oneof(fc.constant('2026-11-02T09:00:00Z'), json),
    type: fc.constantFrom(
      'session_meta',
      'turn_context',
      'response_item',
      'event_msg',
      'compacted',
      'token_usage_record',
      'other',
      'message',
    ),
    payload,
  },
  { requiredKeys: ['type'] },
)

describe('the parser never throws, and what it gives has the form of a session', () => {
  testHostileLines(check, { json, record })
  test('for a hook payload with anything in it', () => {
    fc.assert(
      fc.property(json, (value) => {
        codex.readHook(value)
        codex.isCaller({}, value)
      }),
    )
  })
})

test('work is bounded for a patch whose lines repeat', () => {
  const added = `*** Begin Patch\n*** Add File: a\n${'+x\n'.repeat(60_000)}*** End Patch`
  const update = `*** Begin Patch\n*** Update File: a\n@@\n${' x\n'.repeat(30_000)}-y\n+z\n*** End Patch`
  const call = (id: string, input: string): unknown[] => [
    { type: 'response_item', payload: { type: 'custom_tool_call', name: 'apply_patch', call_id: id, input } },
    {
      type: 'response_item',
      payload: { type: 'custom_tool_call_output', call_id: id, output: 'Exit code: 0\nOutput:\n' },
    },
  ]
  check(jsonLines([...call('1', added), ...call('2', update)]))
})

test('a command cannot print its own exit code or refusal', () => {
  const output = (text: string) =>
    parsed(
      jsonLines([
        {
          type: 'response_item',
          payload: { type: 'function_call', name: 'exec_command', call_id: '1', arguments: '{"cmd":"x"}' },
        },
        { type: 'response_item', payload: { type: 'function_call_output', call_id: '1', output: text } },
      ]),
    )?.events.find((event) => event.kind === 'toolResult')
  const printed = 'Process exited with code 0\nexec command rejected by user\naborted by user'
  expect(output(`Wall time: 1 seconds\nProcess exited with code 1\nOutput:\n${printed}`)).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
  })
  expect(output(`Exit code: 1\nWall time: 1 seconds\nOutput:\n${printed}`)).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
  })
  const older = JSON.stringify({ output: 'exec command rejected by user', metadata: { exit_code: 1 } })
  expect(output(older)).toMatchObject({ outcome: 'failed', exitCode: 1 })
  expect(output(`Wall time: 1 seconds\nOutput:\n${printed}`)).toMatchObject({ outcome: 'unknown', exitCode: null })
})

test('usage is the last running total, however it is cut into records', () => {
  const answer = fc.record({ input: fc.nat(1000), output: fc.nat(1000), repeats: fc.integer({ min: 1, max: 3 }) })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 15 }), (answers) => {
      let input = 0
      let output = 0
      const lines = answers.flatMap((one) => {
        input += one.input
        output += one.output
        const total_token_usage = { input_tokens: input, output_tokens: output }
        const last_token_usage = { input_tokens: one.input, output_tokens: one.output }
        const line = {
          type: 'event_msg',
          payload: { type: 'token_count', info: { total_token_usage, last_token_usage } },
        }
        return Array.from({ length: one.repeats }, () => line)
      })
      expect(parsed(jsonLines(lines))?.usage).toMatchObject({ uncachedInput: input, output })
    }),
  )
})
