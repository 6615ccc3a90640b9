/** The observed states of files: which content stood under which path of which work tree, and when. */
import { realpathSync } from 'node:fs'
import { git } from '../io/git.ts'
import { isOddName } from '../io/names.ts'
import { blobsInTree } from '../io/objects.ts'
import type { Observations } from '../io/observations.ts'
import type { Repository } from '../io/repository.ts'
import { snapshotEnvironment } from '../io/snapshot-store.ts'
import type { SpoolRecord } from '../io/spool.ts'
import { changesBetween } from '../io/tree-diffs.ts'

export interface State {
  readonly milliseconds: number
  /** Blob id, or null where the file did not exist. */
  readonly blob: string | null
}

/** Work tree -> path -> states in the order of time. */
export type States = ReadonlyMap<string, ReadonlyMap<string, readonly State[]>>

interface SeenTree {
  readonly root: string
  readonly milliseconds: number
  readonly tree: string
}

/** One spelling for each work tree: hooks may come through a symbolic link. */
export function canonicalRoots(): (root: string) => string {
  const known = new Map<string, string>()
  return (root) => {
    const present = known.get(root)
    if (present !== undefined) return present
    let real = root
    try {
      real = realpathSync(root)
    } catch {
      // The work tree is gone; its states are still good.
    }
    known.set(root, real)
    return real
  }
}

export interface Seen {
  readonly records: readonly SpoolRecord[]
  readonly observations: Observations
}

/** Every observation of a whole work tree. */
function seenTrees({ records, observations }: Seen, canonical: (root: string) => string): readonly SeenTree[] {
  const trees: SeenTree[] = []
  for (const { snapshot, milliseconds } of records)
    if (snapshot?.kind === 'tree') trees.push({ root: canonical(snapshot.root), milliseconds, tree: snapshot.tree })
  for (const { root, milliseconds, tree } of [...observations.commits, ...observations.rewrites])
    if (tree !== null) trees.push({ root: canonical(root), milliseconds, tree })
  return trees.sort((left, right) => left.milliseconds - right.milliseconds)
}

/** A gap in which more files than this vanished or changed moved a tree about; looking for each in each is not worth it. */
const MAX_SOURCES = 200

/** Also the files that went away, or were replaced, while one of these appeared or changed: it may be one of them. */
export async function withEarlierNames(
  repository: Repository,
  seen: Seen,
  paths: readonly string[],
  canonical: (root: string) => string,
): Promise<readonly string[]> {
  const all = new Set(paths)
  const last = new Map<string, string>()
  const pairs: { from: string; to: string }[] = []
  for (const { root, tree } of seenTrees(seen, canonical)) {
    const before = last.get(root)
    if (before !== undefined && before !== tree) pairs.push({ from: before, to: tree })
    last.set(root, tree)
  }
  const changes = await changesBetween(repository, pairs, snapshotEnvironment(repository))
  for (const { snapshot } of seen.records) if (snapshot?.kind === 'file') all.add(snapshot.path)
  // Backwards in time, so that a chain of names is followed to its beginning.
  for (const change of [...changes].reverse()) {
    if (!change.some(({ path, isGone }) => !isGone && all.has(path))) continue
    for (const { path, isNew } of change.filter((one) => !one.isNew).slice(0, MAX_SOURCES)) if (!isNew) all.add(path)
  }
  return [...all]
}

export async function readStates(
  repository: Repository,
  evidence: Seen,
  paths: readonly string[],
  canonical: (root: string) => string,
): Promise<States> {
  const wanted = new Set(paths)
  const trees = seenTrees(evidence, canonical)
  const states = new Map<string, Map<string, State[]>>()
  const add = (root: string, path: string, state: State): void => {
    const ofRoot = states.get(root) ?? new Map<string, State[]>()
    states.set(root, ofRoot)
    const ofPath = ofRoot.get(path) ?? []
    ofRoot.set(path, ofPath)
    ofPath.push(state)
  }
  for (const { snapshot, milliseconds } of evidence.records) {
    if (snapshot?.kind === 'file' && snapshot.blob !== 'ignored' && wanted.has(snapshot.path)) {
      add(canonical(snapshot.root), snapshot.path, {
        milliseconds,
        blob: snapshot.blob === 'absent' ? null : snapshot.blob,
      })
    }
  }
  const blobs = await blobsUnder(repository, [...new Set(trees.map(({ tree }) => tree))], [...wanted])
  for (const { root, milliseconds, tree } of trees) {
    const inTree = blobs.get(tree)
    if (inTree) for (const path of wanted) add(root, path, { milliseconds, blob: inTree.get(path) ?? null })
  }
  for (const ofRoot of states.values()) {
    for (const list of ofRoot.values()) list.sort((left, right) => left.milliseconds - right.milliseconds)
  }
  return states
}

/** Some 100 bytes a question; git answers about 200,000 of them a second. */
const QUESTIONS_A_BATCH = 50_000

/** Tree or commit -> path -> blob. What is gone from the store is absent: nothing is known of it. */
export async function blobsUnder(
  repository: Repository,
  trees: readonly string[],
  paths: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const environment = snapshotEnvironment(repository)
  const found = new Map<string, Map<string, string>>()
  // One question a line: a path with a newline is asked for in another way.
  const isOdd = (path: string): boolean => path.includes('\n') || isOddName(path)
  const plain = paths.filter((path) => !isOdd(path))
  const odd = paths.filter(isOdd)
  const questions = trees.flatMap((tree) => [
    { tree, path: null, text: `${tree}^{tree}` },
    ...plain.map((path) => ({ tree, path, text: `${tree}:${path}` })),
  ])
  for (let at = 0; at < questions.length; at += QUESTIONS_A_BATCH) {
    const batch = questions.slice(at, at + QUESTIONS_A_BATCH)
    const output = await git(repository.root, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
      input: batch.map(({ text }) => `${text}\n`).join(''),
      environment,
    })
    const answers = output.toString('utf8').split('\n')
    for (const [index, { tree, path }] of batch.entries()) {
      const [, id, type] = /^([0-9a-f]{40,64}) (blob|tree)$/.exec(answers[index] ?? '') ?? []
      if (path === null && type === 'tree') found.set(tree, new Map())
      if (path !== null && type === 'blob' && id) found.get(tree)?.set(path, id)
    }
  }
  for (const tree of odd.length === 0 ? [] : found.keys()) {
    for (const [path, id] of await blobsInTree(repository, tree, odd, environment)) found.get(tree)?.set(path, id)
  }
  return found
}
