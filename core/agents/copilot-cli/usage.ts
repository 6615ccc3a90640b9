/**
 * Tokens of one answer, in the normal form. Input includes what was read from and written to the cache, output what was
 * thought. Versions that wrote no record for each answer told the sum of a session when it ended.
 */
import { addUsage, noUsage, type Usage } from '../../session/usage.ts'
import { asObject, countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import type { Draft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import type { CopilotRecord } from './records.ts'

/** A hundred times the largest context window: no answer used more, and sums stay exact. */
const MAX_TOKENS = 100_000_000

/** Of a session's sum: as many answers as a long session has. */
const MAX_SUM = 1_000 * MAX_TOKENS

export function usageOf(tokens: JsonObject, most = MAX_TOKENS): Usage {
  const count = (key: string): number => Math.min(countIn(tokens, key) ?? 0, most)
  const cacheRead = count('cacheReadTokens')
  const cacheWrite5m = count('cacheWriteTokens')
  return {
    uncachedInput: Math.max(0, count('inputTokens') - cacheRead - cacheWrite5m),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output: count('outputTokens'),
    reasoning: Math.min(count('reasoningTokens'), count('outputTokens')),
  }
}

/** `session.usage_record` holds it as `usage`, `assistant.usage` is it. A fork keeps the id of what it copied. */
export function usageDrafts({ data, id }: CopilotRecord): readonly Draft[] {
  const tokens = objectIn(data, 'usage') ?? data
  if (countIn(tokens, 'inputTokens') === null && countIn(tokens, 'outputTokens') === null) return []
  const named = textIn(objectIn(tokens, 'accounting'), 'usageId') ?? textIn(tokens, 'apiCallId')
  return [usageDraft(safeId(named) ?? id, textIn(tokens, 'model'), usageOf(tokens))]
}

export function usageDraft(messageId: string, model: string | null, usage: Usage): Draft {
  const name = (model ?? 'unknown').slice(0, 200).toWellFormed()
  return { id: `usage:${messageId}`, event: { kind: 'usage', messageId, model: name, usage } }
}

export function tellsUsage({ type }: CopilotRecord): boolean {
  return type === 'session.usage_record' || type === 'assistant.usage'
}

interface Closing {
  readonly record: CopilotRecord
  readonly metrics: ReadonlyMap<string, Usage>
}

/** Sums go on over a resume as long as the session's start stays the same; only the last of them counts then. */
function closings(records: readonly CopilotRecord[]): readonly Closing[] {
  const byStart = new Map<unknown, Closing>()
  for (const record of records) {
    if (record.type !== 'session.shutdown') continue
    const metrics = objectIn(record.data, 'modelMetrics')
    if (metrics === null) continue
    const usages = Object.entries(metrics)
      .slice(0, 100)
      .map(([model, value]): [string, Usage] => [model, usageOf(objectIn(asObject(value), 'usage') ?? {}, MAX_SUM)])
    byStart.set(record.data['sessionStartTime'] ?? null, { record, metrics: new Map(usages) })
  }
  return [...byStart.values()]
}

/** Record id -> usage of a whole session; for versions that tell it nowhere else. One event stands for many answers. */
export function closingUsage(records: readonly CopilotRecord[]): ReadonlyMap<string, readonly Draft[]> {
  if (records.some(tellsUsage)) return new Map()
  return new Map(
    closings(records).map(({ record, metrics }) => [
      record.id,
      [...metrics].map(([model, usage], index) => usageDraft(`${record.id}:${index}`, model, usage)),
    ]),
  )
}

/** At most one warning: output tokens of the session's own sum that no record shows. */
export function closingWarning(records: readonly CopilotRecord[]): readonly string[] {
  if (!records.some(tellsUsage)) return []
  const last = closings(records).at(-1)
  if (last === undefined) return []
  const until = records.indexOf(last.record)
  const ours = records
    .slice(0, until)
    .filter(tellsUsage)
    .map(({ data }) => usageOf(objectIn(data, 'usage') ?? data))
    .reduce(addUsage, noUsage)
  const theirs = [...last.metrics.values()].reduce(addUsage, noUsage)
  return theirs.output <= ours.output
    ? []
    : [`Copilot CLI counted ${theirs.output - ours.output} output tokens that no record shows.`]
}
