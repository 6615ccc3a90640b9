/** Comments, and the issue side of a pull request, as GitHub's API shows them. */
import type { Context } from '../context.ts'
import { type CommentRecord, commentsOf, type PullRequestRecord, type Repository } from '../state.ts'
import { association, nodeId, userNamed } from './account.ts'
import { appShape } from './app.ts'
import { repositoryApi, repositoryPage } from './repository.ts'

const reactions = (url: string): Record<string, unknown> => ({
  url: `${url}/reactions`,
  total_count: 0,
  '+1': 0,
  '-1': 0,
  laugh: 0,
  hooray: 0,
  confused: 0,
  heart: 0,
  rocket: 0,
  eyes: 0,
})

export function commentShape(
  context: Context,
  repository: Repository,
  comment: CommentRecord,
): Record<string, unknown> {
  const api = repositoryApi(context, repository)
  const url = `${api}/issues/comments/${comment.id}`
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    html_url: `${repositoryPage(context, repository)}/pull/${comment.issueNumber}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issueNumber}`,
    user: userNamed(context, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: comment.appId === null ? association(context, repository, comment.author) : 'NONE',
    body: comment.body,
    performed_via_github_app: comment.appId === null ? null : appShape(context),
    reactions: reactions(url),
  }
}

/** A pull request seen as an issue, as `issue_comment` deliveries carry it. */
export function issueShape(context: Context, repository: Repository, pull: PullRequestRecord): Record<string, unknown> {
  const api = repositoryApi(context, repository)
  const url = `${api}/issues/${pull.number}`
  const page = `${repositoryPage(context, repository)}/pull/${pull.number}`
  return {
    id: pull.id,
    node_id: nodeId('Issue', pull.id),
    number: pull.number,
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    title: pull.title,
    user: userNamed(context, pull.author),
    labels: [],
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: commentsOf(context.state, repository, pull.number).length,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    author_association: association(context, repository, pull.author),
    active_lock_reason: null,
    draft: pull.isDraft,
    pull_request: {
      url: `${api}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.mergedAt,
    },
    body: pull.body,
    reactions: reactions(url),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: null,
  }
}
