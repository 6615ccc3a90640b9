/** When agents were at work, and on what: calls that were seen, and times of which too little is known. */
import type { Session } from '#core/session/session.ts'
import { noteOf, type SpoolRecord } from '../io/spool.ts'
import {
  type Doubt,
  doubtAfter,
  doubtBefore,
  harmless,
  type Noted,
  type Surroundings,
  sideEffects,
  unreadDoubts,
  unseenCalls,
} from './doubts.ts'
import { inputOf, toldLines } from './tool-input.ts'

/** A tool call from its hook before to its hook after. */
export interface Call {
  readonly session: string
  readonly model: string | null
  readonly callId: string | null
  readonly start: number
  readonly end: number
  readonly by: 'edit' | 'command'
  /** Work tree in which it was observed. */
  readonly root: string
  /** For `edit`: relative to `root`; null = anything in the tree. */
  readonly path: string | null
  /** Lines that stand in what the agent asked for (new texts, the command line); null where it asks for none. */
  readonly told: ReadonlySet<string> | null
}

export interface Activity {
  readonly calls: readonly Call[]
  readonly doubts: readonly Doubt[]
  /** Sessions whose hooks were seen at work. */
  readonly hooked: ReadonlySet<string>
}

/** `canonical` maps the spelling of a work tree's path to the one spelling that states use. */
export function activityOf(
  records: readonly SpoolRecord[],
  sessions: readonly Session[],
  canonical: (root: string) => string,
): Activity {
  const noted = records.map((record) => ({ record, note: noteOf(record) }))
  const known = noted.filter((entry): entry is Noted => entry.note !== null)
  const changing = known.filter(({ note }) => !harmless.has(note.category ?? 'other'))
  const modelAt = modelsOf(sessions)
  const calls: Call[] = []
  const doubts: Doubt[] = unreadDoubts(noted)
  const open = new Map<string, Noted[]>()
  const roots = new Set(records.flatMap(({ snapshot }) => (snapshot ? [canonical(snapshot.root)] : [])))
  const surroundings: Surroundings = { known, roots, canonical }
  for (const entry of changing) {
    const { note } = entry
    if (note.event !== 'beforeTool' && note.event !== 'afterTool') continue
    const key =
      note.callId === null
        ? `${note.session}\0${note.category}\0${note.paths[0] ?? ''}`
        : `${note.session}\0${note.callId}`
    const waiting = open.get(key) ?? []
    if (note.event === 'beforeTool') {
      open.set(key, [...waiting, entry])
      continue
    }
    const before = waiting[0]
    if (before) open.set(key, waiting.slice(1))
    const call = before ? callOf(before, entry, modelAt, canonical) : null
    if (call) calls.push(call)
    else doubts.push(doubtBefore(entry, known))
    doubts.push(...sideEffects(before ?? entry, entry, surroundings))
  }
  for (const entry of [...open.values()].flat()) doubts.push(doubtAfter(entry, known))
  const observed = new Set(
    changing.filter(({ record }) => record.snapshot).map(({ note }) => `${note.session}\0${note.callId}`),
  )
  doubts.push(...sessions.flatMap((session) => unseenCalls(session, observed)))
  return {
    calls,
    doubts,
    hooked: new Set(changing.filter(({ record }) => record.snapshot).map(({ note }) => note.session)),
  }
}

function callOf(
  before: Noted,
  after: Noted,
  modelAt: (session: string, milliseconds: number) => string | null,
  canonical: (root: string) => string,
): Call | null {
  const snapshots = [before.record.snapshot, after.record.snapshot]
  const [first, second] = snapshots
  if (!first || !second || first.kind === 'lost' || second.kind === 'lost') return null
  const { note } = after
  const isEdit = note.category === 'edit'
  const root = canonical(second.root)
  if (canonical(first.root) !== root) return null
  // A patch of several files is observed as a whole, like a command.
  const single = isEdit && note.paths.length === 1 ? pathBelow(note.paths[0], second.root) : null
  const named = second.kind === 'file' ? second.path : single
  return {
    session: note.session,
    model: note.model ?? modelAt(note.session, after.record.milliseconds),
    callId: note.callId,
    start: before.record.milliseconds,
    end: after.record.milliseconds,
    by: isEdit && named !== null ? 'edit' : 'command',
    root,
    path: isEdit ? named : null,
    told: toldLines(inputOf(before.record.payload) ?? inputOf(after.record.payload)),
  }
}

function pathBelow(path: string | undefined, root: string): string | null {
  return path?.startsWith(`${root}/`) ? path.slice(root.length + 1) : null
}

function modelsOf(sessions: readonly Session[]): (session: string, milliseconds: number) => string | null {
  const answers = new Map<string, { readonly milliseconds: number; readonly model: string }[]>()
  const first = new Map(sessions.map((session) => [session.id, session.models[0]?.model ?? null]))
  for (const { id, events } of sessions) {
    const ofSession = events.flatMap((event) =>
      event.kind === 'usage' && event.at !== null ? [{ milliseconds: Date.parse(event.at), model: event.model }] : [],
    )
    answers.set(
      id,
      ofSession.sort((left, right) => left.milliseconds - right.milliseconds),
    )
  }
  return (session, milliseconds) => {
    const known = answers.get(session) ?? []
    let low = 0
    let high = known.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((known[middle]?.milliseconds ?? 0) <= milliseconds) low = middle + 1
      else high = middle
    }
    return known[low - 1]?.model ?? first.get(session) ?? null
  }
}
