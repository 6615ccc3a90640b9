/** Branches, tags and files of a bare repository. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { git, tryGit } from './run.ts'

export const ZERO_SHA = '0'.repeat(40)

/** Creates a bare repository, or makes an existing one fit to be pushed to over HTTP. */
export async function prepareRepository(path: string, defaultBranch: string): Promise<void> {
  if (!existsSync(join(path, 'HEAD'))) {
    await mkdir(path, { recursive: true })
    await git(path, ['init', '--bare', '--quiet', `--initial-branch=${defaultBranch}`])
  }
  await git(path, ['config', 'http.receivepack', 'true'])
  // As at GitHub, people may fetch refs/pull/* and may not push to it.
  await git(path, ['config', 'receive.hideRefs', 'refs/pull'])
  await git(path, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
}

/** Branches and tags with the objects they point at. */
export async function readRefs(path: string): Promise<Record<string, string>> {
  const text = await git(path, ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/tags'])
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => [line.slice(41), line.slice(0, 40)]))
}

export async function setRef(path: string, ref: string, sha: string): Promise<void> {
  await git(path, ['update-ref', ref, sha])
}

/** Moves a ref only while it still is where the caller saw it. */
export async function moveRef(path: string, move: { ref: string; to: string; from: string }): Promise<boolean> {
  return (await tryGit(path, ['update-ref', move.ref, move.to, move.from])).code === 0
}

export async function deleteRef(path: string, ref: string): Promise<void> {
  await git(path, ['update-ref', '-d', ref])
}

/** Brings a commit over from another repository and holds it under a ref. */
export async function fetchInto(path: string, source: { path: string; sha: string; ref: string }): Promise<void> {
  if (source.path !== path)
    await git(path, ['fetch', '--quiet', '--no-tags', '--force', source.path, `${source.sha}:${source.ref}`])
  else await setRef(path, source.ref, source.sha)
}

export interface TreeEntry {
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
  readonly size: number
  readonly path: string
}

/** The entry at a path, or the entries of a folder when the path ends with a slash or is empty. */
export async function listTree(path: string, commit: string, at: string): Promise<readonly TreeEntry[]> {
  const text = await git(path, ['ls-tree', '-z', '--long', commit, '--', ...(at === '' ? [] : [at])])
  return text
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t')
      const [mode = '', type = '', sha = '', size = ''] = line.slice(0, tab).split(/ +/)
      return { mode, type: type as TreeEntry['type'], sha, size: Number(size) || 0, path: line.slice(tab + 1) }
    })
}
