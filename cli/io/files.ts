/** Files, written so that a crash leaves the old or the new content, and read so that absence is a value. */
import { randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '#core/fault.ts'

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

/** Settings and scripts are some kilobytes; what is larger was not written by a person. */
const MAX_PROJECT_BYTES = 4 * 1024 * 1024

/**
 * As `readText`, for what comes with a repository: a link there may lead to a device that never ends, or to a pipe on which
 * opening waits. Throws a Fault for what is no file of a sensible size.
 */
export async function readProjectText(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const found = await file.stat()
      if (found.isFile() && found.size <= MAX_PROJECT_BYTES) return await readUpTo(file, MAX_PROJECT_BYTES)
      if (found.isDirectory()) return null
      throw new Fault('configuration-malformed', {
        message: found.isFile()
          ? `${path} has ${found.size} bytes, and ${MAX_PROJECT_BYTES} are read.`
          : `${path} is no regular file.`,
        hint: `See what it is: \`ls -lL ${path}\`.`,
      })
    } finally {
      await file.close()
    }
  } catch (problem) {
    if (isMissing(problem) || hasCode(problem, 'ENXIO')) return null
    throw problem
  }
}

/** Some files say a size of 0 and hold more, as those that a system makes up do. */
async function readUpTo(file: FileHandle, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of file.createReadStream({ end: most - 1, autoClose: false })) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

/** null where it holds more than `most`; read as a stream, so that a pipe may be named and a device ends too. */
export async function readAtMost(path: string, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of createReadStream(path, { end: most })) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
  }
  return size > most ? null : Buffer.concat(chunks, size)
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
