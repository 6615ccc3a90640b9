/** States and activity -> versions of a file with their authors -> what the snapshots say of a commit. */

import { follow } from '#core/attribution/history.ts'
import { countTexts, saysSomething, withoutSpace } from '#core/attribution/lines.ts'
import { either, type Origin, originBy } from '#core/attribution/origins.ts'
import type { EditedTexts } from '#core/attribution/transcript-versions.ts'
import { noMemories, type Version } from '#core/attribution/version.ts'
import { type Content, observe, type Testimony } from '#core/attribution/witness.ts'
import type { CommitInformation } from '../io/commits.ts'
import type { FileDiff } from '../io/git-diff.ts'
import type { Observations } from '../io/observations.ts'
import { type Activity, authorOf, type GapAuthor } from './activity.ts'
import type { HeadMove } from './head-moves.ts'
import type { State, States } from './states.ts'

export interface Evidence {
  readonly states: States
  readonly moves: ReadonlyMap<string, readonly HeadMove[]>
  /** Commit -> path -> blob, for the commits of `moves`. */
  readonly headBlobs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Lines of a blob, none for null; null where the content cannot be had. */
  readonly lines: (blob: string | null) => readonly string[] | null
  /** A file as it is in the commit's parent; no lines where it is not there. */
  readonly bases: (commit: string, path: string) => readonly string[]
  readonly activity: Activity
  /** `<session> NUL <call>` -> lines that the transcript says the call put in. */
  readonly texts: ReadonlyMap<string, EditedTexts>
  readonly observations: Observations
  readonly canonical: (root: string) => string
  /** The work tree in which the question is asked. */
  readonly root: string
}

export interface Question {
  readonly diff: FileDiff
  readonly commit: CommitInformation
  readonly base: readonly string[]
  readonly committed: Content
  /** Files that the commit deletes, or that had this very content: the new file may be one of them, renamed. */
  readonly kin: readonly { readonly path: string; readonly base: readonly string[] }[]
  /** Latest time at which the commit can have been made. */
  readonly until: number
}

/** null where no state of the file was observed up to the commit. */
export function testimonyOf(question: Question, evidence: Evidence): Testimony | null {
  const observation = evidence.observations.commits.findLast(({ commit }) => commit === question.commit.commit)
  const made = observation ? evidence.canonical(observation.root) : null
  const roots = [...evidence.states.keys()]
  const timelines = new Map(
    roots.map((root) => [
      root,
      versionsIn(root, question, evidence, root === made ? (observation?.milliseconds ?? null) : null),
    ]),
  )
  const used = [...timelines].filter(([, versions]) => versions.length > 0)
  if (used.length === 0) return null
  const candidates = used.filter(([root]) => made === null || root === made)
  const testimonies = (candidates.length > 0 ? candidates : used).map(([root, versions]) => {
    const others = used.filter(([other]) => other !== root).map(([, list]) => follow(question.base, list).memory)
    const memories = {
      moved: movedMemory(root, question, evidence),
      elsewhere: new Map(others.flatMap((map) => [...map])),
    }
    return observe({ base: question.base, versions, committed: question.committed, memories })
  })
  return testimonies.reduce((best, other) => (unresolved(other, question) < unresolved(best, question) ? other : best))
}

/** What is remembered of the files that this new one was made of. */
function movedMemory(root: string, question: Question, evidence: Evidence): ReadonlyMap<string, Origin> {
  if (question.diff.status !== 'added') return new Map()
  return new Map(
    question.kin.flatMap(({ path, base }) => {
      const states = (evidence.states.get(root)?.get(path) ?? []).filter(
        ({ milliseconds }) => milliseconds <= question.until,
      )
      const place = { root, evidence, question: { ...question, diff: { ...question.diff, path, previousPath: path } } }
      const memories = { moved: noMemories.moved, elsewhere: knownElsewhere(place) }
      return [...follow(base, versionsOf(states, place), memories).memory]
    }),
  )
}

function unresolved({ origins }: Testimony, { diff }: Question): number {
  const isOpen = (line: number): boolean => ['unknown', 'base'].includes(origins[line - 1]?.class ?? 'unknown')
  return diff.hunks.reduce((sum, { newStart, newLines }) => {
    let open = 0
    for (let line = newStart; line < newStart + newLines; line++) if (isOpen(line)) open += 1
    return sum + open
  }, 0)
}

/** States of one work tree up to the commit; `madeAt` where it was made in this one. */
function versionsIn(root: string, question: Question, evidence: Evidence, madeAt: number | null): readonly Version[] {
  const ofRoot = evidence.states.get(root)
  const states = ofRoot?.get(question.diff.path) ?? []
  const last = madeAt ?? question.until
  const isWanted = (state: State): boolean => state.milliseconds <= last
  const upTo = states.filter(isWanted)
  // A rebase shows its result only when it is through; so does the state at the next hook, without a post-commit hook.
  const hasCommitted = upTo.some(({ blob }) => blob === question.diff.newBlob)
  const next = states.find((state) => !isWanted(state))
  const taken = !hasCommitted && next?.blob === question.diff.newBlob ? [...upTo, next] : upTo
  return versionsOf(taken, { root, question, evidence })
}

