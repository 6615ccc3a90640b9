/** Merges in a bare repository, with plumbing only. */
import { commitsBetween, type GitCommit, readCommit } from './commits.ts'
import { forgeIdentity, git, tryGit } from './run.ts'

interface Identity {
  readonly name: string
  readonly email: string
  readonly date?: string
}

interface NewCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  readonly author: Identity
  readonly committer?: Identity
}

export async function writeCommit(path: string, commit: NewCommit): Promise<string> {
  const committer = commit.committer ?? forgeIdentity
  const env: Record<string, string> = {
    GIT_AUTHOR_NAME: commit.author.name,
    GIT_AUTHOR_EMAIL: commit.author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    ...(commit.author.date === undefined ? {} : { GIT_AUTHOR_DATE: commit.author.date }),
  }
  const args = ['commit-tree', commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent])]
  return (await git(path, args, { stdin: `${commit.message}\n`, env })).trim()
}

/** The tree of a merge, or null when it conflicts. */
export async function mergedTree(path: string, base: string, head: string): Promise<string | null> {
  const { code, stdout, stderr } = await tryGit(path, ['merge-tree', '--write-tree', base, head])
  if (code === 0) return stdout.trim()
  if (code === 1) return null
  throw new Error(`git merge-tree ended with ${code}: ${stderr.trim()}`)
}

/** Puts the change of one commit on top of another; null when it conflicts. */
async function replay(path: string, commit: GitCommit, onto: string): Promise<string | null> {
  const target = await readCommit(path, onto)
  // A commit with the target's tree and the picked commit's parent makes that parent the merge base,
  // so a three-way merge yields exactly the picked change (merge-tree takes no base before git 2.40).
  const standIn = await writeCommit(path, {
    tree: target.tree,
    parents: commit.parents,
    message: 'stand-in',
    author: forgeIdentity,
  })
  const tree = await mergedTree(path, standIn, commit.sha)
  if (tree === null) return null
  return writeCommit(path, { tree, parents: [onto], message: commit.message, author: commit.author })
}

/** Replays what `head` has and `base` lacks; the new commits, oldest first, or null when one conflicts. */
export async function rebased(path: string, base: string, head: string): Promise<readonly string[] | null> {
  const made: string[] = []
  let tip = base
  for (const commit of await commitsBetween(path, base, head)) {
    if (commit.parents.length > 1) continue
    const next = await replay(path, commit, tip)
    if (next === null) return null
    made.push(next)
    tip = next
  }
  return made
}
