/** Pull requests as GitHub's API shows them, with everything that git knows computed from git. */
import type { Context } from '../context.ts'
import { countBetween } from '../git/commits.ts'
import { type ChangedFile, changedFiles } from '../git/differences.ts'
import { mergedTree } from '../git/merging.ts'
import { mergeBase } from '../git/run.ts'
import { isPassed, latestRuns, unmetRules } from '../rulesets.ts'
import { commentsOf, type PullRequestRecord, type Repository, repositoryById } from '../state.ts'
import { association, nodeId, userNamed } from './account.ts'
import { repositoryApi, repositoryPage, repositoryShape } from './repository.ts'

function side(context: Context, repository: Repository, tip: { branch: string; sha: string }): Record<string, unknown> {
  return {
    label: `${repository.owner}:${tip.branch}`,
    ref: tip.branch,
    sha: tip.sha,
    user: userNamed(context, repository.owner),
    repo: repositoryShape(context, repository),
  }
}

export function simplePullRequestShape(
  context: Context,
  repository: Repository,
  pull: PullRequestRecord,
): Record<string, unknown> {
  const api = repositoryApi(context, repository)
  const url = `${api}/pulls/${pull.number}`
  const issue = `${api}/issues/${pull.number}`
  const page = `${repositoryPage(context, repository)}/pull/${pull.number}`
  const statuses = `${api}/statuses/${pull.head.sha}`
  const link = (href: string): { href: string } => ({ href })
  return {
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    number: pull.number,
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    state: pull.state,
    locked: false,
    title: pull.title,
    body: pull.body,
    user: userNamed(context, pull.author),
    labels: [],
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    active_lock_reason: null,
    draft: pull.isDraft,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    author_association: association(context, repository, pull.author),
    auto_merge: null,
    head: side(context, repositoryById(context.state, pull.head.repositoryId), pull.head),
    base: side(context, repository, pull.base),
    _links: {
      self: link(url),
      html: link(page),
      issue: link(issue),
      comments: link(`${issue}/comments`),
      review_comments: link(`${url}/comments`),
      review_comment: link(`${api}/pulls/comments{/number}`),
      commits: link(`${url}/commits`),
      statuses: link(statuses),
    },
  }
}

/** The commit from which the pull request's own changes start: where it left the base branch. */
export async function pullRequestStart(repository: Repository, pull: PullRequestRecord): Promise<string> {
  return (await mergeBase(repository.path, pull.base.sha, pull.head.sha)) ?? pull.base.sha
}

export async function pullRequestFiles(
  repository: Repository,
  pull: PullRequestRecord,
): Promise<readonly ChangedFile[]> {
  return changedFiles(repository.path, await pullRequestStart(repository, pull), pull.head.sha)
}

type Mergeability = { readonly mergeable: boolean | null; readonly mergeable_state: string }

export async function mergeability(
  context: Context,
  repository: Repository,
  pull: PullRequestRecord,
): Promise<Mergeability> {
  if (pull.state === 'closed') return { mergeable: null, mergeable_state: 'unknown' }
  const base = repository.refs[`refs/heads/${pull.base.branch}`] ?? pull.base.sha
  if ((await mergedTree(repository.path, base, pull.head.sha)) === null)
    return { mergeable: false, mergeable_state: 'dirty' }
  if (pull.isDraft) return { mergeable: true, mergeable_state: 'draft' }
  if (unmetRules(context, repository, pull.head.sha).length > 0) return { mergeable: true, mergeable_state: 'blocked' }
  const isStable = latestRuns(context, repository, pull.head.sha).every(isPassed)
  return { mergeable: true, mergeable_state: isStable ? 'clean' : 'unstable' }
}

export async function pullRequestShape(
  context: Context,
  repository: Repository,
  pull: PullRequestRecord,
): Promise<Record<string, unknown>> {
  const [files, commits, merging] = await Promise.all([
    pullRequestFiles(repository, pull),
    countBetween(repository.path, pull.base.sha, pull.head.sha),
    mergeability(context, repository, pull),
  ])
  return {
    ...simplePullRequestShape(context, repository, pull),
    ...merging,
    merged: pull.mergedAt !== null,
    merged_by: pull.mergedBy === null ? null : userNamed(context, pull.mergedBy),
    rebaseable: merging.mergeable,
    maintainer_can_modify: false,
    comments: commentsOf(context.state, repository, pull.number).length,
    review_comments: 0,
    commits,
    changed_files: files.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  }
}
