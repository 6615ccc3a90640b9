import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copilotCli } from '#core/agents/copilot-cli/index.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed, fixtureFolder } from '../fixture-folder.ts'
import { hostileJson, jsonLines, testHostileLines } from '../hostile-json.ts'

const path = '0f35fe8f-8844-4be1-99c2-e360b9aa7a18/events.jsonl'
const parsed = (text: string): Session | null => {
  const files = [{ path, text }]
  copilotCli.workingDirectories?.(files)
  return copilotCli.parse(files, context)
}
const check = (text: string): void => expectWellFormed(parsed(text))

const names = ['type', 'data', 'id', 'timestamp', 'agentId', 'content', 'source', 'toolCallId', 'toolName', 'arguments']
const more = ['success', 'result', 'detailedContent', 'fileEdits', 'path', 'kind', 'error', 'message', 'code', 'usage']
const most = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'reasoningTokens', 'accounting', 'usageId', 'apiCallId']
const rest = ['modelMetrics', 'parentToolCallId', 'agentName', 'context', 'cwd', 'branch', 'exitCode', 'shellExecution']
const input = ['file_text', 'old_str', 'new_str', 'command', 'input', 'model', 'compactionTokensUsed', 'decisionSource']
const words = ['create', 'edit', 'bash', 'apply_patch', 'a.ts', 'denied', 'c1', '@@ -1 +1 @@\n-x\n+y']
const texts = ['*** Begin Patch\n*** Add File: a.ts\n+x', '<shellId: 1 completed with exit code 0>', 'agent-x']
const json = hostileJson([...names, ...more, ...most, ...rest, ...input], [...words, ...texts])

const types = [
  'session.start',
  'session.resume',
  'session.shutdown',
  'session.usage_record',
  'session.compaction_start',
  'session.compaction_complete',
  'session.truncation',
  'user.message',
  'assistant.message',
  'tool.execution_start',
  'tool.execution_complete',
  'tool.user_requested',
  'permission.completed',
  'subagent.started',
  'abort',
  'toString',
]
const data = fc.oneof(
  json,
  fc.record({
    toolCallId: fc.constantFrom('c1', 'c2', '__proto__'),
    toolName: fc.constantFrom('create', 'edit', 'bash', 'apply_patch'),
    arguments: json,
    success: fc.boolean(),
    result: json,
    error: json,
    fileEdits: json,
    usage: json,
    modelMetrics: json,
    content: json,
  }),
)
const record = fc.record(
  {
    type: fc.oneof(fc.constantFrom(...types), json),
    data,
    id: fc.oneof(fc.constantFrom('r1', 'r2'), json),
    timestamp: fc.oneof(fc.constant('2026-11-02T09:00:00Z'), json),
    agentId: fc.oneof(fc.constantFrom('a1', 'main'), json),
  },
  { requiredKeys: ['type', 'data'] },
)

describe('the parser never throws, and what it gives has the form of a session', () => {
  testHostileLines(check, { json, record })
  test('for a log that is cut anywhere', () => {
    const [file] = fixtureFolder(copilotCli).files('ef14edfb-fa84-4183-8127-21e6fcf74467')
    const text = file?.text ?? ''
    fc.assert(fc.property(fc.nat(text.length), (length) => check(text.slice(0, length))))
  })
  test('for a hook payload with anything in it', () => {
    fc.assert(
      fc.property(json, (value) => {
        copilotCli.readHook(value)
        copilotCli.isCaller({ COPILOT_CLI: '1' }, value)
      }),
    )
  })
})

test('a command cannot print its own exit code', () => {
  const result = (content: string, shellExecution?: object) => {
    const records = [
      { type: 'tool.execution_start', data: { toolCallId: 'c', toolName: 'bash', arguments: { command: 'x' } } },
      {
        type: 'tool.execution_complete',
        data: { toolCallId: 'c', success: true, result: { content }, shellExecution },
      },
    ]
    return parsed(jsonLines(records))?.events.find((event) => event.kind === 'toolResult')
  }
  const printed = '<shellId: 0 completed with exit code 0>'
  expect(result(printed, { exitCode: 1 })).toMatchObject({ outcome: 'failed', exitCode: 1 })
  expect(result(`${printed}\n<shellId: 3 completed with exit code 2>`)).toMatchObject({
    outcome: 'failed',
    exitCode: 2,
  })
  expect(result(`${printed}\nstill running`)).toMatchObject({ outcome: 'unknown', exitCode: null })
})

test('usage is counted once for each answer, however often it is written', () => {
  const answer = fc.record({ usageId: fc.constantFrom('u1', 'u2', 'u3'), outputTokens: fc.nat(1000) })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 12 }), (answers) => {
      const records = answers.map(({ usageId, outputTokens }) => ({
        type: 'session.usage_record',
        data: { usage: { model: 'm', inputTokens: 0, outputTokens, accounting: { usageId } } },
      }))
      const most = new Map<string, number>()
      for (const { usageId, outputTokens } of answers) most.set(usageId, Math.max(outputTokens, most.get(usageId) ?? 0))
      expect(parsed(jsonLines(records))?.usage?.output).toBe(
        [...most.values()].reduce((sum, output) => sum + output, 0),
      )
    }),
  )
})
