/** Reviews as GitHub's API shows them. */
import type { Context } from '../context.ts'
import type { ReviewRecord } from '../reviews.ts'
import type { Repository } from '../state.ts'
import { association, nodeId, userNamed } from './account.ts'
import { repositoryApi, repositoryPage } from './repository.ts'

export function reviewShape(context: Context, repository: Repository, review: ReviewRecord): Record<string, unknown> {
  const page = `${repositoryPage(context, repository)}/pull/${review.number}`
  const html = `${page}#pullrequestreview-${review.id}`
  const pull = `${repositoryApi(context, repository)}/pulls/${review.number}`
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: userNamed(context, review.author),
    body: '',
    state: review.state,
    commit_id: review.commitId,
    submitted_at: review.submittedAt,
    html_url: html,
    pull_request_url: pull,
    author_association: association(context, repository, review.author),
    _links: { html: { href: html }, pull_request: { href: pull } },
  }
}
