/** PullRequest: what policies may know of a pull request, filled by whoever speaks to the forge. */

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

export interface PullRequest {
  readonly number: number
  readonly author: string | null
  readonly base: string
  readonly head: string
  /** All commits, in order. */
  readonly commits: readonly PullRequestCommit[]
  /** The latest review of each reviewer; null = the forge was not asked or did not answer. */
  readonly reviews: readonly Review[] | null
}
