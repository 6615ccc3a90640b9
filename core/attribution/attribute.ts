/** Two testimonies and git's diff -> the attribution of a file and of a commit. */
import {
  addLineCounts,
  type CommitAttribution,
  type FileAttribution,
  type LineClass,
  type LineCounts,
  type LineRange,
  noLines,
} from './attribution.ts'
import { settleEqualLines } from './equal-lines.ts'
import { bare, saysSomething } from './lines.ts'
import { type Author, type Origin, unknownOrigin } from './origins.ts'
import type { Testimony } from './witness.ts'

/** As `git diff --unified=0` counts. */
export interface DiffRange {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
}

export interface FileEvidence {
  readonly path: string
  readonly status: FileAttribution['status']
  readonly binary: boolean
  readonly hunks: readonly DiffRange[]
  /** The file in the parent; null where it cannot be read as lines (too large, missing). */
  readonly parent: readonly string[] | null
  /** The file in the commit; null as above. */
  readonly committed: readonly string[] | null
  /** null where no state of the file was observed, or the file cannot be read as lines. */
  readonly snapshots: Testimony | null
  readonly transcript: Testimony | null
  /** Sessions whose hooks were seen at work on this file: for them, snapshots know better than the transcript. */
  readonly hooked: ReadonlySet<string>
}

type Verdict = Omit<LineRange, 'start' | 'end'>

const unknownLine: Verdict = { class: 'unknown', session: null, model: null, confidence: 'none' }

export function attributeFile(evidence: FileEvidence): FileAttribution {
  const { path, status, binary } = evidence
  const lines = evidence.hunks.flatMap((hunk) => linesFrom(hunk.newStart, hunk.newLines))
  const shown = asShown(evidence, new Set(lines.map((line) => line - 1)))
  const ranges = binary ? [] : merge(lines.map((line) => ({ line, verdict: judge(line, shown) })))
  const counts = ranges.map((range) => ({ ...noLines, [range.class]: range.end - range.start + 1 }))
  return {
    path,
    status,
    binary,
    ranges,
    added: counts.reduce(addLineCounts, noLines),
    removed: binary ? noLines : removedLines(evidence).counts,
  }
}

/** Each witness as git shows the change. */
function asShown(evidence: FileEvidence, added: ReadonlySet<number>): FileEvidence {
  const { snapshots, transcript, parent, committed } = evidence
  if (parent === null || committed === null) return evidence
  const of = (witness: Testimony | null): Testimony | null => {
    if (witness === null) return null
    const [before, lines] = witness.bare ? [parent.map(bare), committed.map(bare)] : [parent, committed]
    return { ...witness, origins: settleEqualLines(witness.origins, { parent: before, lines, added }) }
  }
  return { ...evidence, snapshots: of(snapshots), transcript: of(transcript) }
}

function linesFrom(start: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, offset) => start + offset)
}

/** What both witnesses together say of one added line (1-based). */
function judge(line: number, { snapshots, transcript, hooked }: FileEvidence): Verdict {
  const seen = snapshots?.origins[line - 1] ?? unknownOrigin
  const told = transcript?.origins[line - 1] ?? unknownOrigin
  const toldVerdict: Verdict =
    told.class === 'ai' || told.class === 'mixed'
      ? { class: told.class, session: told.session, model: told.model, confidence: 'transcript' }
      : unknownLine
  switch (seen.class) {
    case 'ai': {
      if (told.class !== 'ai') return byAgent(seen, 'snapshot')
      if (told.session === seen.session) return { ...byAgent(seen, 'both'), model: told.model ?? seen.model }
      // Somebody's command ran meanwhile, but the transcript of another agent, which has no hooks, holds this very line.
      return seen.by === 'command' && told.by !== 'rearranging' && told.session !== null && !hooked.has(told.session)
        ? toldVerdict
        : byAgent(seen, 'snapshot')
    }
    case 'mixed':
      return byAgent(seen, told.class === 'ai' && told.session === seen.session ? 'both' : 'snapshot')
    case 'human':
      // An agent without hooks looks like a person to the snapshots. Moving or indenting a line is not writing it.
      if (toldVerdict.session !== null && !hooked.has(toldVerdict.session) && told.by !== 'rearranging')
        return toldVerdict
      return { class: 'human', session: null, model: null, confidence: 'snapshot' }
    default:
      // To the transcript a line that was typed and committed stands in the parent like any other: whose it was, and
      // whether two had a hand in the one that was made of it, the snapshots would know.
      return (told.by === 'rearranging' || told.ofBase) && snapshots !== null ? unknownLine : toldVerdict
  }
}

