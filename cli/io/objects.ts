/** Objects of a repository: their kinds, the contents of blobs, and which blobs a tree holds. */
import { git, runGit } from './git.ts'
import { isOddName, readName } from './names.ts'
import type { Repository } from './repository.ts'

export interface ObjectKind {
  readonly type: string
  readonly size: number
}

/** Type and size by id; absent where the object is missing. */
export async function objectTypes(
  repository: Repository,
  ids: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, ObjectKind>> {
  if (ids.length === 0) return new Map()
  const output = await git(repository.root, ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
    input: `${ids.join('\n')}\n`,
    environment,
  })
  const found = new Map<string, ObjectKind>()
  for (const line of output.toString('latin1').split('\n')) {
    const [id, type, size] = line.split(' ')
    if (id && type && size) found.set(id, { type, size: Number(size) })
  }
  return found
}

/** Source files above this are generated or data; attributing their lines says nothing about who writes code. */
export const MAX_BLOB_BYTES = 4 * 1024 * 1024
/** One batch is held in memory at once. */
const BATCH_BYTES = 64 * 1024 * 1024

/** Contents by id; absent where the object is missing, not a blob, or larger than `MAX_BLOB_BYTES`. */
export async function readBlobs(
  repository: Repository,
  ids: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, Buffer>> {
  const kinds = await objectTypes(repository, [...new Set(ids)], environment)
  const contents = new Map<string, Buffer>()
  let batch: string[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0)
      for (const [id, content] of await readBatch(repository, batch, environment)) contents.set(id, content)
    batch = []
    bytes = 0
  }
  for (const [id, kind] of kinds) {
    if (kind.type !== 'blob' || kind.size > MAX_BLOB_BYTES) continue
    if (bytes + kind.size > BATCH_BYTES) await flush()
    batch.push(id)
    bytes += kind.size
  }
  await flush()
  return contents
}

async function readBatch(
  repository: Repository,
  ids: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Buffer>> {
  const output = await git(repository.root, ['cat-file', '--batch'], { input: `${ids.join('\n')}\n`, environment })
  const contents = new Map<string, Buffer>()
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(10, at)
    const [id = '', type = '', size = ''] = output.toString('latin1', at, end).split(' ')
    at = end + 1
    if (type === 'missing') continue
    contents.set(id, Buffer.from(output.subarray(at, at + Number(size))))
    at += Number(size) + 1
  }
  return contents
}

/** Blob ids of the given paths in a tree-ish; absent where the tree has no such file. Symbolic links are left out. */
export async function blobsInTree(
  repository: Repository,
  tree: string,
  paths: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const plain = paths.filter((path) => !isOddName(path))
  const odd = new Set(paths.filter(isOddName))
  // An argument list is limited to some 2 MB on Linux and 1 MB on macOS.
  const questions = Array.from({ length: Math.ceil(plain.length / 500) }, (_, at) =>
    plain.slice(at * 500, at * 500 + 500),
  )
  for (const names of odd.size > 0 ? [...questions, []] : questions) {
    const output = await runGit(repository.root, ['ls-tree', '-r', '-z', '--full-tree', tree, '--', ...names], {
      environment,
    })
    if (output.code !== 0) return new Map()
    for (const entry of treeEntries(output.output)) {
      const isWanted = names.length > 0 || odd.has(entry.path)
      if (isWanted && entry.mode !== '120000' && entry.mode !== '160000') found.set(entry.path, entry.id)
    }
  }
  return found
}

export interface TreeEntry {
  readonly mode: string
  readonly id: string
  readonly path: string
  /** The path as git keeps it. */
  readonly name: Uint8Array
}

/** Of `ls-tree -z`: `<mode> <type> <id>` TAB path NUL */
export function treeEntries(output: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at)
    const tab = output.indexOf(9, at)
    const [mode = '', , id = ''] = output.toString('latin1', at, tab).split(' ')
    const name = output.subarray(tab + 1, end)
    entries.push({ mode, id, name, path: readName(name) })
    at = end + 1
  }
  return entries
}
