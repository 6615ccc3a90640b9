/** Contents that hooks saw, `<state>/objects/`: an object store of our own, so that the repository's does not grow. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './files.ts'
import { runGit } from './git.ts'
import { readObservations } from './observations.ts'
import type { Repository } from './repository.ts'
import type { SpoolRecord } from './spool-record.ts'

/** Environment for git calls that read snapshots. The repository's own objects stay the main store: nothing is written. */
export function snapshotEnvironment(repository: Repository): Readonly<Record<string, string>> {
  return { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(repository.stateDirectory, 'objects')) }
}

/** The variable is a list with `:` between its parts; a path with one must be quoted. */
function quoted(path: string): string {
  return /[:"\\\n]/.test(path)
    ? `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
    : path
}

/** Objects this young may belong to a snapshot whose record is not published yet. */
const GRACE_MILLISECONDS = 6 * 60 * 60 * 1000
/** Asking git for everything reachable costs seconds in a large repository; a smaller store is not worth it. */
const MIN_OBJECTS = 2_000

/** Removes what no record, observation or private index refers to any more. */
export async function sweepObjects(
  repository: Repository,
  records: readonly SpoolRecord[],
  now: number,
): Promise<void> {
  const store = join(repository.stateDirectory, 'objects')
  const present = await listLooseObjects(store)
  if (present.length < MIN_OBJECTS) return
  const kept = await reachable(repository, records)
  if (kept === null) return
  for (const { id, path } of present) {
    if (kept.has(id)) continue
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }))
    if (mtimeMs < now - GRACE_MILLISECONDS) await rm(path, { force: true })
  }
}

async function listLooseObjects(store: string): Promise<readonly { readonly id: string; readonly path: string }[]> {
  const found: { id: string; path: string }[] = []
  for (const folder of await list(store)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    for (const name of await list(join(store, folder))) {
      if (/^[0-9a-f]+$/.test(name)) found.push({ id: `${folder}${name}`, path: join(store, folder, name) })
    }
  }
  return found
}

/** null where git could not tell: then nothing is removed. */
async function reachable(repository: Repository, records: readonly SpoolRecord[]): Promise<ReadonlySet<string> | null> {
  const { commits, rewrites } = await readObservations(repository.stateDirectory)
  const kept = new Set<string>()
  const trees = new Set<string>()
  for (const { snapshot } of records) {
    if (snapshot?.kind === 'tree') trees.add(snapshot.tree)
    if (snapshot?.kind === 'file') kept.add(snapshot.blob)
  }
  for (const { tree } of [...commits, ...rewrites]) if (tree !== null) trees.add(tree)
  const environment = snapshotEnvironment(repository)
  // A tree whose parts are gone must not stop the rest: it is asked for leniently.
  const walked = await runGit(
    repository.root,
    ['rev-list', '--objects', '--no-object-names', '--missing=allow-any', '--ignore-missing', '--stdin'],
    {
      input: [...trees].map((tree) => `${tree}\n`).join(''),
      environment,
    },
  )
  if (walked.code !== 0) return null
  for (const id of walked.output.toString('latin1').split('\n')) kept.add(id)
  for (const name of await list(join(repository.stateDirectory, 'index'))) {
    const index = await runGit(repository.root, ['ls-files', '--stage', '-z'], {
      environment: { ...environment, GIT_INDEX_FILE: join(repository.stateDirectory, 'index', name) },
    })
    if (index.code !== 0) return null
    for (const [, id = ''] of index.output.toString('latin1').matchAll(/(?:^|\0)\d+ ([0-9a-f]+) /g)) kept.add(id)
  }
  return kept
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}
