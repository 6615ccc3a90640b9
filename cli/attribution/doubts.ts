/** Times in which an agent may have changed files without being seen to: what happened then is nobody's for certain. */
import type { HookNote } from '#core/agents/agent.ts'
import type { Session } from '#core/session/session.ts'
import type { SpoolRecord } from '../io/spool.ts'
import { inputOf } from './tool-input.ts'

export interface Doubt {
  readonly start: number
  readonly end: number
  /** null = in any work tree. */
  readonly root: string | null
  /** null = any file. */
  readonly path: string | null
}

export interface Noted {
  readonly record: SpoolRecord
  readonly note: HookNote
}

/** What a call is judged among. */
export interface Surroundings {
  readonly known: readonly Noted[]
  /** Work trees that were observed. */
  readonly roots: ReadonlySet<string>
  readonly canonical: (root: string) => string
}

type Category = NonNullable<HookNote['category']>
/** What such a call does changes no file. */
export const harmless: ReadonlySet<Category> = new Set(['read', 'search', 'web', 'subagent', 'skill'])

const HOUR = 60 * 60 * 1000

/** A payload that cannot be read, or of an agent that is not known: what happened around it is not known either. */
export function unreadDoubts(
  entries: readonly { readonly record: SpoolRecord; readonly note: HookNote | null }[],
): Doubt[] {
  return entries.flatMap(({ record, note }, index) => {
    if (note !== null) return []
    const start = entries[index - 1]?.record.milliseconds ?? Number.NEGATIVE_INFINITY
    const end = entries[index + 1]?.record.milliseconds ?? Number.POSITIVE_INFINITY
    return [
      {
        start: Math.max(start, record.milliseconds - HOUR),
        end: Math.min(end, record.milliseconds + HOUR),
        root: null,
        path: null,
      },
    ]
  })
}

/** A call that was refused, or whose second hook is missing: it may have run until the turn was over. */
export function doubtAfter({ record, note }: Noted, known: readonly Noted[]): Doubt {
  const end = known.find(
    (other) =>
      other.note.session === note.session &&
      other.record.milliseconds > record.milliseconds &&
      ['prompt', 'turnEnd', 'sessionEnd', 'sessionStart'].includes(other.note.event),
  )
  return {
    start: record.milliseconds,
    end: end?.record.milliseconds ?? record.milliseconds + HOUR,
    root: null,
    path: null,
  }
}

/** A call of which only the end was seen. */
export function doubtBefore({ record, note }: Noted, known: readonly Noted[]): Doubt {
  const start = known.findLast(
    (other) => other.note.session === note.session && other.record.milliseconds < record.milliseconds,
  )
  return {
    start: start?.record.milliseconds ?? record.milliseconds - HOUR,
    end: record.milliseconds,
    root: null,
    path: null,
  }
}

/** Commands that go on after their hook, and commands that reach into another work tree. */
export function sideEffects(before: Noted, after: Noted, { known, roots, canonical }: Surroundings): readonly Doubt[] {
  const input = inputOf(after.record.payload) ?? inputOf(before.record.payload)
  if (after.note.category !== 'shell' || input === null) return []
  const command = typeof input['command'] === 'string' ? input['command'] : ''
  const doubts: Doubt[] = []
  const isBackground =
    input['run_in_background'] === true || input['is_background'] === true || /(?<![&>|<])&(?![&>\d])/.test(command)
  if (isBackground) {
    const sessionEnd = known.find(
      ({ record, note }) =>
        note.session === after.note.session &&
        note.event === 'sessionEnd' &&
        record.milliseconds > after.record.milliseconds,
    )
    const end = sessionEnd?.record.milliseconds ?? after.record.milliseconds + 24 * HOUR
    doubts.push({ start: after.record.milliseconds, end, root: null, path: null })
  }
  const own = after.record.snapshot ? canonical(after.record.snapshot.root) : null
  for (const root of roots) {
    if (root !== own && (command.includes('..') || command.includes(root))) {
      doubts.push({ start: before.record.milliseconds, end: after.record.milliseconds, root, path: null })
    }
  }
  return doubts
}

/** Calls that a transcript tells of and no hook saw: hooks were off, untrusted, or matched other tools. */
export function unseenCalls(session: Session, observed: ReadonlySet<string>): readonly Doubt[] {
  const results = new Map(
    session.events.filter((event) => event.kind === 'toolResult').map((event) => [event.callId, event.at]),
  )
  return session.events.flatMap((event): readonly Doubt[] => {
    if (event.kind !== 'toolCall' || harmless.has(event.category) || observed.has(`${session.id}\0${event.callId}`))
      return []
    const start = event.at ?? session.startedAt
    const end = results.get(event.callId) ?? session.endedAt
    if (start !== null && end !== null) {
      const time = { start: Date.parse(start), end: Date.parse(end), root: null }
      // An edit tool changes the files that it names, and no others.
      const named = event.category === 'edit' ? event.paths : []
      return named.length === 0 ? [{ ...time, path: null }] : named.map((path) => ({ ...time, path }))
    }
    // Without any time, only the files that the call names are in doubt, but those always.
    return event.paths.map((path) => ({
      start: Number.NEGATIVE_INFINITY,
      end: Number.POSITIVE_INFINITY,
      root: null,
      path,
    }))
  })
}
