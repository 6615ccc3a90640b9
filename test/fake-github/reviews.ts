/** Reviews that people give. */
import type { Context } from './context.ts'
import { announceReview } from './events.ts'
import { type PullRequestRecord, type Repository, takeId, timestamp } from './state.ts'

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED'

export interface ReviewRecord {
  readonly id: number
  readonly repositoryId: number
  readonly number: number
  readonly author: string
  readonly state: ReviewState
  readonly commitId: string
  readonly submittedAt: string
}

export function addReview(
  context: Context,
  { repository, pull }: { readonly repository: Repository; readonly pull: PullRequestRecord },
  { author, state }: { readonly author: string; readonly state: ReviewState },
): ReviewRecord {
  const review: ReviewRecord = {
    id: takeId(context.state),
    repositoryId: repository.id,
    number: pull.number,
    author,
    state,
    commitId: pull.head.sha,
    submittedAt: timestamp(context.now()),
  }
  context.state.reviews.push(review)
  context.changed()
  announceReview(context, { repository, pull, review })
  return review
}
