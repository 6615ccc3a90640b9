/** From the files of one session to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { objectIn, textIn } from '../json-value.ts'
import { unrecognisedCounts } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { costStateWarning } from './cost-state.ts'
import { usageByMessage, usageOf } from './message-usage.ts'
import { type Draft, type Reading, startReading } from './reading.ts'
import { draftsOf } from './record-drafts.ts'
import { readTranscript, type Transcript, type TranscriptRecord } from './records.ts'
import { subagentStarts } from './subagents.ts'
import { permissionModeOf } from './user-record.ts'

export const CLAUDE_CODE = 'claude-code'

export function parseClaudeCode(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const transcript = readTranscript(files)
  if (transcript === null) return null
  const id = `${CLAUDE_CODE}:${transcript.sessionId}`
  const { own, repeated } = withoutRepeats(transcript.records, id, context)
  const reading = startReading(context, usageByMessage(transcript.records))
  for (const record of repeated.records) {
    const messageId = usageOf(record)?.messageId
    if (messageId !== undefined) reading.usageWritten.add(messageId)
  }
  const events = eventsOf(own, transcript, reading)
  const forkedFrom = namedParent(transcript.records) ?? repeated.mostlyFrom
  const warnings = [
    ...(repeated.records.length === 0
      ? []
      : [`${repeated.records.length} records repeat ${repeated.mostlyFrom} and are told there.`]),
    ...(forkedFrom === null ? costStateWarning(transcript.records, reading.usage) : []),
  ]
  const header = summarise(events, {
    id,
    agent: { id: CLAUDE_CODE, version: last(own, 'version') },
    entrypoint: first(own, 'entrypoint'),
    ...span(own.map(({ at }) => at)),
    branches: distinct(own.map((record) => textIn(record.json, 'gitBranch'))).filter((branch) => branch !== 'HEAD'),
    permissionModes: distinct(own.map((record) => permissionModeOf(record.json))),
    forkedFrom,
    capture: context.capture,
    parse: {
      records: transcript.records.length,
      malformed: transcript.malformed,
      unrecognised: unrecognisedCounts(reading),
    },
    warnings,
    countedMessages: context.countedMessages,
    recordsUsage: true,
  })
  return { ...header, events }
}

interface Repeats {
  readonly own: readonly TranscriptRecord[]
  readonly repeated: { readonly records: readonly TranscriptRecord[]; readonly mostlyFrom: string | null }
}

/** A fork copies records of its parent with their ids. What happened once is told once: in the session that came first. */
function withoutRepeats(records: readonly TranscriptRecord[], id: string, context: ParseContext): Repeats {
  const own: TranscriptRecord[] = []
  const repeated: TranscriptRecord[] = []
  const origins = new Map<string, number>()
  const seen = new Set<string>()
  for (const record of records) {
    const origin = originOf(record, context)
    if (origin !== undefined && origin !== id) {
      repeated.push(record)
      origins.set(origin, (origins.get(origin) ?? 0) + 1)
    } else if (!seen.has(record.id)) {
      seen.add(record.id)
      own.push(record)
    }
  }
  const mostlyFrom = [...origins].toSorted((left, right) => right[1] - left[1])[0]?.[0] ?? null
  return { own, repeated: { records: repeated, mostlyFrom } }
}

/** The session that told this record already; a record without words may have left nothing but its usage. */
function originOf(record: TranscriptRecord, context: ParseContext): string | undefined {
  if (context.knownEvents === undefined || record.uuid === null) return undefined
  const messageId = usageOf(record)?.messageId
  return context.knownEvents.get(record.uuid) ?? context.knownEvents.get(`usage:${messageId}`)
}

function eventsOf(records: readonly TranscriptRecord[], transcript: Transcript, reading: Reading): readonly Event[] {
  const starts = subagentStarts(transcript.records, transcript.metas)
  const announced = new Set<string>()
  const announcement = (agentId: string): readonly Draft[] => {
    const start = starts.get(agentId)
    if (start === undefined || announced.has(agentId)) return []
    announced.add(agentId)
    const { startedBy, ...about } = start
    const words = { type: reading.clean(about.type), description: reading.clean(about.description) }
    return [{ id: `subagent:${agentId}`, thread: startedBy, event: { kind: 'subagent', ...about, ...words } }]
  }
  const events: Event[] = []
  for (const record of records) {
    const started = safeId(textIn(objectIn(record.json, 'toolUseResult'), 'agentId'))
    const drafts = [
      ...(record.thread === 'main' ? [] : announcement(record.thread)),
      ...draftsOf(record, reading),
      ...(started === null ? [] : announcement(started)),
    ]
    let number = 0
    for (const { event, id, thread } of drafts) {
      const ownId = id ?? (number++ === 0 ? record.id : `${record.id}#${number}`)
      events.push({ ...event, id: ownId, at: record.at, thread: thread ?? record.thread })
    }
  }
  return events
}

/** Some versions write into a fork's records which session they come from. */
function namedParent(records: readonly TranscriptRecord[]): string | null {
  for (const record of records) {
    const parent = safeId(textIn(objectIn(record.json, 'forkedFrom'), 'sessionId'))
    if (parent !== null) return `${CLAUDE_CODE}:${parent}`
  }
  return null
}

function first(records: readonly TranscriptRecord[], key: string): string | null {
  return word(records.map((record) => textIn(record.json, key)).find((value) => value !== null))
}

function last(records: readonly TranscriptRecord[], key: string): string | null {
  return word(records.findLast((record) => textIn(record.json, key) !== null)?.json[key])
}
