/** Files, written so that a crash leaves the old or the new content, and read so that absence is a value. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** null where there is no such file. */
export async function readText(path: string): Promise<string | null> {
  const bytes = await readBytes(path)
  return bytes === null ? null : bytes.toString('utf8')
}

export async function readBytes(path: string): Promise<Buffer<ArrayBuffer> | null> {
  try {
    return await readFile(path)
  } catch (problem) {
    if (isMissing(problem)) return null
    throw problem
  }
}

/** Resolves once the bytes are on the disk under their name; nobody ever sees half of them. */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await writeByRename(path, content, { mode, isSynced: true })
  await syncFolder(dirname(path))
}

/** As `writeDurably`, but a power failure may lose it: for what can be computed again. */
export async function writeForNow(path: string, content: string, mode = 0o600): Promise<void> {
  await writeByRename(path, content, { mode, isSynced: false })
}

async function writeByRename(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode: number; readonly isSynced: boolean },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}.draft`
  try {
    if (options.isSynced) await writeSynced(draft, content, options.mode)
    else await writeFile(draft, content, { flag: 'wx', mode: options.mode })
    await rename(draft, path)
  } catch (problem) {
    await rm(draft, { force: true })
    throw problem
  }
}

/** Into a fresh file; for drafts that a rename publishes. */
export async function writeSynced(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes renames in the folder durable; a system that cannot sync folders is left as it is. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch {
    // Windows and some network file systems refuse; the rename itself is still atomic.
  }
}

export function isMissing(problem: unknown): boolean {
  return hasCode(problem, 'ENOENT') || hasCode(problem, 'ENOTDIR')
}

export function hasCode(problem: unknown, code: string): boolean {
  return problem instanceof Error && 'code' in problem && problem.code === code
}
