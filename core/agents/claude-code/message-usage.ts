/**
 * Usage of one answer of the model. The agent writes one record for each block of an answer and repeats the usage in
 * every one, still growing: the record with the most output is the last word.
 */

import type { Usage } from '../../session/usage.ts'
import { countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'
import { messageOf, type TranscriptRecord } from './records.ts'

/** Texts that the agent itself wrote in the model's role (`API Error: …`): no model, no cost. */
export const SYNTHETIC_MODEL = '<synthetic>'

export interface MessageUsage {
  readonly messageId: string
  readonly model: string
  readonly usage: Usage
}

/** null for a record that is no answer of a model, or one without usage. */
export function usageOf(record: TranscriptRecord): MessageUsage | null {
  const message = textIn(record.json, 'type') === 'assistant' ? messageOf(record) : null
  const usage = objectIn(message, 'usage')
  const model = textIn(message, 'model') ?? 'unknown'
  if (usage === null || model === SYNTHETIC_MODEL) return null
  const messageId = safeId(textIn(message, 'id')) ?? safeId(textIn(record.json, 'requestId')) ?? record.id
  return { messageId, model: model.slice(0, 200).toWellFormed(), usage: normalForm(usage) }
}

/** One entry for each answer, over all records of all threads. */
export function usageByMessage(records: readonly TranscriptRecord[]): ReadonlyMap<string, MessageUsage> {
  const messages = new Map<string, MessageUsage>()
  for (const record of records) {
    const found = usageOf(record)
    if (found === null) continue
    const known = messages.get(found.messageId)
    if (known === undefined || found.usage.output >= known.usage.output) messages.set(found.messageId, found)
  }
  return messages
}

/** A hundred times the largest context window: no answer used more, and sums stay exact. */
const MAX_TOKENS = 100_000_000

function tokensIn(usage: JsonObject | null, key: string): number {
  return Math.min(countIn(usage, key) ?? 0, MAX_TOKENS)
}

function normalForm(usage: JsonObject): Usage {
  const written = tokensIn(usage, 'cache_creation_input_tokens')
  const kept = objectIn(usage, 'cache_creation')
  const cacheWrite1h = tokensIn(kept, 'ephemeral_1h_input_tokens')
  const fiveMinutes = tokensIn(kept, 'ephemeral_5m_input_tokens')
  return {
    uncachedInput: tokensIn(usage, 'input_tokens'),
    cacheRead: tokensIn(usage, 'cache_read_input_tokens'),
    // Older versions give the sum only; what is not said to last an hour lasts five minutes.
    cacheWrite5m: Math.max(fiveMinutes, written - cacheWrite1h),
    cacheWrite1h,
    output: tokensIn(usage, 'output_tokens'),
    reasoning: tokensIn(objectIn(usage, 'output_tokens_details'), 'thinking_tokens'),
  }
}
