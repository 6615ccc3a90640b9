/** A marked block in a hook script that belongs to the team and is committed. */
import { chmod, rm, stat } from 'node:fs/promises'
import { readProjectText, writeDurably } from '../io/files.ts'
import { installScript, isOurScript, uninstallScript } from './own-script.ts'
import { BLOCK_END, BLOCK_START, type HookName, hookNames, hookScript } from './script.ts'

const SHEBANG = '#!/bin/sh\n'
const NEW_SCRIPT_MODE = 0o755

export function hasBlock(text: string): boolean {
  return text.includes(`${BLOCK_START}\n`) && text.includes(`${BLOCK_END}\n`)
}

/** Puts the block after the first line; a script of another language gets a script of ours in front of it instead. */
export async function addBlock(path: string, block: string): Promise<void> {
  const text = await readProjectText(path)
  if (text === null) return write(path, `${SHEBANG}${block}`, NEW_SCRIPT_MODE)
  if (isOurScript(text) || !isShell(text)) {
    const name = hookNames.find((hook) => path.endsWith(hook))
    if (name !== undefined) await installScript(path, portableScript(name))
    return
  }
  const bare = withoutBlock(text)
  const head = bare.startsWith('#!') ? bare.slice(0, bare.indexOf('\n') + 1) || `${bare}\n` : ''
  const next = `${head}${block}${bare.slice(head.length)}`
  if (next !== text) await write(path, next, (await stat(path)).mode & 0o777)
}

export async function removeBlock(path: string): Promise<void> {
  const text = await readProjectText(path)
  if (text === null) return
  if (isOurScript(text)) return uninstallScript(path)
  if (!hasBlock(text)) return
  const bare = withoutBlock(text)
  // What `addBlock` made where there was nothing.
  if (bare === SHEBANG) await rm(path)
  else await write(path, bare, (await stat(path)).mode & 0o777)
}

function withoutBlock(text: string): string {
  const start = text.indexOf(`${BLOCK_START}\n`)
  const end = text.indexOf(`${BLOCK_END}\n`, start)
  return start === -1 || end === -1 ? text : text.slice(0, start) + text.slice(end + BLOCK_END.length + 1)
}

/** Committed with the repository, so that it names no place of this machine. */
function portableScript(name: HookName): string {
  return hookScript(name, { program: null })
}

/** Without a first line that names an interpreter, git and husky run a script with sh. */
function isShell(text: string): boolean {
  const first = text.split('\n', 1)[0] ?? ''
  return !first.startsWith('#!') || /\b(?:ba|da|z|k)?sh\b/.test(first)
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await writeDurably(path, text, mode)
  await chmod(path, mode)
}