interface Place {
  readonly root: string
  readonly question: Question
  readonly evidence: Evidence
  /** Renames followed so far. */
  readonly depth?: number
  /** Looked at for what another work tree knows: it is not asked in turn. */
  readonly isAside?: boolean
}

function versionsOf(states: readonly State[], place: Place): readonly Version[] {
  const { root, question, evidence } = place
  const versions: Version[] = []
  let before: State | null = null
  let isBroken = false
  for (const state of states) {
    const lines = evidence.lines(state.blob)
    if (lines === null) {
      // Seen, but its content is gone: what happened up to the next state is not known.
      isBroken = true
      before = state
      continue
    }
    if (before === null || isBroken) versions.push({ id: state.blob ?? 'absent', lines, author: { kind: 'unknown' } })
    else if (before.blob !== state.blob) {
      const gap = { root, path: question.diff.path, start: before.milliseconds, end: state.milliseconds }
      const previous = evidence.lines(before.blob) ?? []
      const renamed = renamedFrom(gap, { previous, next: lines }, place)
      const author = authorIn([gap, ...(renamed?.isCertain ? [renamed.gap] : [])], evidence.activity)
      // A tool that names the file wrote it, however like another one it is.
      if (renamed !== null && (renamed.isCertain || author.kind !== 'agent' || author.by !== 'edit'))
        versions.push(asGitShows(renamed, author, place))
      versions.push({
        id: state.blob ?? 'absent',
        lines,
        author: settled(author, gap, place),
        arrived: arrivedIn(gap, place),
      })
    }
    isBroken = false
    before = state
  }
  return versions
}

/** Names that a file had one after the other; beyond, nothing more is known of it. */
const MAX_NAMES = 8
/** Share of the lines of either file that both must have for the one to be the other. */
const SAME_FILE = 0.5
/** Above this share the one may have been made of the other all the same, and then changed at once. */
const LIKE_FILE = 0.2

interface Gap {
  readonly root: string
  readonly path: string
  readonly start: number
  readonly end: number
}

interface Renamed {
  readonly version: Version
  readonly gap: Gap
  /**
   * false: the other file is there later, and nobody looked meanwhile, so that it was copied, or renamed and brought back;
   * or it went, and little of it is left. Its lines are certain only where they are the author's of this step anyway.
   */
  readonly isCertain: boolean
}

/**
 * The file that took this one's place within the gap, as it was last seen; null where none did. It went away itself, or
 * was replaced in turn, and is more like the new content than what stood here before.
 */
function renamedFrom(
  gap: Gap,
  { previous, next }: { readonly previous: readonly string[]; readonly next: readonly string[] },
  { question, evidence, root, depth = 0, isAside = false }: Place,
): Renamed | null {
  if (depth >= MAX_NAMES || next.length === 0) return null
  let best: { path: string; states: readonly State[]; isCertain: boolean } | null = null
  const present = likeness(previous, next)
  let most = Math.max(present, LIKE_FILE)
  for (const [path, states] of evidence.states.get(root) ?? []) {
    if (path === gap.path) continue
    for (const [at, from] of states.entries()) {
      const then = states[at + 1]
      if (from.milliseconds >= gap.end) break
      // What another file took the place of within the gap went away all the same.
      if (from.blob === null || (then && then.milliseconds <= gap.start)) continue
      const lines = evidence.lines(from.blob) ?? []
      const isGone = then !== undefined && likeness(lines, evidence.lines(then.blob) ?? []) < SAME_FILE
      const isUnseen = then === undefined || then.milliseconds > gap.end
      const share = likeness(lines, next)
      // What git takes for the same file is it, however little is left of it.
      const isKnown = path === question.diff.previousPath
      const isCertain = isGone && (isKnown || share > SAME_FILE)
      if (!isCertain && (previous.length > 0 || !(isGone || isUnseen))) continue
      if (share <= (isKnown ? present : most) || (best?.isCertain && !isCertain)) continue
      best = { path, states: states.slice(0, at + 1), isCertain }
      most = share
    }
  }
  if (best === null) return null
  const { path, states, isCertain } = best
  const base = evidence.bases(question.commit.commit, path)
  const diff = { ...question.diff, path, previousPath: path }
  const place: Place = { root, evidence, question: { ...question, diff }, depth: depth + 1, isAside }
  const memories = { moved: noMemories.moved, elsewhere: isAside ? noMemories.elsewhere : knownElsewhere(place) }
  const last = follow(base, versionsOf(states, place), memories).versions.at(-1)
  if (last === undefined) return null
  const { lines, origins } = last
  return {
    version: { id: `${path}\0${states.at(-1)?.blob}`, lines, author: { kind: 'unknown' }, origins },
    gap: { ...gap, path, start: states.at(-1)?.milliseconds ?? gap.start },
    isCertain,
  }
}

