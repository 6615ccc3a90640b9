/** Forks copy their parent's records. What happened once is told once: in the session that came first. */
import type { Event } from '../session/event.ts'
import type { ParseContext } from './agent.ts'

export interface Repeats {
  readonly own: readonly Event[]
  /** The session that told most of the others; null where there are none. */
  readonly forkedFrom: string | null
  readonly warnings: readonly string[]
}

export function withoutRepeats(events: readonly Event[], id: string, { knownEvents }: ParseContext): Repeats {
  if (knownEvents === undefined || knownEvents.size === 0) return { own: events, forkedFrom: null, warnings: [] }
  const origins = new Map<string, number>()
  const own = events.filter((event) => {
    const origin = knownEvents.get(event.id)
    if (origin === undefined || origin === id) return true
    origins.set(origin, (origins.get(origin) ?? 0) + 1)
    return false
  })
  const forkedFrom = [...origins].toSorted((left, right) => right[1] - left[1])[0]?.[0] ?? null
  const repeated = events.length - own.length
  const warnings = repeated === 0 ? [] : [`${repeated} events repeat ${forkedFrom} and are told there.`]
  return { own, forkedFrom, warnings }
}
