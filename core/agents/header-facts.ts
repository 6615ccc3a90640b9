/** What a header says of all records together. */
import type { SessionHeader } from '../session/session.ts'

/** First and last moment; clocks may step back, so neither need be at an end of the list. */
export function span(times: Iterable<string | null>): Pick<SessionHeader, 'startedAt' | 'endedAt'> {
  let startedAt: string | null = null
  let endedAt: string | null = null
  for (const at of times) {
    if (at === null) continue
    if (startedAt === null || endedAt === null) [startedAt, endedAt] = [at, at]
    else if (at > endedAt) endedAt = at
    else if (at < startedAt) startedAt = at
  }
  return { startedAt, endedAt }
}

/** A version, an entrypoint: short, well-formed, or null. */
export function word(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 100).toWellFormed() : null
}

/** A branch may be named anything, and a header is signed: not more of them than a person could have used. */
const MAX_DISTINCT = 200

export function distinct(values: readonly (string | null)[]): string[] {
  const words = new Set(
    values.filter((value) => value !== null && value !== '').map((value) => (value ?? '').slice(0, 300).toWellFormed()),
  )
  return [...words].slice(0, MAX_DISTINCT)
}
