/**
 * The second witness: what the transcripts say that agents wrote, replayed onto the commit's parent. It needs no hooks,
 * but sees neither people nor commands, so that it can say `ai` and nothing else.
 */
import type { FileEdit, Hunk } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import { align } from './alignment.ts'
import { follow } from './history.ts'
import { countTexts, saysSomething, similarity, withoutSpace } from './lines.ts'
import { type Author, type Origin, originBy } from './origins.ts'
import type { History, Version } from './version.ts'

export interface TranscriptEdit {
  readonly session: string
  readonly model: string | null
  readonly callId: string
  /** Since 1970; null where the agent records no time. */
  readonly milliseconds: number | null
  readonly edit: FileEdit
}

/** Successful edits of all sessions in the order of time; those without a time stay behind the one before them. */
export function editsOf(sessions: readonly Session[]): readonly TranscriptEdit[] {
  const edits = sessions.flatMap((session) => editsOfSession(session))
  const keyed = edits.map((edit, index) => ({ edit, index, at: edit.milliseconds ?? Number.NEGATIVE_INFINITY }))
  let latest = Number.NEGATIVE_INFINITY
  let session = ''
  for (const entry of keyed) {
    if (entry.edit.session !== session) latest = Number.NEGATIVE_INFINITY
    session = entry.edit.session
    latest = Math.max(latest, entry.at)
    entry.at = latest
  }
  return keyed
    .sort((left, right) => (left.at === right.at ? left.index - right.index : left.at - right.at))
    .map(({ edit }) => edit)
}

function editsOfSession(session: Session): readonly TranscriptEdit[] {
  const edits: TranscriptEdit[] = []
  // A thread keeps its model until an answer of another one comes.
  const models = new Map<string, string>()
  const only = session.models.length === 1 ? (session.models[0]?.model ?? null) : null
  for (const event of session.events) {
    if (event.kind === 'usage') models.set(event.thread, event.model)
    if (event.kind !== 'toolResult' || event.outcome !== 'ok') continue
    const milliseconds = event.at === null ? null : Date.parse(event.at)
    const model = models.get(event.thread) ?? only
    for (const edit of event.edits) edits.push({ session: session.id, model, callId: event.callId, milliseconds, edit })
  }
  return edits
}

/** Replays edits of one file onto `base` (lines without terminators). An edit that does not fit is remembered by its text. */
export function replay(base: readonly string[], edits: readonly TranscriptEdit[]): History {
  const versions: Version[] = []
  const loose = new Map<string, Origin>()
  const removals = new Map<string, Author>()
  let lines = base
  for (const [index, { edit, session, model }] of edits.entries()) {
    // The person changed what the agent proposed: which lines are whose is not recorded.
    const author: Author = edit.userModified
      ? { kind: 'unknown' }
      : { kind: 'agent', by: 'edit', session, model, ...editedTexts(edit) }
    const next = edit.kind === 'delete' ? [] : apply(lines, edit)
    for (const text of sideOf(edit, '-')) removals.set(text, author)
    if (next === null) rememberLoose(loose, edit, author)
    else {
      lines = next
      versions.push({ id: `${index}`, lines, author })
    }
  }
  const history = follow(base, versions)
  return {
    versions: history.versions,
    memory: new Map([...loose, ...history.memory]),
    removals: new Map([...removals, ...history.removals]),
  }
}

/**
 * Of an edit that does not fit, only what it writes anew is the agent's. What it takes away elsewhere it moved, or
 * indented; and what resembles such a line it made out of one whose author is not known here.
 */
function rememberLoose(loose: Map<string, Origin>, edit: FileEdit, author: Author): void {
  const added = sideOf(edit, '+')
  const counts = countTexts(added)
  const taken = sideOf(edit, '-').filter(saysSomething)
  const origins = new Map(taken.map((text) => [text, loose.get(text)]))
  for (const text of added) {
    if (counts.get(text) !== 1 || !saysSomething(text)) continue
    const source = taken.length * added.length > MAX_PAIRS ? undefined : nearestTo(text, taken)
    const origin = source === undefined ? originBy(author) : origins.get(source)
    if (origin === undefined || (source !== undefined && origin.session !== sessionOf(author))) loose.delete(text)
    else loose.set(text, origin)
  }
}

/** Comparing each with each stays cheap up to this many pairs. */
const MAX_PAIRS = 40_000

function nearestTo(text: string, others: readonly string[]): string | undefined {
  let nearest: string | undefined
  let most = 0
  for (const other of others) {
    const alike = similarity(text, other)
    if (alike > most) {
      most = alike
      nearest = other
    }
  }
  return nearest
}

function sessionOf(author: Author): string | null {
  return author.kind === 'agent' ? author.session : null
}

function sideOf(edit: FileEdit, sign: '+' | '-'): readonly string[] {
  return edit.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.startsWith(sign)).map(textOf))
}

/** null where the edit was made on another text than we have. */
function apply(lines: readonly string[], edit: FileEdit): readonly string[] | null {
  if (edit.kind === 'create') return edit.hunks.flatMap((hunk) => side(hunk, '+'))
  let result = lines
  let drift = 0
  for (const hunk of edit.hunks) {
    const before = side(hunk, '-')
    const after = side(hunk, '+')
    const expected = Math.max(0, hunk.oldStart - (hunk.oldLines === 0 ? 0 : 1)) + drift
    const at = find(result, before, expected)
    if (at === null) {
      // The parent has it already: the edit was committed before.
      if (after.length > 0 && find(result, after, expected) !== null) continue
      return null
    }
    result = [...result.slice(0, at), ...after, ...result.slice(at + before.length)]
    drift += after.length - before.length
  }
  return result
}

function side(hunk: Hunk, sign: '+' | '-'): readonly string[] {
  return hunk.lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).map(textOf)
}

function textOf(line: string): string {
  return line.slice(1).replace(/\r$/, '')
}

/** Where the text stands: at the expected line, or at the only other place. Nothing to look for stands where expected. */
function find(lines: readonly string[], wanted: readonly string[], expected: number): number | null {
  const stands = (at: number): boolean => wanted.every((line, offset) => lines[at + offset] === line)
  if (expected <= lines.length && stands(expected)) return expected
  if (wanted.length === 0) return null
  const first = wanted[0] ?? ''
  let found: number | null = null
  for (let at = lines.indexOf(first); at !== -1; at = lines.indexOf(first, at + 1)) {
    if (!stands(at)) continue
    if (found !== null) return null
    found = at
  }
  return found
}

export interface EditedTexts {
  readonly wrote: ReadonlySet<string>
  /** Taken from one place and put to another, perhaps with other white space. */
  readonly rearranged: ReadonlySet<string>
}

/** Lines that an edit put in, for holding a snapshot against what the agent says. */
export function editedTexts(edit: FileEdit): EditedTexts {
  const added = new Set<string>()
  const removed = new Set<string>()
  for (const hunk of edit.hunks) {
    const before = side(hunk, '-')
    const after = side(hunk, '+')
    for (const change of align(before, after)) {
      for (const line of before.slice(change.oldStart, change.oldEnd)) removed.add(withoutSpace(line))
      for (const line of after.slice(change.newStart, change.newEnd)) added.add(line)
    }
  }
  const isMoved = (line: string): boolean => saysSomething(line) && removed.has(withoutSpace(line))
  const [wrote, rearranged] = [false, true].map(
    (moved) => new Set([...added].filter((line) => isMoved(line) === moved)),
  )
  return { wrote: wrote ?? new Set(), rearranged: rearranged ?? new Set() }
}
