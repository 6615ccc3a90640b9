/** Claude Code's own total, written when it exits: a check on ours, never its source. */
import { asObject, countIn, objectIn, textIn } from '../json-value.ts'
import type { MessageUsage } from './message-usage.ts'
import type { TranscriptRecord } from './records.ts'

/** At most one warning: by how much the two totals of output tokens differ. */
export function costStateWarning(
  records: readonly TranscriptRecord[],
  usage: ReadonlyMap<string, MessageUsage>,
): readonly string[] {
  const state = records.findLast((record) => textIn(record.json, 'type') === 'cost-state')
  const models = objectIn(state?.json ?? null, 'modelUsage')
  if (state === undefined || models === null) return []
  const theirs = Object.values(models).reduce<number>(
    (sum, one) => sum + (countIn(asObject(one), 'outputTokens') ?? 0),
    0,
  )
  // What came after the total was written is not in it: a resumed session that has not exited yet.
  const counted = new Set(records.slice(0, records.indexOf(state)).map((record) => messageIdOf(record)))
  const ours = [...usage.values()]
    .filter(({ messageId }) => counted.has(messageId))
    .reduce((sum, one) => sum + one.usage.output, 0)
  if (theirs <= ours) return []
  return [
    `Claude Code counted ${theirs - ours} output tokens that no record shows, as hidden calls such as compaction do.`,
  ]
}

function messageIdOf(record: TranscriptRecord): string | null {
  return textIn(objectIn(record.json, 'message'), 'id')
}
