/** What the contract says of a pull request as a whole, out of the material of its report. */
import { type CommitAttribution, noLines } from '../attribution/attribution.ts'
import { judgePullRequest } from '../policy/judge-pull-request.ts'
import type { Verdict } from '../policy/policy.ts'
import type { PullRequest } from '../policy/pull-request.ts'
import { type Spending, spendingOf, spendingSession } from '../policy/spending.ts'
import { applyWaivers } from '../policy/waiver.ts'
import type { Material, SessionMaterial } from './material.ts'

interface Known {
  /** One answer for each commit of which there is evidence. */
  readonly merged: readonly CommitAttribution[]
  /** Those that contributed. */
  readonly sessions: readonly SessionMaterial[]
}

/** null where the commits are not those of a pull request at a forge. */
export function pullRequestVerdicts(material: Material, { merged, sessions }: Known): readonly Verdict[] | null {
  const { change, contract, repository, number } = material
  if (change === undefined) return null
  const name = `${repository}#${number}`
  const headers = sessions.map(({ header }) => header)
  const spending: readonly Spending[] = [
    spendingOf(headers.map(spendingSession), { scope: 'pull-request', name, month: null }),
    ...change.spending,
  ]
  const verdicts = judgePullRequest(contract, {
    name,
    pullRequest: pullRequestOf(material, change, merged),
    commits: [...merged, ...unobserved(material, merged)],
    sessions: headers,
    spending,
  })
  return applyWaivers(verdicts, change.waivers, { session: null, repository, pullRequest: number, now: change.now })
}

function pullRequestOf(
  { number, head, commits }: Material,
  { author, base, reviews, files }: NonNullable<Material['change']>,
  merged: readonly CommitAttribution[],
): PullRequest {
  const observed = new Set(merged.map(({ commit }) => commit))
  return {
    number,
    author,
    base,
    head,
    commits: commits.map(({ sha, authorLogin, signature, parents }) => ({
      sha,
      author: authorLogin,
      signature: signature ?? 'unknown',
      hasEvidence: observed.has(sha),
      isMerge: parents.length > 1,
    })),
    reviews,
    files,
  }
}

/**
 * Commits without evidence, their lines of unknown origin. Of a pull request without any, nothing is known to judge by:
 * `missingSession` and `session-present` say what that means.
 */
function unobserved(
  { commits, unobservedLines = new Map() }: Material,
  merged: readonly CommitAttribution[],
): readonly CommitAttribution[] {
  if (merged.length === 0) return []
  const observed = new Set(merged.map(({ commit }) => commit))
  return commits
    .filter(({ sha }) => !observed.has(sha) && unobservedLines.has(sha))
    .map(({ sha, parents }) => ({
      commit: sha,
      parents: [...parents],
      authoredAt: '1970-01-01T00:00:00.000Z',
      subject: '',
      patchId: null,
      files: [],
      added: { ...noLines, unknown: unobservedLines.get(sha) ?? 0 },
      removed: noLines,
      sessions: [],
    }))
}
