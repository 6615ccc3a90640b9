/** PullRequest: what policies may know of a pull request, filled by whoever speaks to the forge. */
import type { ForgeReview } from '../ports.ts'

/** What the forge says about a commit's signature. `unknown`: it did not say; that is not the same as `unsigned`. */
export const signatureStates = ['verified', 'invalid', 'unsigned', 'unknown'] as const
export type SignatureState = (typeof signatureStates)[number]

export interface PullRequestCommit {
  /** Full id. */
  readonly sha: string
  /** Login at the forge; null where the forge knows no account for the author. */
  readonly author: string | null
  readonly signature: SignatureState
  /** Whether evidence of this organisation names the commit, after squash and rebase were followed. */
  readonly hasEvidence: boolean
  /** More than one parent. Its content came with other commits. */
  readonly isMerge: boolean
}

export interface Review {
  readonly by: string
  readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed'
  /** Head at which it was given; null where the forge does not say. */
  readonly commit: string | null
  /** An app or another account that is no person. */
  readonly isBot: boolean
}

/** A file of the pull request as the forge compares its two ends. */
export interface ChangedFile {
  readonly path: string
  readonly additions: number
  readonly deletions: number
}

export interface PullRequest {
  readonly number: number
  readonly author: string | null
  readonly base: string
  readonly head: string
  /** All commits, in order. */
  readonly commits: readonly PullRequestCommit[]
  /** The latest review of each reviewer; null = the forge was not asked or did not answer. */
  readonly reviews: readonly Review[] | null
  /** null or absent = the forge was not asked or did not answer. */
  readonly files?: readonly ChangedFile[] | null
}

/**
 * What each reviewer says now. A comment takes no approval back; a dismissal and a later request for changes do. What
 * nobody is known to have said counts for nobody.
 */
export function latestReviews(given: readonly ForgeReview[]): readonly Review[] {
  const latest = new Map<string, Review>()
  for (const { by, state, commit, isBot } of given) {
    if (by === null) continue
    const name = by.toLowerCase()
    if (state === 'commented' && latest.has(name)) continue
    latest.set(name, { by, state, commit, isBot })
  }
  return [...latest.values()]
}
