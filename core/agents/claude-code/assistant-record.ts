/** Records of the model: one block of its answer each, in older versions several. */
import { type JsonObject, objectIn, textIn } from '../json-value.ts'
import { toolCallDraft } from '../reading.ts'
import { unrecognised } from '../unrecognised.ts'
import { blocksOf } from './blocks.ts'
import { callIdOf } from './call-id.ts'
import { SYNTHETIC_MODEL, usageOf } from './message-usage.ts'
import type { Draft, Reading } from './reading.ts'
import { messageOf, type TranscriptRecord } from './records.ts'
import { toolResult } from './tool-result.ts'
import { categoryOf, commandOf, pathsOf } from './tools.ts'

export function assistantDrafts(record: TranscriptRecord, reading: Reading): readonly Draft[] {
  const message = messageOf(record)
  const isSynthetic = textIn(message, 'model') === SYNTHETIC_MODEL
  const drafts = blocksOf(message?.['content']).flatMap((block) => blockDrafts(block, record, reading, isSynthetic))
  return [...drafts, ...usageDrafts(record, reading)]
}

function blockDrafts(
  block: JsonObject,
  record: TranscriptRecord,
  reading: Reading,
  isSynthetic: boolean,
): readonly Draft[] {
  const type = textIn(block, 'type') ?? ''
  if (type === 'text') {
    const text = reading.clean(textIn(block, 'text') ?? '')
    if (text === '') return []
    return [{ event: isSynthetic ? { kind: 'context', source: 'agent-error', text } : { kind: 'message', text } }]
  }
  if (type === 'thinking') {
    // Newer versions leave the words out and keep the signature, which proves nothing to anybody but the vendor.
    const text = reading.clean(textIn(block, 'thinking') ?? '')
    return text === '' ? [] : [{ event: { kind: 'reasoning', text } }]
  }
  if (type === 'redacted_thinking') return []
  if (/^(tool_use|server_tool_use|mcp_tool_use)$/.test(type)) return [toolCall(block, record, reading)]
  if (/_tool_result$/.test(type)) return toolResult(block, record, reading)
  return unrecognised(`assistant.${type}`, block, reading)
}

function toolCall(block: JsonObject, record: TranscriptRecord, reading: Reading): Draft {
  const tool = reading.clean(textIn(block, 'name') ?? 'unknown').slice(0, 200)
  const callId = callIdOf(textIn(block, 'id'), record)
  const input = objectIn(block, 'input')
  const category = categoryOf(tool)
  reading.calls.set(callId, { tool, category, input })
  const call = {
    callId,
    tool,
    category,
    input: input ?? {},
    command: commandOf(tool, input),
    paths: [...pathsOf(input)],
  }
  return toolCallDraft(call, textIn(record.json, 'cwd'), reading)
}

/** At the first record of an answer, with what its last record knows. */
function usageDrafts(record: TranscriptRecord, reading: Reading): readonly Draft[] {
  const messageId = usageOf(record)?.messageId
  const found = messageId === undefined ? undefined : reading.usage.get(messageId)
  if (found === undefined || reading.usageWritten.has(found.messageId)) return []
  reading.usageWritten.add(found.messageId)
  return [{ id: `usage:${found.messageId}`, event: { kind: 'usage', ...found } }]
}
