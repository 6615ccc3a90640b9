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
import { type Draft, type Later, type Reading, startReading } from './reading.ts'
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
  const { places, times, modes, malformed } = readRecords(files, { ...head, isFork: named !== null }, reading)
  if (times.length === 0) return null
  const { own, forkedFrom, warnings } = withoutRepeats(eventsOf(places), id, context)
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
type Place = Event | { readonly later: Later; readonly id: string; readonly at: string | null }

interface Records {
  readonly places: readonly Place[]
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
  const read = (record: RolloutRecord): void => {
    const { id, at, type } = record
    times.push(at)
    if (type === 'turn_context') modes.push(...modesOf(record))
    reading.notes.note(record)
    const counted = usageIn(record)
    for (const told of draftsOf(record, reading)) {
      places.push(typeof told === 'function' ? { later: told, id, at } : eventOf(told, id, at))
    }
    if (counted === null) return
    const usage = { kind: 'usage', model: reading.model, ...counted } as const
    places.push(eventOf({ id: `usage:${counted.messageId}`, event: usage }, id, at))
  }
  let malformed = 0
  for (const { text } of files) malformed += eachRecord(text, sessionId, read)
  return { places, times, modes, malformed }
}

function eventOf({ event, id }: Draft, recordId: string, at: string | null): Event {
  return { ...event, id: id ?? recordId, at, thread: 'main' }
}

function eventsOf(places: readonly Place[]): readonly Event[] {
  const unique = uniqueIds()
  const add = (event: Event): void => {
    const id = unique(event.id)
    events.push(id === event.id ? event : { ...event, id })
  }
  const events: Event[] = []
  for (const place of places) {
    if ('kind' in place) add(place)
    else for (const draft of place.later()) add(eventOf(draft, place.id, place.at))
  }
  return events
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
