/** What the disk refuses, in words: full, not writable, not allowed. */
import { randomUUID } from 'node:crypto'
import { access, constants, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '#core/fault.ts'
import { hasCode, isMissing, writeSynced } from './files.ts'

/** null for what is no refusal of the file system, but a defect. */
export function asStorageFault(problem: unknown): Fault | null {
  if (!(problem instanceof Error)) return null
  const path = 'path' in problem && typeof problem.path === 'string' ? problem.path : null
  const words = refusalOf(problem)
  return words === null
    ? null
    : new Fault('storage-unavailable', {
        message: path === null ? `Nothing can be written: ${words}.` : `${path} cannot be used: ${words}.`,
        hint: isFull(problem)
          ? 'Free some space on that disk (`df -h` shows which are full), then run the command again.'
          : 'See what is wrong with `stemma doctor`, then run the command again.',
        cause: problem,
      })
}

function refusalOf(problem: unknown): string | null {
  if (isFull(problem)) return 'the disk is full'
  if (hasCode(problem, 'ENOTDIR')) return 'a file stands where a folder should be'
  if (hasCode(problem, 'EROFS')) return 'its file system is read-only'
  if (hasCode(problem, 'EACCES') || hasCode(problem, 'EPERM')) return 'you have no right to it'
  // So Node says it of a folder that a read-only file system cannot take.
  const isFolder = problem instanceof Error && 'syscall' in problem && problem.syscall === 'mkdir'
  return isFolder && (isMissing(problem) || hasCode(problem, 'EEXIST')) ? 'the folder cannot be made' : null
}

/** The disk, or what this person or process may write on it. */
function isFull(problem: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].some((code) => hasCode(problem, code))
}

export type Room =
  | { readonly kind: 'writable' /** Bytes; null where the system does not say. */; readonly free: number | null }
  | { readonly kind: 'refused'; readonly why: 'full' | 'forbidden' | 'other'; readonly words: string }

/** As much as one hook writes, at least: a disk may be full with some bytes left. */
const PROBE = new Uint8Array(64 * 1024)

/** Writes into the folder, for a full disk refuses nothing before. */
export async function tryToWrite(folder: string): Promise<Room> {
  const path = join(folder, `probe.${randomUUID()}`)
  try {
    await writeSynced(path, PROBE, 0o600)
    return { kind: 'writable', free: await freeBytes(folder) }
  } catch (problem) {
    return refused(problem)
  } finally {
    await rm(path, { force: true }).catch(() => {})
  }
}

/** Whether the folder could be written or made, without touching anything. */
export async function mayWrite(folder: string): Promise<Room> {
  for (let place = folder; ; place = dirname(place)) {
    try {
      await access(place, constants.W_OK | constants.X_OK)
      return { kind: 'writable', free: await freeBytes(place) }
    } catch (problem) {
      if (!hasCode(problem, 'ENOENT') || place === dirname(place)) return refused(problem)
    }
  }
}

function refused(problem: unknown): Room {
  const said = problem instanceof Error ? problem.message : String(problem)
  const isForbidden = hasCode(problem, 'EACCES') || hasCode(problem, 'EPERM')
  const why = isFull(problem) ? 'full' : isForbidden ? 'forbidden' : 'other'
  return { kind: 'refused', why, words: refusalOf(problem) ?? said }
}

async function freeBytes(folder: string): Promise<number | null> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
}
