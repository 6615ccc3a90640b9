/** What our git hooks left behind: commits as they were made, and which commits replaced which. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, readText } from './files.ts'

export interface CommitObservation {
  readonly commit: string
  readonly milliseconds: number
  /** What git was doing: commit, squash, merge, cherry-pick, revert, rebase. */
  readonly origin: string
  /** Top of the work tree in which it was made. */
  readonly root: string
  /** The whole work tree just after; null where it was not taken or lost. */
  readonly tree: string | null
}

export interface Rewrite {
  readonly milliseconds: number
  readonly kind: 'amend' | 'rebase' | 'other'
  readonly root: string
  readonly tree: string | null
  readonly pairs: readonly { readonly from: string; readonly to: string }[]
}

export interface Observations {
  readonly commits: readonly CommitObservation[]
  readonly rewrites: readonly Rewrite[]
}

/** In the order of time. Records that a crash cut off are left out. */
export async function readObservations(stateDirectory: string): Promise<Observations> {
  const [commits, rewrites] = await Promise.all([
    readAll(join(stateDirectory, 'observations'), readCommit),
    readAll(join(stateDirectory, 'rewrites'), readRewrite),
  ])
  return { commits, rewrites }
}

async function readAll<Kind extends { readonly milliseconds: number }>(
  folder: string,
  read: (lines: readonly string[]) => Kind | null,
): Promise<readonly Kind[]> {
  const names = await readdir(folder).catch((problem: unknown) => {
    if (isMissing(problem)) return []
    throw problem
  })
  const found: Kind[] = []
  for (const name of names.sort()) {
    const text = await readText(join(folder, name))
    const record = text?.endsWith('\nstemma-end\n') ? read(text.split('\n')) : null
    if (record !== null) found.push(record)
  }
  return found.sort((left, right) => left.milliseconds - right.milliseconds)
}

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

function readCommit(lines: readonly string[]): CommitObservation | null {
  const facts = factsOf(lines)
  const commit = facts.get('commit') ?? ''
  if (lines[0] !== 'stemma-observation/1' || !ID.test(commit)) return null
  return { commit, origin: facts.get('origin') ?? 'commit', ...placeOf(facts) }
}

function readRewrite(lines: readonly string[]): Rewrite | null {
  if (lines[0] !== 'stemma-rewrite/1') return null
  const facts = factsOf(lines)
  const kind = facts.get('kind')
  const pairs = lines
    .map((line) => line.split(' '))
    .filter(([from = '', to = '']) => ID.test(from) && ID.test(to))
    .map(([from = '', to = '']) => ({ from, to }))
  return { kind: kind === 'amend' || kind === 'rebase' ? kind : 'other', pairs, ...placeOf(facts) }
}

function factsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(lines.map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]))
}

function placeOf(facts: ReadonlyMap<string, string>): Pick<CommitObservation, 'milliseconds' | 'root' | 'tree'> {
  const tree = facts.get('tree') ?? ''
  return {
    milliseconds: Number(facts.get('at') ?? 0) / 1_000_000,
    root: facts.get('root') ?? '',
    tree: ID.test(tree) ? tree : null,
  }
}
