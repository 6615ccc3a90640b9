/** From the file of one session to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { type JsonObject, objectIn, textIn } from '../json-value.ts'
import { unrecognisedCounts } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { callDetails } from './call-details.ts'
import { type Draft, type Reading, startReading } from './reading.ts'
import { draftsOf } from './record-drafts.ts'
import { type Rollout, type RolloutRecord, readRollout } from './records.ts'
import { usageReader } from './token-usage.ts'

export const CODEX = 'codex'

export function parseCodex(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const rollout = readRollout(files)
  if (rollout === null) return null
  const { meta, records } = rollout
  const id = `${CODEX}:${rollout.sessionId}`
  const reading = startReading(context, {
    details: callDetails(records),
    isSubagent: objectIn(objectIn(meta, 'source'), 'subagent') !== null || textIn(meta, 'thread_source') === 'subagent',
    workingDirectory: textIn(meta, 'cwd'),
  })
  const named = safeId(textIn(meta, 'forked_from_id'))
  const { own, repeated, mostlyFrom } = withoutRepeats(eventsOf(rollout, named !== null, reading), id, context)
  const git = objectIn(meta, 'git')
  const header = summarise(own, {
    id,
    agent: { id: CODEX, version: word(textIn(meta, 'cli_version')) },
    entrypoint: word(textIn(meta, 'originator') ?? textIn(meta, 'source')),
    ...span(records.map(({ at }) => at)),
    branches: distinct([textIn(git, 'branch')]),
    permissionModes: distinct(records.filter(({ type }) => type === 'turn_context').flatMap(modesOf)),
    forkedFrom: named === null ? mostlyFrom : `${CODEX}:${named}`,
    capture: context.capture,
    parse: {
      records: records.length,
      malformed: rollout.malformed,
      unrecognised: unrecognisedCounts(reading),
    },
    warnings: repeated === 0 ? [] : [`${repeated} events repeat ${mostlyFrom} and are told there.`],
    countedMessages: context.countedMessages,
    recordsUsage: true,
  })
  return { ...header, events: own }
}

function eventsOf(rollout: Rollout, isFork: boolean, reading: Reading): readonly Event[] {
  const usageIn = usageReader(rollout.sessionId, isFork)
  const ids = new Set<string>()
  const repeated = new Map<string, number>()
  const unique = (id: string): string => {
    // One search for each id: nearly all of them are new.
    const before = ids.size
    ids.add(id)
    if (ids.size > before) return id
    const times = (repeated.get(id) ?? 1) + 1
    repeated.set(id, times)
    return `${id}#${times}`
  }
  const events: Event[] = []
  for (const record of rollout.records) {
    const { at } = record
    const add = ({ event, id }: Draft): void => {
      events.push({ ...event, id: unique(id ?? record.id), at, thread: 'main' })
    }
    const counted = usageIn(record)
    for (const draft of draftsOf(record, reading)) add(draft)
    if (counted === null) continue
    add({ id: `usage:${counted.messageId}`, event: { kind: 'usage', model: reading.model, ...counted } })
  }
  return events
}

interface Repeats {
  readonly own: readonly Event[]
  readonly repeated: number
  readonly mostlyFrom: string | null
}

/** Forks of older versions copy their parent's records. What happened once is told once: in the session that came first. */
function withoutRepeats(events: readonly Event[], id: string, { knownEvents }: ParseContext): Repeats {
  const origins = new Map<string, number>()
  const own = events.filter((event) => {
    const origin = knownEvents?.get(event.id)
    if (origin === undefined || origin === id) return true
    origins.set(origin, (origins.get(origin) ?? 0) + 1)
    return false
  })
  const mostlyFrom = [...origins].toSorted((left, right) => right[1] - left[1])[0]?.[0] ?? null
  return { own, repeated: events.length - own.length, mostlyFrom }
}

/** How freely the agent might act: when it had to ask, and what its commands could reach. */
function modesOf({ payload }: RolloutRecord): readonly string[] {
  const approval = textIn(payload, 'approval_policy')
  const sandbox = sandboxOf(payload)
  return [...(approval === null ? [] : [`approval:${approval}`]), ...(sandbox === null ? [] : [`sandbox:${sandbox}`])]
}

/** An object with a type, in older versions also `mode`, or the type alone. */
function sandboxOf(payload: JsonObject): string | null {
  const policy = objectIn(payload, 'sandbox_policy')
  return textIn(policy, 'type') ?? textIn(policy, 'mode') ?? textIn(payload, 'sandbox_policy')
}
