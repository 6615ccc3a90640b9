/** Conclusion: what a pull request is told, from verdicts and from what is missing. */
import type { Conclusion } from '../report/report.ts'
import type { Contract } from './contract.ts'
import type { Result, Verdict } from './policy.ts'

/**
 * The published table. A row is a result of a policy, once where the contract gates and once where it advises; the
 * worst row that applies decides (failure, then neutral, then success).
 *
 * | result  | gated   | advisory |
 * |---------|---------|----------|
 * | pass    | success | success  |
 * | skipped | success | success  |
 * | waived  | success | success  |
 * | fail    | failure | neutral  |
 * | error   | failure | neutral  |
 *
 * Missing evidence adds rows of its own: commits without evidence beside commits with it are `neutral`; a pull request
 * without any session is what the contract says (`missingSession`). An error is treated as a violation, so that a gate
 * never opens by accident; neutral does not block a required check on GitHub, and its text names what is absent.
 */
export const conclusionTable: Readonly<Record<Result, { readonly gated: Conclusion; readonly advisory: Conclusion }>> =
  {
    pass: { gated: 'success', advisory: 'success' },
    skipped: { gated: 'success', advisory: 'success' },
    waived: { gated: 'success', advisory: 'success' },
    fail: { gated: 'failure', advisory: 'neutral' },
    error: { gated: 'failure', advisory: 'neutral' },
  }

export const missingEvidence: Conclusion = 'neutral'

export interface ConclusionInput {
  /** Verdicts of all sessions that contributed, and those on the pull request as a whole. */
  readonly verdicts: readonly Verdict[]
  readonly sessions: number
  readonly unobservedCommits: number
  readonly missingSession: Contract['missingSession']
}

export function conclude({ verdicts, sessions, unobservedCommits, missingSession }: ConclusionInput): Conclusion {
  return worst([
    ...(sessions === 0 ? [missingSession] : []),
    ...verdicts.map(({ result, gate }) => conclusionTable[result][gate ? 'gated' : 'advisory']),
    ...(sessions > 0 && unobservedCommits > 0 ? [missingEvidence] : []),
  ])
}

const order: readonly Conclusion[] = ['failure', 'neutral', 'success']

function worst(list: readonly Conclusion[]): Conclusion {
  return order.find((conclusion) => list.includes(conclusion)) ?? 'success'
}
