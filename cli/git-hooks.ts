/**
 * Our four git hooks: what they say, where they go, and how the repository gets its own hooks back byte for byte.
 *
 * Where they go depends on who owns the folder that git takes hooks from:
 * - `.git/hooks` (or any folder inside the Git folder): a script of ours; a hook that was there is kept beside it as
 *   `<hook>.before-stemma` and runs first.
 * - a folder of the work tree (core.hooksPath = .githooks, husky): a marked block in the team's own script, so that the
 *   script stays theirs and the change can be committed; husky's generated `.husky/_` is never touched, its `.husky` is.
 * - a folder elsewhere (core.hooksPath of the person, shared by all repositories): untouched; this repository gets
 *   `core.hooksPath` of its own with scripts that run the person's hooks first.
 */
import { existsSync } from 'node:fs'
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { adoptFolder, releaseFolder } from './git-hooks/foreign-folder.ts'
import { keepOwnNames } from './git-hooks/own-names.ts'
import { installScript, isOurScript, readHook, uninstallScript } from './git-hooks/own-script.ts'
import { type HookName, hookNames, hookScript, NAMED_FOLDER, sharedBlock } from './git-hooks/script.ts'
import { addBlock, hasBlock, removeBlock } from './git-hooks/shared-script.ts'
import { readText, writeDurably } from './io/files.ts'
import { git } from './io/git.ts'
import { type Repository, readConfiguration } from './io/repository.ts'

export { type HookName, hookNames } from './git-hooks/script.ts'

export interface GitHookStatus {
  readonly name: HookName
  /** Absolute path of the file that git runs, or that husky runs for it. */
  readonly path: string
  readonly state: 'installed' | 'outdated' | 'missing'
  /** Whether another hook of the same name runs before ours. */
  readonly chains: boolean
}

type Place =
  | { readonly kind: 'own'; readonly folder: string }
  | { readonly kind: 'shared'; readonly folder: string }
  | { readonly kind: 'foreign'; readonly folder: string; readonly ours: string }

/** Installs or renews all four; what is as it should be is not written again. */
export async function installGitHooks(repository: Repository): Promise<readonly GitHookStatus[]> {
  const place = await findPlace(repository)
  if (place.kind === 'foreign') await adoptFolder(repository, place.folder, place.ours, launcherPath())
  else {
    await mkdir(place.folder, { recursive: true })
    for (const name of hookNames) {
      const path = join(place.folder, name)
      if (place.kind === 'own') await installScript(path, hookScript(name, { program: launcherPath() }))
      else await addBlock(path, sharedBlock(name))
    }
    await keepOwnNames(place.folder)
  }
  const status = await gitHookStatus(repository)
  // The launcher looks here at the start of a session, without asking git for the folder.
  await writeDurably(markPath(repository), `${status.find(({ name }) => name === 'post-commit')?.path ?? ''}\n`)
  return status
}

/** Takes them out again and gives every hook that was there before its place back. */
export async function uninstallGitHooks(repository: Repository): Promise<void> {
  const place = await findPlace(repository)
  if (place.kind === 'foreign') await releaseFolder(repository, place.ours)
  else {
    await rm(join(place.folder, NAMED_FOLDER), { recursive: true, force: true })
    for (const name of hookNames) {
      const path = join(place.folder, name)
      if (place.kind === 'own') await uninstallScript(path)
      else await removeBlock(path)
    }
    await rmdir(place.folder).catch(() => {}) // only where nothing is left in it
  }
  await rm(markPath(repository), { force: true })
}

export async function gitHookStatus(repository: Repository): Promise<readonly GitHookStatus[]> {
  const place = await findPlace(repository)
  return Promise.all(hookNames.map((name) => statusOf(name, place)))
}

async function statusOf(name: HookName, place: Place): Promise<GitHookStatus> {
  const path = join(place.kind === 'foreign' ? place.ours : place.folder, name)
  const text = await readHook(path)
  if (place.kind === 'shared') {
    // A script in another language than sh keeps its place behind one of ours.
    if (text !== null && isOurScript(text)) return { name, path, state: 'installed', chains: true }
    const state = text?.includes(sharedBlock(name)) ? 'installed' : text && hasBlock(text) ? 'outdated' : 'missing'
    return { name, path, state, chains: text !== null }
  }
  const before = place.kind === 'foreign' ? join(place.folder, name) : `${path}.before-stemma`
  const options = place.kind === 'foreign' ? { program: launcherPath(), before } : { program: launcherPath() }
  // A hook of theirs that stands in our place will be put beside it.
  const isTheirs = text !== null && !isOurScript(text)
  const state = text === null || isTheirs ? 'missing' : text === hookScript(name, options) ? 'installed' : 'outdated'
  return { name, path, state, chains: existsSync(before) || isTheirs }
}

function markPath(repository: Repository): string {
  return join(repository.stateDirectory, 'git-hooks')
}

async function findPlace(repository: Repository): Promise<Place> {
  const ours = join(repository.stateDirectory, 'hooks')
  const configured = await readConfiguration(repository, 'core.hooksPath')
  if (configured === null || configured === '')
    return { kind: 'own', folder: join(repository.commonDirectory, 'hooks') }
  const answer = await git(repository.root, ['rev-parse', '--git-path', 'hooks'])
  const folder = resolve(repository.root, answer.toString('utf8').replace(/\n$/, ''))
  if (folder === resolve(ours)) return { kind: 'foreign', folder: await previousFolder(ours, repository), ours }
  if (isInside(folder, repository.commonDirectory) || isInside(folder, repository.gitDirectory))
    return { kind: 'own', folder }
  if (!isInside(folder, repository.root)) return { kind: 'foreign', folder, ours }
  // husky writes `_` anew at each `npm install`; it runs the scripts of the folder above.
  const isHusky = basename(folder) === '_' && basename(dirname(folder)) === '.husky'
  return { kind: 'shared', folder: isHusky ? dirname(folder) : folder }
}

async function previousFolder(ours: string, repository: Repository): Promise<string> {
  const noted = (await readText(join(ours, 'replaces')))?.split('\n')[0]
  return noted ? noted : join(repository.commonDirectory, 'hooks')
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Absolute path of `cli/stemma`, for programs that start git without the person's PATH; null where it is not to be found. */
export function launcherPath(): string | null {
  const candidates = ['stemma', join('..', '..', 'cli', 'stemma')].map((way) => join(import.meta.dirname, way))
  return candidates.find((path) => existsSync(path)) ?? null
}
