/** Observed states of a file -> its versions, each with its author, through the names that it had before. */
import { follow } from '#core/attribution/history.ts'
import { either, type Origin, originBy } from '#core/attribution/origins.ts'
import { type FormerName, noMemories, type Version } from '#core/attribution/version.ts'
import { authorIn, type Gap, type GapAuthor, mayBeTakenFrom } from './gap-author.ts'
import { type Contents, predecessorIn } from './predecessor.ts'
import type { Place } from './question.ts'
import type { State } from './states.ts'
import { arrivedIn, settled } from './step.ts'

export function versionsOf(states: readonly State[], place: Place): readonly Version[] {
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
      const contents = { previous: evidence.lines(before.blob) ?? [], next: lines }
      const renamed = renamedFrom(gap, contents, place)
      const seen = authorIn([gap, ...(renamed?.isCertain ? [renamed.gap] : [])], evidence.activity)
      const isTaken = seen.kind === 'person' && mayBeTakenFrom(gap, evidence.activity, evidence.states)
      const author: GapAuthor = isTaken ? { kind: 'unknown' } : seen
      // A tool that names the file wrote it, however like another one it is.
      if (renamed !== null && (renamed.isCertain || author.kind !== 'agent' || author.by !== 'edit'))
        versions.push(asGitShows(renamed, author, place))
      versions.push({
        id: state.blob ?? 'absent',
        lines,
        author: settled(author, gap, place),
        ...arrivedIn(gap, contents, place),
      })
    }
    isBroken = false
    before = state
  }
  return versions
}

/** Names that a file had one after the other; beyond, nothing more is known of it. */
const MAX_NAMES = 8

interface Renamed {
  readonly version: Version
  readonly gap: Gap
  /** As its predecessor is. */
  readonly isCertain: boolean
}

/** Under which the file was known before. */
export function namesOf(versions: readonly Version[]): readonly FormerName[] {
  return versions.flatMap(({ formerNames = [] }) => formerNames)
}

function renamedFrom(
  gap: Gap,
  contents: Contents,
  { question, evidence, root, depth = 0, isAside = false }: Place,
): Renamed | null {
  if (depth >= MAX_NAMES || contents.next.length === 0) return null
  const predecessor = predecessorIn(gap, contents, { question, evidence, root })
  if (predecessor === null) return null
  const { path, states, isCertain } = predecessor
  const base = evidence.bases(question.commit.commit, path)
  const diff = { ...question.diff, path, previousPath: path }
  const place: Place = { root, evidence, question: { ...question, diff }, depth: depth + 1, isAside }
  const memories = { moved: noMemories.moved, elsewhere: isAside ? noMemories.elsewhere : knownElsewhere(place) }
  const versions = versionsOf(states, place)
  const last = follow(base, versions, memories).versions.at(-1)
  if (last === undefined) return null
  const { lines, origins } = last
  const formerNames = isCertain ? [{ path, until: gap.end }, ...namesOf(versions)] : []
  return {
    version: { id: `${path}\0${states.at(-1)?.blob}`, lines, author: { kind: 'unknown' }, origins, formerNames },
    gap: { ...gap, path, start: states.at(-1)?.milliseconds ?? gap.start },
    isCertain,
  }
}

/** What the other work trees saw of the file up to the commit. */
export function knownElsewhere({ root, question, evidence, depth = 0 }: Place): ReadonlyMap<string, Origin> {
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
