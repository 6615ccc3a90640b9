/** States and activity -> versions of a file with their authors -> what the snapshots say of a commit. */
import type { Origin, Version } from '#core/attribution/origins.ts'
import { follow } from '#core/attribution/origins.ts'
import { type Content, observe, type Testimony } from '#core/attribution/witness.ts'
import type { CommitInformation, FileDiff } from '../io/git.ts'
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
  readonly activity: Activity
  /** `<session> NUL <call>` -> lines that the transcript says the call wrote. */
  readonly wrote: ReadonlyMap<string, ReadonlySet<string>>
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
      return [...follow(base, versionsOf(states, place)).memory]
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
  const { path, previousPath } = question.diff
  const states = under(ofRoot?.get(path) ?? [], previousPath === path ? [] : (ofRoot?.get(previousPath) ?? []))
  const last = madeAt ?? question.until
  const isWanted = (state: State): boolean => state.milliseconds <= last
  const upTo = states.filter(isWanted)
  // A rebase shows its result only when it is through; so does the state at the next hook, without a post-commit hook.
  const hasCommitted = upTo.some(({ blob }) => blob === question.diff.newBlob)
  const next = states.find((state) => !isWanted(state))
  const taken = !hasCommitted && next?.blob === question.diff.newBlob ? [...upTo, next] : upTo
  return versionsOf(taken, { root, question, evidence })
}

/** A renamed file continues the states it had under its earlier name. */
function under(states: readonly State[], earlier: readonly State[]): readonly State[] {
  if (earlier.length === 0) return states
  const times = new Map(earlier.map((state) => [state.milliseconds, state.blob]))
  const own = states.map((state) =>
    state.blob === null ? { ...state, blob: times.get(state.milliseconds) ?? null } : state,
  )
  const seen = new Set(own.map(({ milliseconds }) => milliseconds))
  return [...own, ...earlier.filter(({ milliseconds, blob }) => blob !== null && !seen.has(milliseconds))].sort(
    (left, right) => left.milliseconds - right.milliseconds,
  )
}

interface Place {
  readonly root: string
  readonly question: Question
  readonly evidence: Evidence
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
      const author = authorOf(gap, evidence.activity)
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

/** A squash merge brings lines of others without a trace in HEAD's log; the commit-msg hook saw it. */
function settled(
  author: GapAuthor,
  gap: { readonly start: number; readonly end: number; readonly root: string },
  { evidence }: Place,
): Version['author'] {
  if (author.kind === 'agent') {
    const wrote = author.by === 'edit' ? evidence.wrote.get(`${author.session}\0${author.callId}`) : undefined
    return wrote === undefined ? author : { ...author, wrote }
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
  for (const { commit, milliseconds, isMaking } of evidence.moves.get(gap.root) ?? []) {
    // Going to the commit in question is later than making it, even within one second.
    if (commit === question.commit.commit && !isMaking) continue
    if (milliseconds + 999 < gap.start || milliseconds > gap.end) continue
    const blobs = evidence.headBlobs.get(commit)
    const blob = blobs?.get(path) ?? blobs?.get(previousPath)
    for (const line of blob === undefined ? [] : (evidence.lines(blob) ?? [])) texts.add(line)
  }
  return texts
}
