/** Sums of stored verdicts -> one tally for each policy: which of them count, and what stands behind them. */
import type { Policy, Result } from '../policy/policy.ts'
import { policies as registry } from '../policy/registry.ts'
import type { PolicyTally } from './posture.ts'

/** How many subjects of one repository have one answer of one policy. */
export interface VerdictSum {
  readonly on: 'session' | 'pullRequest'
  /** '' = no repository. */
  readonly repository: string
  readonly policy: string
  readonly result: Result
  readonly verdicts: number
  /** Of `verdicts`: on pull requests that are not merged; 0 for sessions. */
  readonly unmerged: number
}

/** Of a sum over sessions, how many a waiver in force covers. */
export type WaivedSum = Pick<VerdictSum, 'repository' | 'policy' | 'result' | 'verdicts'>

/** What is waived counts for itself, neither as a violation nor as a doubt. */
export function withWaived(sums: readonly VerdictSum[], waived: readonly WaivedSum[]): readonly VerdictSum[] {
  return sums.flatMap((sum) => {
    const own = waived.filter(
      ({ repository, policy, result }) =>
        repository === sum.repository && policy === sum.policy && result === sum.result,
    )
    const moved = Math.min(sum.verdicts, total(own))
    if (moved === 0) return [sum]
    return [
      { ...sum, verdicts: sum.verdicts - moved },
      { ...sum, result: 'waived' as const, verdicts: moved },
    ]
  })
}

/** A sum of what counts. */
export interface CountedSum extends Omit<VerdictSum, 'unmerged'> {
  /** They are counted as skipped only as long as the pull requests wait. */
  readonly waits: boolean
}

/** A verdict that can be looked at. */
export interface VerdictEvidence extends Pick<VerdictSum, 'on' | 'policy' | 'result'> {
  readonly repository: string | null
  /** By which a posture names it. */
  readonly name: string
}

/** Policies whose verdict on a pull request stands in the place of those on its sessions. */
export function judgedInstead(policies: readonly Policy[] = registry): ReadonlySet<string> {
  return idsOf(policies, ({ onPullRequest }) => onPullRequest === 'instead')
}

/** Policies that ask for what people do last. A review that has not come yet is not one that is missing. */
export function decidedByMerge(policies: readonly Policy[] = registry): ReadonlySet<string> {
  return idsOf(policies, ({ asksForge = [] }) => asksForge.includes('reviews'))
}

/** Without what the same change would count twice for, and what is not decided before a merge. */
export function countedSums(sums: readonly VerdictSum[]): readonly CountedSum[] {
  const isCounted = counting(sums)
  const later = decidedByMerge()
  return sums.filter(isCounted).flatMap(({ unmerged, ...sum }) => {
    const open = sum.result === 'fail' && later.has(sum.policy) ? unmerged : 0
    const parts: readonly CountedSum[] = [
      { ...sum, verdicts: sum.verdicts - open, waits: false },
      { ...sum, result: 'skipped', verdicts: open, waits: true },
    ]
    return parts.filter(({ verdicts }) => verdicts > 0)
  })
}

/** One for each policy that said anything. `sums`: those from which the others were counted. */
export function talliesOf(
  counted: readonly CountedSum[],
  { evidence, sums }: { readonly evidence: readonly VerdictEvidence[]; readonly sums: readonly VerdictSum[] },
): readonly PolicyTally[] {
  const behind = evidence.filter(counting(sums))
  return [...new Set(counted.map(({ policy }) => policy))].map((policy) => {
    const own = counted.filter((one) => one.policy === policy)
    const number = (...wanted: readonly Result[]) => total(own.filter(({ result }) => wanted.includes(result)))
    const named = (...wanted: readonly Result[]) =>
      behind.filter((one) => one.policy === policy && wanted.includes(one.result)).map(({ name }) => name)
    return {
      policy,
      counts: {
        pass: number('pass'),
        fail: number('fail'),
        error: number('error'),
        skipped: number('skipped'),
        waived: number('waived'),
      },
      waits: total(own.filter(({ waits }) => waits)),
      against: named('fail', 'error'),
      for: named('pass'),
    }
  })
}

/**
 * Where a repository has verdicts on whole pull requests, those on its sessions do not count beside them: a session alone
 * knows less. Repositories without pull requests keep what their sessions say.
 */
function counting(sums: readonly VerdictSum[]): (one: Omit<VerdictEvidence, 'name' | 'result'>) => boolean {
  const instead = judgedInstead()
  const key = ({ policy, repository }: { readonly policy: string; readonly repository: string | null }) =>
    JSON.stringify([policy, (repository ?? '').toLowerCase()])
  const whole = new Set(sums.filter(({ on, policy }) => on === 'pullRequest' && instead.has(policy)).map(key))
  return (one) => one.on === 'pullRequest' || !whole.has(key(one))
}

function total(sums: readonly Pick<VerdictSum, 'verdicts'>[]): number {
  return sums.reduce((sum, { verdicts }) => sum + verdicts, 0)
}

function idsOf(policies: readonly Policy[], is: (policy: Policy) => boolean): ReadonlySet<string> {
  return new Set(policies.filter(is).map(({ id }) => id))
}
