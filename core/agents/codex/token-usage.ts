/**
 * Usage of each answer of the model. Today's versions write one record an answer, with its id; older ones repeat a running
 * total, which is counted by how much it grew. A total that was carried over from another session is not counted again.
 */
import type { Usage } from '../../session/usage.ts'
import { countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'
import type { RolloutRecord } from './records.ts'

/** As Codex counts: input includes what was cached, output what was thought. */
interface Tokens {
  readonly input: number
  readonly cached: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
}

export interface AnswerUsage {
  readonly messageId: string
  readonly usage: Usage
}

/** A hundred times the largest context window: no answer used more, and sums stay exact. */
const MAX_TOKENS = 100_000_000

/** A running total over the longest session: sums stay exact. */
const MAX_TOTAL = 1_000_000_000_000

/** Reads the records in their order; null for one that tells of no further answer. `isFork`: it begins with another's total. */
export function usageReader(sessionId: string, isFork: boolean): (record: RolloutRecord) => AnswerUsage | null {
  let total: Tokens | null = null
  const seen = new Set<string>()
  return ({ type, payload, id }) => {
    if (type === 'token_usage_record') {
      const own = tokensIn(objectIn(payload, 'usage'))
      const messageId = safeId(textIn(payload, 'response_id')) ?? id
      if (own === null || seen.has(messageId)) return null
      seen.add(messageId)
      total = tokensIn(objectIn(payload, 'thread_token_usage'), MAX_TOTAL) ?? sum(total, own)
      return { messageId, usage: normalForm(own) }
    }
    if (type !== 'event_msg' || textIn(payload, 'type') !== 'token_count') return null
    const info = objectIn(payload, 'info')
    const now = tokensIn(objectIn(info, 'total_token_usage'), MAX_TOTAL)
    if (now === null) return null
    const last = tokensIn(objectIn(info, 'last_token_usage'))
    const grown = difference(now, total)
    // At the first total of a forked session, and where a total starts anew, the last answer alone is new.
    const isForeign = grown === null || (isFork && total === null)
    const own = isForeign && last !== null ? last : grown
    total = now
    if (own === null || own.input + own.output === 0) return null
    return { messageId: `${sessionId}:${now.input}+${now.output}`, usage: normalForm(own) }
  }
}

function tokensIn(usage: JsonObject | null, most = MAX_TOKENS): Tokens | null {
  if (usage === null) return null
  return {
    input: Math.min(countIn(usage, 'input_tokens') ?? 0, most),
    cached: Math.min(countIn(usage, 'cached_input_tokens') ?? 0, most),
    cacheWrite: Math.min(countIn(usage, 'cache_write_input_tokens') ?? 0, most),
    output: Math.min(countIn(usage, 'output_tokens') ?? 0, most),
    reasoning: Math.min(countIn(usage, 'reasoning_output_tokens') ?? 0, most),
  }
}

function sum(left: Tokens | null, right: Tokens): Tokens {
  return left === null ? right : combined(left, right, (one, other) => one + other)
}

/** null where the total shrank: it belongs to another count. */
function difference(now: Tokens, before: Tokens | null): Tokens | null {
  if (before === null) return now
  if (now.input < before.input || now.output < before.output) return null
  return combined(now, before, (one, other) => Math.max(0, one - other))
}

function combined(left: Tokens, right: Tokens, of: (left: number, right: number) => number): Tokens {
  return {
    input: of(left.input, right.input),
    cached: of(left.cached, right.cached),
    cacheWrite: of(left.cacheWrite, right.cacheWrite),
    output: of(left.output, right.output),
    reasoning: of(left.reasoning, right.reasoning),
  }
}

function normalForm({ input, cached, cacheWrite, output, reasoning }: Tokens): Usage {
  return {
    uncachedInput: Math.max(0, input - cached - cacheWrite),
    cacheRead: cached,
    cacheWrite5m: cacheWrite,
    cacheWrite1h: 0,
    output,
    reasoning: Math.min(reasoning, output),
  }
}
