/** Commits: by name, by range, and what they say of themselves. */
import { fields, git, gitLine } from './git.ts'
import type { Repository } from './repository.ts'

export interface CommitInformation {
  readonly commit: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly authorName: string
  readonly authorEmail: string
  /** RFC 3339 UTC. */
  readonly authoredAt: string
  readonly committedAt: string
  /** The whole message, as UTF-8. */
  readonly message: string
  readonly subject: string
}

const COMMIT_FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%at', '%ct', '%s', '%B'].join('%x00')
const COMMIT_FIELDS = 9

/** In the order asked for. Throws where one is no commit of this repository. */
export async function readCommits(
  repository: Repository,
  commits: readonly string[],
): Promise<readonly CommitInformation[]> {
  if (commits.length === 0) return []
  const output = await git(
    repository.root,
    [
      'log',
      '--no-walk=unsorted',
      '-z',
      '--encoding=UTF-8',
      '--no-show-signature',
      '--no-mailmap',
      `--format=${COMMIT_FORMAT}`,
      '--stdin',
    ],
    { input: `${commits.join('\n')}\n` },
  )
  const all = fields(output)
  const read: CommitInformation[] = []
  for (let at = 0; at + COMMIT_FIELDS <= all.length; at += COMMIT_FIELDS) {
    const [
      commit = '',
      tree = '',
      parents = '',
      authorName = '',
      authorEmail = '',
      authored = '',
      committed = '',
      subject = '',
      message = '',
    ] = all.slice(at, at + COMMIT_FIELDS)
    read.push({
      commit,
      tree,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      authorName,
      authorEmail,
      authoredAt: new Date(Number(authored) * 1000).toISOString(),
      committedAt: new Date(Number(committed) * 1000).toISOString(),
      message,
      subject,
    })
  }
  return read
}

/** Full id of a commit-ish, or null where there is none. */
export async function resolveCommit(repository: Repository, name: string): Promise<string | null> {
  return gitLine(repository.root, ['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`])
}

/** Commits reachable from `tip` and not from `base` (null: all), parents before children. */
export async function listCommits(
  repository: Repository,
  tip: string,
  base: string | null,
): Promise<readonly string[]> {
  const range = base === null ? [tip] : [tip, `^${base}`]
  const output = await git(repository.root, [
    'rev-list',
    '--topo-order',
    '--reverse',
    '--end-of-options',
    ...range,
    '--',
  ])
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
}
