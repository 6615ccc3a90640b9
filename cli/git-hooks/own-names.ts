/**
 * A hook that asks for its own name (Overcommit, husky 4 and many a script that serves several hooks) must be started
 * under it, with its neighbours beside it. Ours has the name that git starts, so that a folder of links keeps the others'.
 */
import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isOurScript, KEPT, readHook } from './own-script.ts'
import { NAMED_FOLDER } from './script.ts'

/** Any language's `basename`, and the shell's own way. */
const ASKS_FOR_NAME = /\bbasename\b|\$\{0##/

/** Makes the folder anew where a hook of `folder` needs it, and takes it away where none does. */
export async function keepOwnNames(folder: string): Promise<void> {
  await rm(join(folder, NAMED_FOLDER), { recursive: true, force: true })
  const entries = (await readdir(folder)).filter((name) => !name.endsWith('.sample'))
  if (!entries.some((name) => name.endsWith(KEPT))) return
  const texts = new Map<string, string | null>()
  for (const name of entries) texts.set(name, await readHook(join(folder, name)))
  const theirs = entries.filter((name) => !isOurScript(texts.get(name) ?? ''))
  if (!theirs.some((name) => ASKS_FOR_NAME.test(texts.get(name) ?? ''))) return
  await mkdir(join(folder, NAMED_FOLDER))
  for (const name of theirs) {
    const plain = name.endsWith(KEPT) ? name.slice(0, -KEPT.length) : name
    await symlink(join('..', name), join(folder, NAMED_FOLDER, plain))
  }
}
