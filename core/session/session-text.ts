/** A session as text: JSON lines, the header first, then one event a line. The same session gives the same bytes. */
import { canonicalJson } from '../evidence/canonical-json.ts'
import { Fault } from '../fault.ts'
import { Event } from './event.ts'
import { type Session, SessionHeader } from './session.ts'

/** Keys are sorted in every object, so that the order in which a parser built it does not matter. */
export function writeSession(session: Session): string {
  const { events, ...header } = session
  const lines = [canonicalJson({ type: 'session', ...header })]
  for (const event of events) lines.push(canonicalJson({ type: 'event', event }))
  return `${lines.join('\n')}\n`
}

/** Throws transcript-malformed, with the line's number, for whatever `writeSession` would not write. */
export function readSession(text: string): Session {
  const header = readHeader(text)
  const events = readEvents(text)
  expectCount(header, events.length)
  return { ...header, events }
}

/** Throws transcript-malformed where the header announces another number of events than follow. */
export function expectCount({ eventCount }: SessionHeader, found: number): void {
  if (found !== eventCount) throw malformed(1, `announces ${eventCount} events, but ${found} follow`)
}

/** Reads the first line only. */
export function readHeader(text: string): SessionHeader {
  const end = text.indexOf('\n')
  const { type, ...header } = readLine(end < 0 ? text : text.slice(0, end), 1)
  if (type !== 'session') throw malformed(1, 'is not the header of a session')
  const parsed = SessionHeader.safeParse(header)
  if (!parsed.success) throw malformed(1, `does not have the header's form (${where(parsed.error)})`)
  return parsed.data
}

/** The events from `offset`, at most `limit` of them; lines outside of that window are skipped unread. */
export function readEvents(text: string, window: { readonly offset?: number; readonly limit?: number } = {}): Event[] {
  const { offset = 0, limit = Number.POSITIVE_INFINITY } = window
  const events: Event[] = []
  let number = 1
  let start = lineEnd(text, 0) + 1
  while (start < text.length && events.length < limit) {
    number++
    const end = lineEnd(text, start)
    if (number - 2 >= offset) events.push(readEvent(text.slice(start, end), number))
    start = end + 1
  }
  return events
}

/** All events, `size` of them at a time: no more than those are in memory beside the text. */
export function* readEventsInPieces(text: string, size: number): Generator<readonly Event[]> {
  let events: Event[] = []
  let number = 1
  let start = lineEnd(text, 0) + 1
  while (start < text.length) {
    number++
    const end = lineEnd(text, start)
    events.push(readEvent(text.slice(start, end), number))
    start = end + 1
    if (events.length < size) continue
    yield events
    events = []
  }
  if (events.length > 0) yield events
}

function readEvent(line: string, number: number): Event {
  const record = readLine(line, number)
  if (record['type'] !== 'event') throw malformed(number, 'is not an event')
  const parsed = Event.safeParse(record['event'])
  if (!parsed.success) throw malformed(number, `does not have an event's form (${where(parsed.error)})`)
  return parsed.data
}

function readLine(line: string, number: number): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw malformed(number, 'is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(number, 'is not an object')
  return { ...value }
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

function where(error: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] }): string {
  return error.issues[0]?.path.map(String).join('.') || 'at its root'
}

function malformed(number: number, what: string): Fault {
  return new Fault('transcript-malformed', {
    message: `Line ${number} of the transcript ${what}.`,
    hint: 'Write the session again with the same version of Stemma: `stemma push`.',
  })
}
