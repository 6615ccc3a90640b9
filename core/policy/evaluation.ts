/** The usual answers of rules, so that each rule says only what is its own. */
import type { Session } from '../session/session.ts'
import type { Sighting } from '../session/sighting.ts'
import type { Citation, Doubt, Evaluation, Finding } from './policy.ts'

export const nothingFound: Evaluation = { findings: [], doubts: [], skipped: null }

export function skip(reason: string): Evaluation {
  return { findings: [], doubts: [], skipped: reason }
}

export function doubt(message: string, citations: readonly Citation[]): Evaluation {
  return { findings: [], doubts: [{ message, citations: [...citations] }], skipped: null }
}

export function citeEvents(events: readonly string[]): Citation[] {
  return events.map((event) => ({ event, file: null, start: null, end: null }))
}

/** For what the header alone says: its first event stands for the session, or its id where the events were not sent. */
export function citeSession(session: Session): Citation[] {
  return citeEvents([session.events[0]?.id ?? session.id])
}

export function citeFile(file: string, start: number | null = null, end: number | null = null): Citation {
  return { event: null, file, start, end }
}

/** A report that cites hundreds of places helps nobody; the first of them prove it. */
const MAX_CITATIONS = 20

export function citeSome(citations: readonly Citation[]): Citation[] {
  return citations.slice(0, MAX_CITATIONS)
}

/** Certain sightings are violations, doubtful ones doubts, and denied attempts a note: the guard did its work. */
export function judgeSightings(
  sightings: readonly Sighting[],
  words: Pick<Finding, 'policy' | 'severity' | 'fix'>,
): Evaluation {
  const denied = sightings.filter((sighting) => sighting.denied).length
  const done = sightings.filter((sighting) => !sighting.denied)
  return {
    findings: done
      .filter(({ certainty }) => certainty === 'certain')
      .map((sighting): Finding => ({ ...words, message: sighting.message, citations: citationsOf(sighting) })),
    doubts: done
      .filter(({ certainty }) => certainty === 'doubt')
      .map((sighting): Doubt => ({ message: sighting.message, citations: citationsOf(sighting) })),
    skipped: null,
    note: deniedNote(denied),
  }
}

export function deniedNote(denied: number): string | null {
  if (denied === 0) return null
  return `${denied} ${denied === 1 ? 'attempt was' : 'attempts were'} denied before it did anything.`
}

/** Paths inside the repository are cited as files too; the forge shows them beside the lines. */
function citationsOf({ events, text }: Sighting): Citation[] {
  const isPath = /^[^\s~/][^\s:]*$/.test(text) && (text.includes('/') || /\.\w+$/.test(text))
  const file = isPath && !text.startsWith('../') ? text : null
  return citeSome(events.map((event) => ({ event, file, start: null, end: null })))
}
