/** A hook that is a file of ours, with the earlier one kept beside it. */
import { existsSync, lstatSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { isFault } from '#core/fault.ts'
import { readProjectText, writeDurably } from '../io/files.ts'
import { MARKER } from './script.ts'

const EXECUTABLE = 0o755
/** What an earlier hook is called beside ours. */
export const KEPT = '.before-stemma'

export function isOurScript(text: string): boolean {
  return text.split('\n', 3).some((line) => line.startsWith(MARKER))
}

/** null where there is none; empty for what is no script: a program of many megabytes may be a hook as well. */
export async function readHook(path: string): Promise<string | null> {
  try {
    return await readProjectText(path)
  } catch (problem) {
    if (isFault(problem)) return ''
    throw problem
  }
}

export async function installScript(path: string, script: string): Promise<void> {
  const present = isThere(path) ? ((await readHook(path)) ?? '') : null
  if (present === script) return
  if (present !== null && !isOurScript(present)) await keep(path)
  await writeDurably(path, script, EXECUTABLE)
  await chmod(path, EXECUTABLE)
}

export async function uninstallScript(path: string): Promise<void> {
  const present = isThere(path) ? await readHook(path) : null
  // Somebody put another hook there after us: it is theirs, and what it replaced stays beside it.
  if (present !== null && !isOurScript(present)) return
  await rm(path, { force: true })
  if (isThere(beside(path))) await rename(beside(path), path)
}

/** Renaming keeps bytes, mode and links. An older kept hook is put further aside, never overwritten. */
async function keep(path: string): Promise<void> {
  const kept = beside(path)
  if (isThere(kept)) {
    let number = 1
    while (isThere(`${kept}.${number}`)) number += 1
    await rename(kept, `${kept}.${number}`)
  }
  await rename(path, kept)
}

function beside(path: string): string {
  return `${path}${KEPT}`
}

/** True for a dangling link too. */
function isThere(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
