/** What changed between trees, as git tells it: with line ranges, or by path alone. */
import { git, gitLine, runGit } from './git.ts'
import { type FileDiff, parseDiffs, parseDiffsByCommit } from './git-diff.ts'
import { readNames } from './names.ts'
import { objectTypes } from './objects.ts'
import type { Repository } from './repository.ts'

/** Independent of the person's configuration, so that the same commit gives the same ranges everywhere. */
const DIFF_OPTIONS = [
  '-r',
  '--full-index',
  '--find-renames=50%',
  '-l2000',
  '--diff-algorithm=myers',
  '--indent-heuristic',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=none',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--no-relative',
]
const RAW = ['--raw', '-z']
/** A width of the context would make git write patches beside the raw form too. */
const PATCH = ['--patch', '--unified=0', '--inter-hunk-context=0']

/** What changed from one tree-ish to another (`from` null: everything is new), with exact line ranges. */
export async function diffTrees(
  repository: Repository,
  from: string | null,
  to: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly FileDiff[]> {
  const ends = [from ?? (await emptyTree(repository)), to]
  const run = (format: readonly string[]): Promise<Buffer> =>
    git(repository.root, ['-c', 'core.attributesFile=', 'diff-tree', ...DIFF_OPTIONS, ...format, ...ends, '--'], {
      environment,
    })
  const [raw, patch] = await Promise.all([run(RAW), run(PATCH)])
  return parseDiffs(raw, patch)
}

/** Bounds the size of an answer and the memory that it takes. */
const COMMITS_AT_ONCE = 50

/** As `diffTrees` from the only parent of each to it, or from nothing, for many that are no merges: two processes for fifty. */
export async function diffCommits(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, readonly FileDiff[]>> {
  const all = new Map<string, readonly FileDiff[]>()
  for (let at = 0; at < commits.length; at += COMMITS_AT_ONCE) {
    const some = commits.slice(at, at + COMMITS_AT_ONCE)
    const input = `${some.join('\n')}\n`
    const run = (format: readonly string[]): Promise<Buffer> =>
      git(
        repository.root,
        ['-c', 'core.attributesFile=', 'diff-tree', '--stdin', '--root', '--always', ...DIFF_OPTIONS, ...format],
        { input },
      )
    const [raw, patch] = await Promise.all([run(RAW), run(PATCH)])
    for (const [commit, diffs] of parseDiffsByCommit(raw, patch)) all.set(commit, diffs)
  }
  const missing = commits.find((commit) => !all.has(commit))
  if (missing !== undefined) throw new Error(`git said nothing about ${missing}`)
  return all
}

async function emptyTree(repository: Repository): Promise<string> {
  const id = await gitLine(repository.root, ['hash-object', '-t', 'tree', '--stdin'])
  if (id === null) throw new Error('git could not name the empty tree')
  return id
}

export interface PathChange {
  readonly path: string
  readonly isNew: boolean
  readonly isGone: boolean
}

/** For each pair of trees that differ, in order, which paths do; pairs of which a tree is gone are left out. */
export async function changesBetween(
  repository: Repository,
  pairs: readonly { readonly from: string; readonly to: string }[],
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly (readonly PathChange[])[]> {
  const trees = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))]
  const present = await objectTypes(repository, trees, environment)
  const asked = pairs.filter(({ from, to }) => present.has(from) && present.has(to))
  if (asked.length === 0) return []
  // A subtree that is gone ends git; what it said until then is still true.
  const answer = await runGit(repository.root, ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-renames'], {
    input: asked.map(({ from, to }) => `${from} ${to}\n`).join(''),
    environment,
  })
  const found: PathChange[][] = []
  const parts = readNames(answer.output)
  for (let at = 0; at < parts.length; at++) {
    // Before each answer that is not empty git repeats the question, ended by a newline.
    const [, pair, rest = parts[at] ?? ''] = /^([0-9a-f]{40,64} [0-9a-f]{40,64})\n(.*)$/s.exec(parts[at] ?? '') ?? []
    if (pair !== undefined) found.push([])
    const [, letter] = /^:\d+ \d+ [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/.exec(rest) ?? []
    if (letter === undefined) continue
    found.at(-1)?.push({ path: parts[at + 1] ?? '', isNew: letter === 'A', isGone: letter === 'D' })
    at += 1
  }
  return found
}
