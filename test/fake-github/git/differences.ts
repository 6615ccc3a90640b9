/** Changed files between two commits, as GitHub lists them. */
import { git } from './run.ts'

export interface ChangedFile {
  readonly filename: string
  readonly previousFilename: string | null
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed'
  readonly sha: string
  readonly additions: number
  readonly deletions: number
  /** Hunks without the header; null for binary files, pure renames and what GitHub finds too large. */
  readonly patch: string | null
}

/** "Limits for viewing content and diffs": one file's diff is not shown above either. */
const MAX_PATCH_LINES = 20_000
const MAX_PATCH_BYTES = 500_000

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const statuses: Readonly<Record<string, ChangedFile['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
}

const OPTIONS = ['--find-renames=50%', '--no-color', '--no-ext-diff', '--no-textconv', '--full-index']

function shown(patch: string | undefined): string | null {
  if (patch === undefined || Buffer.byteLength(patch) > MAX_PATCH_BYTES) return null
  return patch.split('\n').length > MAX_PATCH_LINES ? null : patch
}

/** One patch per file, in the order of the raw listing; content never starts a line with `diff --git`. */
function splitPatches(text: string): readonly (string | undefined)[] {
  if (text === '') return []
  return text.split(/^(?=diff --git )/m).map((segment) => {
    const start = segment.indexOf('\n@@ ')
    return start === -1 ? undefined : segment.slice(start + 1).replace(/\n$/, '')
  })
}

interface RawEntry {
  readonly letter: string
  readonly sha: string
  readonly from: string
  readonly to: string | null
}

function parseRaw(fields: string[]): RawEntry[] {
  const entries: RawEntry[] = []
  while (fields[0]?.startsWith(':')) {
    const [, , before = '', after = '', status = ''] = (fields.shift() ?? '').split(' ')
    const letter = status.charAt(0)
    const from = fields.shift() ?? ''
    const to = letter === 'R' || letter === 'C' ? (fields.shift() ?? '') : null
    entries.push({ letter, sha: letter === 'D' ? before : after, from, to })
  }
  return entries
}

function parseCounts(fields: string[]): readonly { readonly additions: number; readonly deletions: number }[] {
  const counts: { additions: number; deletions: number }[] = []
  while (fields.length > 0) {
    const [added = '', removed = '', name = ''] = (fields.shift() ?? '').split('\t')
    if (added === '') continue
    // A rename has an empty name here, and its two names as fields of their own.
    if (name === '') fields.splice(0, 2)
    counts.push({ additions: Number(added) || 0, deletions: Number(removed) || 0 })
  }
  return counts
}

/** `from` null compares with the empty tree. */
export async function changedFiles(path: string, from: string | null, to: string): Promise<readonly ChangedFile[]> {
  const range = [from ?? EMPTY_TREE, to]
  const fields = (await git(path, ['diff', '-z', '--raw', '--numstat', '--no-abbrev', ...OPTIONS, ...range])).split(
    '\0',
  )
  const patches = splitPatches(await git(path, ['diff', '--patch', ...OPTIONS, ...range]))
  const entries = parseRaw(fields)
  const counts = parseCounts(fields)
  return entries.map(({ letter, sha, from: before, to: after }, index) => ({
    filename: after ?? before,
    previousFilename: after === null ? null : before,
    status: statuses[letter] ?? 'changed',
    sha,
    additions: counts[index]?.additions ?? 0,
    deletions: counts[index]?.deletions ?? 0,
    patch: shown(patches[index]),
  }))
}

/** The whole difference as text, as the media type `application/vnd.github.diff` has it. */
export function unifiedDiff(path: string, from: string | null, to: string): Promise<string> {
  return git(path, ['diff', '--patch', ...OPTIONS, from ?? EMPTY_TREE, to])
}

/** The commits as mails, as the media type `application/vnd.github.patch` has it. */
export function mailPatches(path: string, base: string, head: string): Promise<string> {
  return git(path, ['format-patch', '--stdout', '--no-signature', ...OPTIONS, `${base}..${head}`])
}
