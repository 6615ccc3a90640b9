/** Periods of whole UTC days: no time zone, no daylight saving, no half days. */

const DAY_MS = 86_400_000

/** Both days inclusive, `YYYY-MM-DD`. */
export interface Period {
  readonly from: string
  readonly to: string
}

/** The UTC day of an RFC 3339 timestamp. */
export function dayOf(timestamp: string): string {
  return new Date(timestamp).toISOString().slice(0, 10)
}

export function daysIn({ from, to }: Period): readonly string[] {
  const days: string[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) days.push(dayOf(new Date(at).toISOString()))
  return days
}

export function lengthOf({ from, to }: Period): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
}

/** The period of equal length that ends the day before. */
export function previousPeriod(period: Period): Period {
  const length = lengthOf(period)
  return { from: shift(period.from, -length), to: shift(period.from, -1) }
}

/** `days` days that end with `to`. */
export function periodEnding(to: string, days: number): Period {
  return { from: shift(to, 1 - days), to }
}

function shift(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}