function byAgent(origin: Origin, confidence: LineRange['confidence']): Verdict {
  return { class: origin.class === 'mixed' ? 'mixed' : 'ai', session: origin.session, model: origin.model, confidence }
}

function merge(lines: readonly { readonly line: number; readonly verdict: Verdict }[]): LineRange[] {
  const ranges: LineRange[] = []
  for (const { line, verdict } of lines) {
    const last = ranges.at(-1)
    if (last && last.end === line - 1 && isSame(last, verdict)) ranges[ranges.length - 1] = { ...last, end: line }
    else ranges.push({ start: line, end: line, ...verdict })
  }
  return ranges
}

function isSame(left: Verdict, right: Verdict): boolean {
  return (
    left.class === right.class &&
    left.session === right.session &&
    left.model === right.model &&
    left.confidence === right.confidence
  )
}

interface Removed {
  readonly counts: LineCounts
  readonly sessions: readonly string[]
}

/** Lines that the commit takes away, by who took them away. */
function removedLines({ hunks, parent, snapshots, transcript }: FileEvidence): Removed {
  let counts = noLines
  const sessions = new Set<string>()
  for (const hunk of hunks) {
    const authors = linesFrom(hunk.oldStart, hunk.oldLines).map((line) =>
      removerOf(parent?.[line - 1], [snapshots, transcript]),
    )
    for (const author of settleWeak(authors)) {
      counts = addLineCounts(counts, { ...noLines, [classOf(author)]: 1 })
      if (author?.kind === 'agent') sessions.add(author.session)
    }
  }
  return { counts, sessions: [...sessions] }
}

/** `undefined`: this line's text says too little to be found again. */
function removerOf(line: string | undefined, witnesses: readonly (Testimony | null)[]): Author | null | undefined {
  if (line === undefined) return null
  if (!saysSomething(line)) return undefined
  for (const witness of witnesses) {
    const author = witness?.removals.get(witness.bare ? bare(line) : line)
    if (author && author.kind !== 'unknown') return author
  }
  return null
}

/** Blank lines and brackets went with the lines around them, where those agree. */
function settleWeak(authors: readonly (Author | null | undefined)[]): readonly (Author | null)[] {
  const known = authors.filter((author) => author !== undefined)
  const [first] = known
  const agreed = first && known.every((author) => author && isSameAuthor(author, first)) ? first : null
  return authors.map((author) => (author === undefined ? agreed : author))
}

function isSameAuthor(left: Author, right: Author): boolean {
  return left.kind === right.kind && (left.kind !== 'agent' || right.kind !== 'agent' || left.session === right.session)
}

function classOf(author: Author | null): LineClass {
  if (author?.kind === 'agent') return 'ai'
  return author?.kind === 'person' ? 'human' : 'unknown'
}

export interface CommitFacts {
  readonly commit: string
  readonly parents: readonly string[]
  readonly authoredAt: string
  readonly subject: string
  readonly patchId: string | null
  readonly files: readonly FileEvidence[]
}

export function attributeCommit({ files, ...facts }: CommitFacts): CommitAttribution {
  const attributed = files.map(attributeFile)
  const sessions = new Set(attributed.flatMap(({ ranges }) => ranges.map(({ session }) => session)))
  for (const file of files) for (const session of file.binary ? [] : removedLines(file).sessions) sessions.add(session)
  return {
    ...facts,
    parents: [...facts.parents],
    files: attributed,
    added: attributed.map(({ added }) => added).reduce(addLineCounts, noLines),
    removed: attributed.map(({ removed }) => removed).reduce(addLineCounts, noLines),
    sessions: [...sessions].filter((session) => session !== null).sort(),
  }
}
