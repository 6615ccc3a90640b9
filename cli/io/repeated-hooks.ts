/**
 * One event, told once. An agent that also runs the hooks of another agent's settings calls Stemma twice for the same
 * event where both files are installed; the second telling says nothing new.
 */
import type { HookNote } from '#core/agents/agent.ts'
import type { SpoolRecord } from './spool-record.ts'

/** Both hooks answer to one event, and agents end a hook after ten seconds at most, as our hook files ask them to. */
const MAX_MILLISECONDS_APART = 15_000

interface Told {
  record: SpoolRecord
  readonly callId: string | null
  /** Configurations by which the event was told. */
  readonly configurations: Set<string>
}

/** In the order of time. Of two tellings the one with a snapshot stays, then the agent's own, then the first. */
export function withoutRepeats(
  records: readonly SpoolRecord[],
  noteOf: (record: SpoolRecord) => HookNote | null,
): readonly SpoolRecord[] {
  // One configuration alone cannot repeat itself, and reading every payload again would cost a push its time.
  if (new Set(records.map(({ agent }) => agent)).size < 2) return records
  const told = new Map<string, Told[]>()
  const dropped = new Set<SpoolRecord>()
  for (const record of records) {
    const note = noteOf(record)
    if (note === null) continue
    const key = JSON.stringify([note.session, note.event, note.category, note.paths])
    const recent = (told.get(key) ?? []).filter(
      (one) => record.milliseconds - one.record.milliseconds <= MAX_MILLISECONDS_APART,
    )
    const same = recent.find(
      ({ configurations, callId }) =>
        !configurations.has(record.agent) && (callId === null || note.callId === null || callId === note.callId),
    )
    if (same === undefined) {
      recent.push({ record, callId: note.callId, configurations: new Set([record.agent]) })
    } else {
      same.configurations.add(record.agent)
      const isBetter = worth(record, note) > worth(same.record, note)
      dropped.add(isBetter ? same.record : record)
      if (isBetter) same.record = record
    }
    told.set(key, recent)
  }
  return records.filter((record) => !dropped.has(record))
}

/** What the agent's own hooks say is complete; through another agent's settings some of it may be missing. */
function worth({ snapshot, agent }: SpoolRecord, note: HookNote): number {
  return (snapshot !== null && snapshot.kind !== 'lost' ? 2 : 0) + (agent === note.agent ? 1 : 0)
}
