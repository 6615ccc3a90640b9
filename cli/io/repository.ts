/** The repository that a command runs in: its folders, its configuration and its remotes. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Fault } from '#core/fault.ts'
import { fields, gitLine, runGit } from './git.ts'

export interface Repository {
  /** Absolute path of this work tree. */
  readonly root: string
  /** Of this work tree: differs from `commonDirectory` in a linked worktree. */
  readonly gitDirectory: string
  /** Shared by all worktrees. */
  readonly commonDirectory: string
  /** `<commonDirectory>/stemma`: all local state of Stemma; it need not exist yet. */
  readonly stateDirectory: string
}

/** The repository that `directory` lies in; throws not-a-repository outside of one and in a bare one. */
export async function findRepository(directory: string): Promise<Repository> {
  const refused = (message: string): Fault =>
    new Fault('not-a-repository', { message, hint: 'Change into a Git repository, or make one with `git init`.' })
  if (directory.includes('\ufffd') && !existsSync(directory))
    throw new Fault('not-a-repository', {
      message: `The name of this folder is not UTF-8, and Node.js cannot open such a one: ${directory}`,
      hint: 'Run it from a folder above (`cd ..`, or `--cwd FOLDER`), or rename the folder.',
    })
  if (!existsSync(directory)) throw refused(`There is no folder ${directory}.`)
  // One question a call: each answer is a path, and a path may hold a newline.
  const questions = ['--show-toplevel', '--git-dir', '--git-common-dir']
  const answers = await Promise.all(questions.map((question) => runGit(directory, ['rev-parse', question])))
  const [root, gitDirectory, commonDirectory] = answers.map((answer) =>
    answer.code === 0 ? resolve(directory, answer.output.toString('utf8').replace(/\n$/, '')) : null,
  )
  if (!root || !gitDirectory || !commonDirectory) {
    const reason = answers.find((answer) => answer.code !== 0)?.errors.split('\n')[0] ?? ''
    throw refused(`${directory} is not inside the work tree of a Git repository. ${reason}`.trim())
  }
  return { root, gitDirectory, commonDirectory, stateDirectory: join(commonDirectory, 'stemma') }
}

/** Absolute paths of all work trees, the main one first; vanished ones included. */
export async function listWorktrees(repository: Repository): Promise<readonly string[]> {
  const answer = await runGit(repository.root, ['worktree', 'list', '--porcelain', '-z'])
  if (answer.code !== 0) return [repository.root] // git before 2.36 knows no -z here
  return fields(answer.output)
    .filter((field) => field.startsWith('worktree '))
    .map((field) => field.slice('worktree '.length))
}

/** The value of a configuration key, or null. */
export async function readConfiguration(repository: Repository, key: string): Promise<string | null> {
  return gitLine(repository.root, ['config', '--get', key])
}

export async function remoteUrl(repository: Repository, remote: string): Promise<string | null> {
  return gitLine(repository.root, ['remote', 'get-url', '--', remote])
}

export async function listRemotes(repository: Repository): Promise<readonly string[]> {
  return ((await gitLine(repository.root, ['remote'])) ?? '').split('\n').filter((name) => name !== '')
}

/** Host and `owner/name` of a remote's address; null for local paths and what has no such form. Credentials are dropped. */
export function parseRemoteUrl(url: string): { readonly host: string; readonly repository: string } | null {
  const scp = /^(?:[^@/]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(url)
  const full = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/.exec(url)
  const [, host, path] = full ?? scp ?? []
  if (host === undefined || path === undefined) return null
  const parts = path
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
  const name = parts.pop()
  const owner = parts.join('/')
  return name && owner ? { host: host.toLowerCase(), repository: `${owner}/${name}` } : null
}
