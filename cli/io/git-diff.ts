/** Reads what `git diff-tree` says: names from the raw form, line ranges from the patch, joined by their common order. */
import { readNames } from './names.ts'

export interface HunkRange {
  /** 1-based; where `oldLines` is 0, the line after which the hunk stands. */
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
}

export interface FileDiff {
  readonly path: string
  /** Where the file was before a rename; the same as `path` otherwise. */
  readonly previousPath: string
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  readonly binary: boolean
  /** null where the side has no regular file (absent, symbolic link, submodule). */
  readonly oldBlob: string | null
  readonly newBlob: string | null
  readonly hunks: readonly HunkRange[]
}

interface RawEntry {
  readonly path: string
  readonly previousPath: string
  readonly letter: string
  readonly oldMode: string
  readonly newMode: string
  readonly oldBlob: string
  readonly newBlob: string
}

interface RawGroup {
  /** Empty where git was not asked for commits. */
  readonly commit: string
  readonly entries: readonly RawEntry[]
}

const LINKS = new Set(['120000', '160000'])
const statuses: Readonly<Record<string, FileDiff['status']>> = { A: 'added', D: 'deleted', R: 'renamed', C: 'added' }

export function parseDiffs(raw: Buffer, patch: Buffer): readonly FileDiff[] {
  return joined(parseRaw(readNames(raw)), parsePatch(patch)).flatMap(({ diffs }) => diffs)
}

/** Of `--stdin --always`: by commit. */
export function parseDiffsByCommit(raw: Buffer, patch: Buffer): ReadonlyMap<string, readonly FileDiff[]> {
  const groups = joined(parseRaw(readNames(raw)), parsePatch(patch))
  return new Map(groups.map(({ commit, diffs }) => [commit, diffs]))
}

function joined(groups: readonly RawGroup[], sections: readonly Section[]) {
  let next = 0
  return groups.map(({ commit, entries }) => ({ commit, diffs: entries.map(withSections) }))

  function withSections(entry: RawEntry): FileDiff {
    // A change of type (file to link) is written as two sections, a deletion and a creation.
    const own = sections.slice(next, next + (entry.letter === 'T' ? 2 : 1))
    next += entry.letter === 'T' ? 2 : 1
    const isLink = LINKS.has(entry.oldMode) || LINKS.has(entry.newMode)
    return {
      path: entry.path,
      previousPath: entry.previousPath,
      status: statuses[entry.letter] ?? 'modified',
      binary: own.some((section) => section.binary),
      oldBlob: regular(entry.oldMode, entry.oldBlob),
      newBlob: regular(entry.newMode, entry.newBlob),
      // The text of a link or the id of a submodule is no line of code.
      hunks: isLink ? [] : own.flatMap((section) => section.hunks),
    }
  }
}

function regular(mode: string, blob: string): string | null {
  return LINKS.has(mode) || /^0+$/.test(blob) ? null : blob
}

/**
 * `:<mode> <mode> <id> <id> <letter><score>` NUL path NUL, with a second path for renames and copies. With `--stdin` the
 * name of a commit opens the next list.
 */
function parseRaw(fields: readonly string[]): readonly RawGroup[] {
  let entries: RawEntry[] = []
  const groups: RawGroup[] = [{ commit: '', entries }]
  for (let at = 0; at < fields.length; ) {
    const [, oldMode, newMode, oldBlob, newBlob, letter] =
      /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/.exec(fields[at] ?? '') ?? []
    if (!oldMode || !newMode || !oldBlob || !newBlob || !letter) {
      if (/^[0-9a-f]{40,64}$/.test(fields[at] ?? '')) {
        entries = []
        groups.push({ commit: fields[at] ?? '', entries })
      }
      at += 1
      continue
    }
    const hasTwo = letter === 'R' || letter === 'C'
    const previousPath = fields[at + 1] ?? ''
    entries.push({
      path: hasTwo ? (fields[at + 2] ?? '') : previousPath,
      previousPath,
      letter,
      oldMode,
      newMode,
      oldBlob,
      newBlob,
    })
    at += hasTwo ? 3 : 2
  }
  return groups
}

interface Section {
  readonly binary: boolean
  readonly hunks: readonly HunkRange[]
}

/** Lines of content always begin with a space, `+`, `-` or `\`, so that `diff --git` at the start of a line opens a section. */
function parsePatch(patch: Buffer): readonly Section[] {
  const sections: { binary: boolean; hunks: HunkRange[] }[] = []
  for (let at = 0; at < patch.length; ) {
    const end = patch.indexOf(10, at)
    const stop = end === -1 ? patch.length : end
    const first = patch[at]
    if (first === 0x64 || first === 0x40 || first === 0x42) {
      const line = patch.toString('latin1', at, stop)
      const current = sections.at(-1)
      if (line.startsWith('diff --git ')) sections.push({ binary: false, hunks: [] })
      else if (current && line.startsWith('@@ ')) {
        const hunk = parseHunkHeader(line)
        if (hunk) current.hunks.push(hunk)
      } else if (current && /^Binary files .* differ$/.test(line)) current.binary = true
    }
    at = stop + 1
  }
  return sections
}

function parseHunkHeader(line: string): HunkRange | null {
  const [, oldStart, oldLines, newStart, newLines] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
  if (oldStart === undefined || newStart === undefined) return null
  return {
    oldStart: Number(oldStart),
    oldLines: Number(oldLines ?? 1),
    newStart: Number(newStart),
    newLines: Number(newLines ?? 1),
  }
}
