/** From the rows or files of one session, and of the subagents' sessions that it started, to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { countIn, objectIn, textIn, timeIn } from '../json-value.ts'
import { unrecognisedCounts } from '../reading.ts'
import { withoutRepeats } from '../repeats.ts'
import { safeId } from '../safe-id.ts'
import { uniqueIds } from '../unique-ids.ts'
import { draftsOf, type Message, usageOf } from './message-drafts.ts'
import { type Reading, startReading } from './reading.ts'
import { readStore, type Store, type Stored } from './store.ts'

export const OPENCODE = 'opencode'

export function parseOpencode(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const store = readStore(files)
  const root = rootOf(store)
  if (root === null || store.messages.length === 0) return null
  const id = `${OPENCODE}:${root.id}`
  const parent = safeId(textIn(root.json, 'parentID'))
  const reading = startReading(context)
  const { own, forkedFrom, warnings } = withoutRepeats(eventsOf(store, root, reading), id, context)
  const header = summarise(own, {
    id,
    agent: { id: OPENCODE, version: word(textIn(root.json, 'version')) },
    entrypoint: null,
    ...span([
      ...(forkedFrom === null ? store.messages.map(({ json }) => createdAt(json)) : []),
      ...own.map(({ at }) => at),
    ]),
    // The branch is not stored.
    branches: [],
    permissionModes: distinct(store.messages.map(modeOf)),
    forkedFrom,
    // A subagent's session that is read alone, as from the files of older versions.
    ...(parent === null ? {} : { delegation: { parent: `${OPENCODE}:${parent}`, orchestrator: null, human: null } }),
    capture: context.capture,
    parse: { records: store.records, malformed: store.malformed, unrecognised: unrecognisedCounts(reading) },
    warnings: [...warnings, ...sumWarning(store)],
    countedMessages: context.countedMessages,
    recordsUsage: true,
  })
  return { ...header, events: own }
}

/** The session that none of the others started. */
function rootOf({ sessions }: Store): Stored | null {
  const present = new Set(sessions.map(({ id }) => id))
  return sessions.find(({ json }) => !present.has(textIn(json, 'parentID') ?? '')) ?? null
}

interface Told {
  readonly event: Event
  /** Latest time of its thread so far: clocks may step back, the order of a thread does not. */
  readonly since: string
}

function eventsOf(store: Store, root: Stored, reading: Reading): readonly Event[] {
  const parts = Map.groupBy(store.parts, ({ messageId }) => messageId ?? '')
  const isWithoutParent = safeId(textIn(root.json, 'parentID')) === null
  const latest = new Map<string, string>()
  const [keys, ids] = [uniqueIds(), uniqueIds()]
  const told: Told[] = []
  for (const { id: messageId, sessionId, json } of store.messages) {
    const thread = sessionId === root.id ? 'main' : sessionId
    const message: Message = {
      json,
      parts: parts.get(messageId) ?? [],
      key: keys(keyOf(json, messageId)),
      isSubagent: thread !== 'main' || !isWithoutParent,
    }
    for (const { event, id, at } of draftsOf(message, reading)) {
      const time = at ?? createdAt(json)
      const since = later(latest.get(thread) ?? '', time)
      latest.set(thread, since)
      told.push({ event: { ...event, id: ids(id ?? message.key), at: time, thread }, since })
    }
  }
  return told
    .toSorted((left, right) => (left.since < right.since ? -1 : left.since > right.since ? 1 : 0))
    .map(({ event }) => event)
}

function later(since: string, time: string | null): string {
  return time !== null && time > since ? time : since
}

/** A fork copies messages under new ids; the moments at which they were made, to the millisecond, go with them. */
function keyOf(json: Stored['json'], messageId: string): string {
  const time = objectIn(json, 'time')
  const created = countIn(time, 'created')
  if (created === null) return messageId
  return [textIn(json, 'role') === 'user' ? 'user' : 'assistant', created, countIn(time, 'completed') ?? 'open'].join(
    '-',
  )
}

function createdAt(json: Stored['json']): string | null {
  return timeIn(objectIn(json, 'time'), 'created')
}

/** `build`, `plan` and the person's own: which of them may change files is a matter of their permissions. */
function modeOf({ json }: Stored): string | null {
  const mode = textIn(json, 'agent') ?? textIn(json, 'mode')
  return mode === null || mode === '' ? null : `agent:${mode}`
}

/** At most one warning: output tokens of the program's own sum that no message shows. */
function sumWarning({ sessions, messages }: Store): readonly string[] {
  const theirs = sessions.reduce((sum, { json }) => sum + (countIn(json, 'output') ?? 0), 0)
  const ours = messages.reduce((sum, { json }) => sum + (usageOf(objectIn(json, 'tokens'))?.output ?? 0), 0)
  return theirs <= ours ? [] : [`OpenCode counted ${theirs - ours} output tokens that no message shows.`]
}
