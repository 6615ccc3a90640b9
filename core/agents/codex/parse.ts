/** From the file of one session to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { type JsonObject, objectIn, textIn } from '../json-value.ts'
import { unrecognisedCounts } from '../reading.ts'
import { withoutRepeats } from '../repeats.ts'
import { safeId } from '../safe-id.ts'
import { uniqueIds } from '../unique-ids.ts'
import { type Draft, type Reading, startReading } from './reading.ts'
import { draftsOf } from './record-drafts.ts'
import { eachRecord, type RolloutHead, type RolloutRecord, readHead } from './records.ts'
import { usageReader } from './token-usage.ts'

export const CODEX = 'codex'

export function parseCodex(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const head = readHead(files)
  if (head === null) return null
  const { meta } = head
  const id = `${CODEX}:${head.sessionId}`
  const reading = startReading(context, {
    isSubagent: objectIn(objectIn(meta, 'source'), 'subagent') !== null || textIn(meta, 'thread_source') === 'subagent',
    workingDirectory: textIn(meta, 'cwd'),
  })
  const named = safeId(textIn(meta, 'forked_from_id'))
  const { places, ids, times, modes, malformed } = readRecords(files, { ...head, isFork: named !== null }, reading)
  if (times.length === 0) return null
  const { own, forkedFrom, warnings } = withoutRepeats(eventsOf(places, ids), id, context)
  const header = summarise(own, {
    id,
    agent: { id: CODEX, version: word(textIn(meta, 'cli_version')) },
    entrypoint: word(textIn(meta, 'originator') ?? textIn(meta, 'source')),
    ...span(times),
    branches: distinct([textIn(objectIn(meta, 'git'), 'branch')]),
    permissionModes: distinct(modes),
    forkedFrom: named === null ? forkedFrom : `${CODEX}:${named}`,
    capture: context.capture,
    parse: { records: times.length, malformed, unrecognised: unrecognisedCounts(reading) },
    warnings: [...warnings],
    countedMessages: context.countedMessages,
    recordsUsage: true,
  })
  return { ...header, events: own }
}

/** Either an event, or what becomes of a call, told at this place once all records are read. */
type Place = Event | (() => readonly Event[])

interface Records {
  readonly places: readonly Place[]
  /** Of those events. To look at each while it is at hand costs a third of what it costs in the end. */
  readonly ids: Set<string>
  /** One for each record. */
  readonly times: readonly (string | null)[]
  readonly modes: readonly string[]
  readonly malformed: number
}

/** Each record is looked at once and let go: to hold all of them costs more than to parse them. */
function readRecords(
  files: readonly TranscriptFile[],
  { sessionId, isFork }: RolloutHead & { readonly isFork: boolean },
  reading: Reading,
): Records {
  const usageIn = usageReader(sessionId, isFork)
  const [places, times, modes]: [Place[], (string | null)[], string[]] = [[], [], []]
  const ids = new Set<string>()
  const tell = (event: Event): void => {
    ids.add(event.id)
    places.push(event)
  }
  const read = (record: RolloutRecord): void => {
    const { id, at, type } = record
    times.push(at)
    if (type === 'turn_context') modes.push(...modesOf(record))
    reading.notes.note(record)
    const counted = usageIn(record)
    for (const told of draftsOf(record, reading)) {
      if (typeof told === 'function') places.push(() => told().map((draft) => eventOf(draft, id, at)))
      else tell(eventOf(told, id, at))
    }
    if (counted === null) return
    const usage = { kind: 'usage', model: reading.model, ...counted } as const
    tell(eventOf({ id: `usage:${counted.messageId}`, event: usage }, id, at))
  }
  let malformed = 0
  for (const { text } of files) malformed += eachRecord(text, sessionId, read)
  return { places, ids, times, modes, malformed }
}

function eventOf({ event, id }: Draft, recordId: string, at: string | null): Event {
  return { ...event, id: id ?? recordId, at, thread: 'main' }
}

/** `ids`: those of all places that are events; those of the others are added. */
function eventsOf(places: readonly Place[], ids: Set<string>): readonly Event[] {
  const events: Event[] = []
  for (const place of places) {
    if (typeof place !== 'function') events.push(place)
    else {
      for (const event of place()) {
        ids.add(event.id)
        events.push(event)
      }
    }
  }
  if (ids.size === events.length) return events
  const unique = uniqueIds()
  return events.map((event) => {
    const id = unique(event.id)
    return id === event.id ? event : { ...event, id }
  })
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
