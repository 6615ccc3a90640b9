/** What is known of a change under one commit id, carried over to the commit under which the forge has it now. */
import {
  addLineCounts,
  type CommitAttribution,
  type FileAttribution,
  type LineCounts,
  type LineRange,
  noLines,
} from './attribution.ts'
import {
  attributeDigests,
  DIGEST_DIGITS,
  type DigestedLine,
  type DigestVerdict,
  type LineDigests,
} from './line-digests.ts'
import type { ChangedFile } from './merged-diff.ts'

/** A file of a forge's diff, without its text. */
export interface LandedFile extends Omit<ChangedFile, 'addedLines'> {
  /** 16 digits for each added line, as in core/attribution/line-digests.ts; '' where there is no key. */
  readonly digests: string
}

/** A commit as the forge has it. */
export interface Landed {
  readonly commit: string
  readonly parents: readonly string[]
  readonly authoredAt: string
  readonly subject: string
  readonly patchId: string | null
  readonly files: readonly LandedFile[]
}

interface Origin extends DigestVerdict {
  readonly confidence: LineRange['confidence']
}

const unknown: Origin = { class: 'unknown', session: null, model: null, confidence: 'none' }

/** Line numbers of what a file's edits add, in order. */
export function addedLineNumbers({ edits }: Pick<ChangedFile, 'edits'>): readonly number[] {
  return edits.flatMap(({ newStart, added }) => Array.from({ length: added }, (_, at) => newStart + at))
}

/**
 * The same patch under another id: its lines come in the same order, though they may stand elsewhere in the file. A file
 * whose number of lines differs is another one after all, and stays unknown.
 */
export function carryByPatch(landed: Landed, original: CommitAttribution): CommitAttribution {
  const known = new Map(original.files.map((file) => [file.path, file]))
  const files = landed.files.map((file): FileAttribution => {
    const before = known.get(file.path)
    const numbers = addedLineNumbers(file)
    const origins = (before?.ranges ?? []).flatMap((range) =>
      Array.from({ length: range.end - range.start + 1 }, (): Origin => range),
    )
    const fits = before !== undefined && origins.length === numbers.length
    return fileOf(file, { origins: fits ? origins : [], removed: fits ? before.removed : null })
  })
  return commitOf(landed, files, original.sessions)
}

/** After a squash, or a rebase that changed the patch: each line by its digest, `unknown` where that is not certain. */
export function carryByLines(landed: Landed, evidence: readonly DigestedLine[]): CommitAttribution {
  const digests = landed.files.map((file) => splitDigests(file.digests))
  const verdicts = attributeDigests(digests.flat(), evidence)
  let next = 0
  const files = landed.files.map((file, at): FileAttribution => {
    const count = digests[at]?.length ?? 0
    const own = verdicts.slice(next, next + count)
    next += count
    const origins = own.map((one): Origin => ({ ...one, confidence: one.class === 'unknown' ? 'none' : 'snapshot' }))
    return fileOf(file, { origins, removed: null })
  })
  const sessions = files.flatMap(({ ranges }) => ranges.flatMap(({ session }) => (session === null ? [] : [session])))
  return commitOf(landed, files, [...new Set(sessions)].sort())
}

const NONE = '0'.repeat(DIGEST_DIGITS)

export function splitDigests(digests: string): readonly (string | null)[] {
  const count = Math.floor(digests.length / DIGEST_DIGITS)
  return Array.from({ length: count }, (_, at) => {
    const digest = digests.slice(at * DIGEST_DIGITS, (at + 1) * DIGEST_DIGITS)
    return digest === NONE ? null : digest
  })
}

export function joinDigests(digests: readonly (string | null)[]): string {
  return digests.map((digest) => digest ?? NONE).join('')
}

/**
 * Evidence of several commits as one. A change that was rewritten stands in the evidence of each of its commits: of each
 * digest those of one commit count, the one that has it most often, so that no line is vouched for twice. Where commits
 * say different things of it, the others are kept too, and nothing is certain.
 */
export function pooledEvidence(commits: readonly (readonly DigestedLine[])[]): readonly DigestedLine[] {
  const best = new Map<string, readonly DigestedLine[]>()
  for (const lines of commits) {
    const own = new Map<string, DigestedLine[]>()
    for (const line of lines) own.set(line.digest, [...(own.get(line.digest) ?? []), line])
    for (const [digest, group] of own) {
      const before = best.get(digest) ?? []
      const says = new Set([...before, ...group].map((line) => JSON.stringify([line.class, line.session])))
      if (before.length > 0 && says.size > 1) best.set(digest, [...before, ...group])
      else if (group.length > before.length) best.set(digest, group)
    }
  }
  return [...best.values()].flat()
}

