/** Commits as git has them. */
import { git, tryGit } from './run.ts'

interface Signature {
  readonly name: string
  readonly email: string
  /** RFC 3339, with the offset that git recorded. */
  readonly date: string
}

export interface GitCommit {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

const FORMAT = '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01'

function parse(record: string): GitCommit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', aI = '', cn = '', ce = '', cI = '', message = ''] =
    record.split('\0')
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: aI },
    committer: { name: cn, email: ce, date: cI },
    message: message.replace(/\n+$/, ''),
  }
}

/** Runs `git log` with these arguments. */
async function log(path: string, args: readonly string[]): Promise<readonly GitCommit[]> {
  const { code, stdout } = await tryGit(path, ['log', '--no-show-signature', `--format=tformat:${FORMAT}`, ...args])
  if (code !== 0) return []
  return stdout
    .split('\0\x01')
    .map((record) => record.replace(/^\n/, ''))
    .filter((record) => record !== '')
    .map(parse)
}

export async function readCommit(path: string, sha: string): Promise<GitCommit> {
  const [found] = await log(path, ['--max-count=1', sha])
  if (found === undefined) throw new Error(`The repository at ${path} has no commit ${sha}.`)
  return found
}

/** What `head` has and `base` lacks, oldest first, as pull requests list it. */
export function commitsBetween(path: string, base: string, head: string): Promise<readonly GitCommit[]> {
  return log(path, ['--reverse', '--topo-order', head, '--not', base])
}

/** Newest first; only what touched `file`, when one is given. */
export function history(path: string, from: string, file?: string): Promise<readonly GitCommit[]> {
  return log(path, [from, '--', ...(file === undefined ? [] : [file])])
}

export async function countBetween(path: string, base: string, head: string): Promise<number> {
  return Number((await git(path, ['rev-list', '--count', head, '--not', base])).trim())
}
