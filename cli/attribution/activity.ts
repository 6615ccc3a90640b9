/** When agents were at work, and on what: which changes between two observed states can be theirs. */
import type { HookNote } from '#core/agents/agent.ts'
import type { Session } from '#core/session/session.ts'
import { noteOf, type SpoolRecord } from '../io/spool.ts'

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

/** A time in which an agent may have changed files without being seen to. */
export interface Doubt {
  readonly start: number
  readonly end: number
  /** null = in any work tree. */
  readonly root: string | null
  /** null = any file. */
  readonly path: string | null
}

export interface Activity {
  readonly calls: readonly Call[]
  readonly doubts: readonly Doubt[]
  /** Sessions whose hooks were seen at work. */
  readonly hooked: ReadonlySet<string>
}

type Category = NonNullable<HookNote['category']>
const harmless: ReadonlySet<Category> = new Set(['read', 'search', 'web', 'subagent', 'skill'])

interface Noted {
  readonly record: SpoolRecord
  readonly note: HookNote
}

/** What a call is judged among. */
interface Surroundings {
  readonly known: readonly Noted[]
  /** Work trees that were observed. */
  readonly roots: ReadonlySet<string>
  readonly canonical: (root: string) => string
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

/** Keys under which tools name a file, and not what is to stand in it. */
const NAMING = /path|file_?name|^file$|^cwd$|^description$/i
/** Tool inputs nest two or three levels. */
const MAX_DEPTH = 8

/** Lines of every text in a tool's input: also of the texts that it replaces, which stood there anyway. */
function toldLines(input: Record<string, unknown> | null): ReadonlySet<string> | null {
  const lines = new Set<string>()
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') for (const line of value.split(/\r?\n/)) lines.add(line)
    else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
      for (const [key, inner] of Object.entries(value)) if (!NAMING.test(key)) visit(inner, depth + 1)
  }
  visit(input, 0)
  return [...lines].every((line) => line === '') ? null : lines
}

function pathBelow(path: string | undefined, root: string): string | null {
  return path?.startsWith(`${root}/`) ? path.slice(root.length + 1) : null
}

/** A payload that cannot be read, or of an agent that is not known: what happened around it is not known either. */
function unreadDoubts(entries: readonly { readonly record: SpoolRecord; readonly note: HookNote | null }[]): Doubt[] {
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

const HOUR = 60 * 60 * 1000

/** A call that was refused, or whose second hook is missing: it may have run until the turn was over. */
function doubtAfter({ record, note }: Noted, known: readonly Noted[]): Doubt {
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
function doubtBefore({ record, note }: Noted, known: readonly Noted[]): Doubt {
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
function sideEffects(before: Noted, after: Noted, { known, roots, canonical }: Surroundings): readonly Doubt[] {
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

function inputOf(payload: unknown): Record<string, unknown> | null {
  if (typeof payload !== 'object' || payload === null) return null
  for (const key of ['tool_input', 'toolArgs', 'args']) {
    const input = Object.entries(payload).find(([name]) => name === key)?.[1]
    if (typeof input === 'object' && input !== null) return Object.fromEntries(Object.entries(input))
  }
  return Object.fromEntries(Object.entries(payload))
}

/** Calls that a transcript tells of and no hook saw: hooks were off, untrusted, or matched other tools. */
function unseenCalls(session: Session, observed: ReadonlySet<string>): readonly Doubt[] {
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

const overlaps = (left: { readonly start: number; readonly end: number }, start: number, end: number): boolean =>
  left.start < end && left.end > start

export interface Gap {
  readonly root: string
  readonly path: string
  readonly start: number
  readonly end: number
}

export type GapAuthor =
  | {
      readonly kind: 'agent'
      readonly by: 'edit' | 'command'
      readonly session: string
      readonly model: string | null
      readonly callId: string | null
      readonly told: ReadonlySet<string> | null
      /** So long that a person may have typed and saved meanwhile. */
      readonly isLong: boolean
    }
  | { readonly kind: 'person' }
  | { readonly kind: 'unknown' }

/** What a person does while an agent's call lasts no longer than this (ms) is in all likelihood nothing. */
const MOMENT = 10_000

/** Who can have changed the file between two observed states. A call that names the file outweighs one that does not. */
export function authorOf(gap: Gap, { calls, doubts }: Activity): GapAuthor {
  const near = calls.filter(
    (call) =>
      call.root === gap.root && (call.path === null || call.path === gap.path) && overlaps(call, gap.start, gap.end),
  )
  const covering = near.filter((call) => call.start <= gap.start && call.end >= gap.end)
  for (const by of ['edit', 'command'] as const) {
    const group = covering.filter((call) => call.by === by)
    const [first] = group
    if (!first) continue
    if (group.some(({ session }) => session !== first.session)) return { kind: 'unknown' }
    const { session, model, callId, told } = first
    return { kind: 'agent', by, session, model, callId, told, isLong: first.end - first.start > MOMENT }
  }
  const isDoubtful = doubts.some(
    (doubt) =>
      (doubt.root === null || doubt.root === gap.root) &&
      (doubt.path === null || doubt.path === gap.path) &&
      overlaps(doubt, gap.start, gap.end),
  )
  return near.length > 0 || isDoubtful ? { kind: 'unknown' } : { kind: 'person' }
}