function fileOf(
  { path, status, binary, edits, ...file }: LandedFile,
  known: { readonly origins: readonly Origin[]; readonly removed: LineCounts | null },
): FileAttribution {
  const numbers = addedLineNumbers({ edits, ...file })
  const ranges: LineRange[] = []
  numbers.forEach((line, at) => {
    const { class: name, session, model, confidence } = known.origins[at] ?? unknown
    const last = ranges.at(-1)
    const continues =
      last?.end === line - 1 &&
      last.class === name &&
      last.session === session &&
      last.model === model &&
      last.confidence === confidence
    if (last !== undefined && continues) ranges[ranges.length - 1] = { ...last, end: line }
    else ranges.push({ start: line, end: line, class: name, session, model, confidence })
  })
  const added = { ...noLines }
  for (const range of ranges) added[range.class] += range.end - range.start + 1
  const gone = edits.reduce((sum, { removed }) => sum + removed, 0)
  return { path, status, binary, ranges, added, removed: known.removed ?? { ...noLines, unknown: gone } }
}

function commitOf(
  { commit, parents, authoredAt, subject, patchId }: Landed,
  files: readonly FileAttribution[],
  sessions: readonly string[],
): CommitAttribution {
  return {
    commit,
    parents: [...parents],
    authoredAt,
    subject,
    patchId,
    files: [...files],
    added: files.map(({ added }) => added).reduce(addLineCounts, noLines),
    removed: files.map(({ removed }) => removed).reduce(addLineCounts, noLines),
    sessions: [...sessions],
  }
}

/**
 * Ranges as they stand after later edits of the file: lines that were taken away or replaced are gone, the others move.
 * `edits` in order, not overlapping, as one diff has them.
 */
export function moveRanges(ranges: readonly LineRange[], edits: readonly ChangedFile['edits'][number][]): LineRange[] {
  return ranges.flatMap((range) => {
    const kept: LineRange[] = []
    let start = range.start
    let shift = 0
    for (const { oldStart, removed, added } of edits) {
      if (oldStart > range.end) break
      // What stands before the edit keeps the shift of those above it.
      const end = Math.min(range.end, oldStart - 1)
      if (end >= start) kept.push({ ...range, start: start + shift, end: end + shift })
      start = Math.max(start, oldStart + removed)
      shift += added - removed
    }
    if (start <= range.end) kept.push({ ...range, start: start + shift, end: range.end + shift })
    return kept
  })
}

/** What one statement says of a commit: its attribution, and for each file in that order the digests of its lines. */
export interface DigestedCommit {
  readonly attribution: CommitAttribution
  readonly digests: readonly string[]
}

const weight = { unknown: 0, human: 1, ai: 2, mixed: 3 } as const

/** The lines of one commit, of which several machines or sessions speak; each line once, by who knows most of it. */
export function linesOfCommit(statements: readonly DigestedCommit[]): readonly DigestedLine[] {
  const lines = new Map<string, DigestedLine>()
  for (const { attribution, digests } of statements) {
    attribution.files.forEach((file, at) => {
      const own = splitDigests(digests[at] ?? '')
      const ranged = file.ranges.flatMap((range) =>
        Array.from({ length: range.end - range.start + 1 }, (_, offset) => ({ range, line: range.start + offset })),
      )
      if (own.length !== ranged.length) return
      ranged.forEach(({ range, line }, index) => {
        const digest = own[index]
        if (typeof digest !== 'string') return
        const place = JSON.stringify([file.path, line])
        const before = lines.get(place)
        if (before !== undefined && weight[before.class] >= weight[range.class]) return
        lines.set(place, { digest, class: range.class, session: range.session, model: range.model })
      })
    })
  }
  return [...lines.values()]
}

/** Of each file the smallest digests: of a part of its lines some are among them, without a list of all. */
const MARKS_PER_FILE = 8
const MAX_MARKS = 400

export function marksOf(files: readonly string[]): readonly string[] {
  const marks = files.flatMap((digests) => {
    const known = splitDigests(digests).filter((digest) => digest !== null)
    return [...new Set(known)].sort().slice(0, MARKS_PER_FILE)
  })
  return [...new Set(marks)].sort().slice(0, MAX_MARKS)
}

/** What is looked up of a statement's digests: marks of each of its commits. */
export function evidenceMarks(
  digests: LineDigests | null | undefined,
): readonly { readonly commit: string; readonly digest: string }[] {
  return (digests?.commits ?? []).flatMap(({ commit, files }) => marksOf(files).map((digest) => ({ commit, digest })))
}