/** What the other work trees saw of the file up to the commit. */
function knownElsewhere({ root, question, evidence, depth = 0 }: Place): ReadonlyMap<string, Origin> {
  const { path } = question.diff
  const others = [...evidence.states].filter(([other]) => other !== root)
  return new Map(
    others.flatMap(([other, ofRoot]) => {
      const states = (ofRoot.get(path) ?? []).filter(({ milliseconds }) => milliseconds <= question.until)
      const base = evidence.bases(question.commit.commit, path)
      return [...follow(base, versionsOf(states, { root: other, question, evidence, depth, isAside: true })).memory]
    }),
  )
}

/** Where git does not follow the rename, it shows every line as added, by whoever moved the file; as with a moved line. */
function asGitShows({ version, gap, isCertain }: Renamed, author: GapAuthor, { question, depth = 0 }: Place): Version {
  const mover = originBy(author)
  if (!isCertain) return { ...version, origins: version.origins?.map((origin) => either(origin, mover)) ?? [] }
  if (depth > 0 || gap.path === question.diff.previousPath) return version
  return { ...version, origins: version.origins?.map((origin) => (origin.class === 'base' ? mover : origin)) ?? [] }
}

/** Who can have changed the file under each of the names that it had meanwhile; unknown where that is not one and the same. */
function authorIn(gaps: readonly Gap[], activity: Activity): GapAuthor {
  const authors = gaps.map((gap) => authorOf(gap, activity))
  const [first = { kind: 'unknown' }, ...others] = authors
  const isSame = (other: GapAuthor): boolean =>
    other.kind === first.kind && (other.kind !== 'agent' || first.kind !== 'agent' || other.session === first.session)
  return others.every(isSame) ? first : { kind: 'unknown' }
}

/** Share of the lines that say something which two contents have in common, white space aside. */
function likeness(left: readonly string[], right: readonly string[]): number {
  const [old, fresh] = [left, right].map((lines) => lines.filter(saysSomething).map(withoutSpace))
  if (!old || !fresh || old.length === 0 || fresh.length === 0) return 0
  const counts = new Map(countTexts(old))
  let shared = 0
  for (const line of fresh) {
    const count = counts.get(line) ?? 0
    if (count === 0) continue
    shared += 1
    counts.set(line, count - 1)
  }
  return shared / Math.max(old.length, fresh.length)
}

/** A squash merge brings lines of others without a trace in HEAD's log; the commit-msg hook saw it. */
function settled(
  author: GapAuthor,
  gap: { readonly start: number; readonly end: number; readonly root: string },
  { evidence }: Place,
): Version['author'] {
  if (author.kind === 'agent') {
    const { told, isLong, callId, ...agent } = author
    // What is not in the transcript (yet) the hook's own payload tells. A command tells little of what it writes, and so
    // does an edit that changed nothing by itself: it is held against them only where the call took so long (or waited so
    // long for leave) that a person can have been at work.
    const texts = agent.by === 'edit' ? evidence.texts.get(`${agent.session}\0${callId}`) : undefined
    if (texts) return { ...agent, ...texts }
    if (isLong) return { ...agent, wrote: told ?? new Set<string>() }
    return agent.by === 'edit' && told ? { ...agent, wrote: told } : agent
  }
  if (author.kind !== 'person') return author
  const isForeign = evidence.observations.commits.some(
    ({ origin, root, milliseconds }) =>
      origin !== 'commit' &&
      origin !== 'rebase' &&
      evidence.canonical(root) === gap.root &&
      milliseconds > gap.start &&
      milliseconds <= gap.end,
  )
  return isForeign ? { kind: 'unknown' } : author
}

/** Lines that HEAD's content had after each move of HEAD within the gap. git keeps whole seconds: the first is counted in. */
function arrivedIn(
  gap: { readonly start: number; readonly end: number; readonly root: string },
  { question, evidence }: Place,
): ReadonlySet<string> {
  const { path, previousPath } = question.diff
  const texts = new Set<string>()
  const moves = [...evidence.moves.values()].flat()
  const isMadeHere = moves.some(({ commit, kind }) => commit === question.commit.commit && kind !== 'going')
  for (const { commit, milliseconds, kind } of evidence.moves.get(gap.root) ?? []) {
    // Going to the commit in question is later than making it, even within one second; unless somebody else made it.
    if (kind === 'commit' || (kind === 'going' && isMadeHere && commit === question.commit.commit)) continue
    if (milliseconds + 999 < gap.start || milliseconds > gap.end) continue
    const blobs = evidence.headBlobs.get(commit)
    const blob = blobs?.get(path) ?? blobs?.get(previousPath)
    for (const line of blob === undefined ? [] : (evidence.lines(blob) ?? [])) texts.add(line)
  }
  return texts
}
