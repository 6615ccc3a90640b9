/** Commits and changed files as GitHub's API shows them. */
import type { Context } from '../context.ts'
import type { GitCommit } from '../git/commits.ts'
import type { ChangedFile } from '../git/differences.ts'
import { type Repository, timestamp } from '../state.ts'
import { nodeId, userShape } from './account.ts'
import { repositoryApi, repositoryPage } from './repository.ts'

const inUtc = (date: string): string => timestamp(Date.parse(date))

/** The account to which an address belongs; null when nobody has claimed it. */
function claimed(context: Context, email: string): Record<string, unknown> | null {
  const account = context.state.accounts.find((candidate) => candidate.email === email)
  return account === undefined ? null : userShape(context, account)
}

export function commitShape(context: Context, repository: Repository, commit: GitCommit): Record<string, unknown> {
  const api = repositoryApi(context, repository)
  const page = repositoryPage(context, repository)
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', repository.id) + commit.sha,
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      comment_count: 0,
      author: { ...commit.author, date: inUtc(commit.author.date) },
      committer: { ...commit.committer, date: inUtc(commit.committer.date) },
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: claimed(context, commit.author.email),
    committer: claimed(context, commit.committer.email),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
  }
}

export function fileShape(
  context: Context,
  { repository, sha }: { repository: Repository; sha: string },
  file: ChangedFile,
): Record<string, unknown> {
  const page = repositoryPage(context, repository)
  const path = file.filename.split('/').map(encodeURIComponent).join('/')
  return {
    sha: file.sha,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${sha}/${path}`,
    raw_url: `${page}/raw/${sha}/${path}`,
    contents_url: `${repositoryApi(context, repository)}/contents/${path}?ref=${sha}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousFilename === null ? {} : { previous_filename: file.previousFilename }),
  }
}

/** The short form inside webhooks. An address that is none would not pass GitHub's own schema. */
export function simpleCommitShape(commit: GitCommit): Record<string, unknown> {
  const person = ({ name, email }: GitCommit['author']): Record<string, string> => ({
    name,
    email: /^[^\s@<>]+@[^\s@<>]+\.[a-z]+$/i.test(email) ? email : 'nobody@users.noreply.example.com',
  })
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: inUtc(commit.committer.date),
    author: person(commit.author),
    committer: person(commit.committer),
  }
}
