/** One process at a time: a file made exclusively, with the holder's process id so that a dead holder is noticed. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { hasCode, isMissing } from './files.ts'

/** A push that works longer than this is taken for dead, whatever its process id says (it may have been given away). */
const STALE_MILLISECONDS = 15 * 60_000
const POLL_MILLISECONDS = 50
/** Breaking a lock is two file operations; whoever has not finished after this has died in between. */
const BREAKING_MILLISECONDS = 10_000

const Holder = z.object({ pid: z.int(), host: z.string(), nonce: z.string() })

export type Locked<Result> = { readonly acquired: true; readonly result: Result } | { readonly acquired: false }

/** Runs `work` while nobody else holds the lock; `acquired: false` where it did not come free within `patience` ms. */
export async function withLock<Result>(
  path: string,
  patience: number,
  work: () => Promise<Result>,
): Promise<Locked<Result>> {
  await mkdir(dirname(path), { recursive: true })
  const nonce = randomUUID()
  const deadline = performance.now() + patience
  while (!(await acquire(path, nonce))) {
    if (await isStale(path)) await breakLock(path)
    else if (performance.now() >= deadline) return { acquired: false }
    else await wait(POLL_MILLISECONDS)
  }
  try {
    return { acquired: true, result: await work() }
  } finally {
    if ((await holderOf(path))?.nonce === nonce) await rm(path, { force: true })
  }
}

async function acquire(path: string, nonce: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname(), nonce }))
    await file.close()
    return true
  } catch (problem) {
    if (hasCode(problem, 'EEXIST')) return false
    throw problem
  }
}

async function holderOf(path: string): Promise<z.infer<typeof Holder> | null> {
  try {
    return Holder.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? null
  } catch {
    return null
  }
}

async function isStale(path: string): Promise<boolean> {
  const age = await ageOf(path)
  if (age === null) return false
  if (age > STALE_MILLISECONDS) return true
  const holder = await holderOf(path)
  // A holder that has not yet written its name gets two seconds; a crash in between leaves an empty file.
  if (holder === null) return age > 2_000
  return holder.host === hostname() && !isRunning(holder.pid)
}

/** A killed process that nobody has waited for, as in a container whose first process is no init, runs no more. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (problem) {
    return hasCode(problem, 'EPERM')
  }
  return !isZombie(pid)
}

/** `<pid> (<name>) <state> …`; other systems than Linux have no such file. */
function isZombie(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text
      .slice(text.lastIndexOf(')') + 1)
      .trimStart()
      .startsWith('Z')
  } catch {
    return false
  }
}

/**
 * Under a lock of its own, where staleness is judged once more: otherwise the second of two that notice a dead holder
 * would remove the fresh lock of the first.
 */
async function breakLock(path: string): Promise<void> {
  const breaking = `${path}.breaking`
  try {
    await (await open(breaking, 'wx', 0o600)).close()
  } catch (problem) {
    if (!hasCode(problem, 'EEXIST')) throw problem
    const age = await ageOf(breaking)
    if (age !== null && age > BREAKING_MILLISECONDS) await rm(breaking, { force: true })
    await wait(POLL_MILLISECONDS)
    return
  }
  try {
    if (await isStale(path)) await rm(path, { force: true })
  } finally {
    await rm(breaking, { force: true })
  }
}

/** null where there is no such file. */
async function ageOf(path: string): Promise<number | null> {
  try {
    return Date.now() - (await stat(path)).mtimeMs
  } catch (problem) {
    if (isMissing(problem)) return null
    throw problem
  }
}
