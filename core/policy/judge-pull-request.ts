/** Verdicts on a pull request as a whole: policies about reviews, signatures, size, share, completeness and budgets. */
import type { CommitAttribution } from '../attribution/attribution.ts'
import type { Session, SessionHeader } from '../session/session.ts'
import { noUsage } from '../session/usage.ts'
import { BudgetParameters, budgetPolicies } from './budget.ts'
import type { Contract } from './contract.ts'
import { withCustomPolicies } from './custom-policies.ts'
import { evaluateBy } from './evaluate-by.ts'
import type { Policy, Verdict } from './policy.ts'
import type { PullRequest } from './pull-request.ts'
import { policies as registry } from './registry.ts'
import type { Spending } from './spending.ts'

export interface JudgedPullRequest {
  /** `owner/name#7` */
  readonly name: string
  readonly pullRequest: PullRequest
  /** One answer for each commit; lines of commits without evidence are `unknown`. */
  readonly commits: readonly CommitAttribution[]
  readonly sessions: readonly SessionHeader[]
  readonly spending: readonly Spending[] | null
}

/** In the contract's order; what does not apply is left out where the sessions have verdicts of their own. */
export function judgePullRequest(
  contract: Contract,
  { name, pullRequest, commits, sessions, spending }: JudgedPullRequest,
  policies: readonly Policy[] = withCustomPolicies(registry, contract.custom),
): readonly Verdict[] {
  const judged = policies.filter(({ onPullRequest }) => onPullRequest !== undefined)
  const beside = idsOf(judged, 'beside')
  const asked = contract.policies.filter(({ policy }) => judged.some(({ id }) => id === policy))
  const subject = { session: standingFor(name, sessions), commits, pullRequest, spending }
  return evaluateBy(judged, { policies: asked }, subject).filter(
    ({ policy, result }) => result !== 'skipped' || !beside.has(policy),
  )
}

/** Verdicts of a session that stay when the pull request has its own. */
export function besidePullRequest(
  verdicts: readonly Verdict[],
  policies: readonly Policy[] = registry,
): readonly Verdict[] {
  const instead = idsOf(policies, 'instead')
  return verdicts.filter(({ policy }) => !instead.has(policy))
}

/** Policies of the contract that need what only the forge knows. */
export function asksOfForge(
  contract: Pick<Contract, 'policies' | 'custom'>,
  what: NonNullable<Policy['asksForge']>[number],
  policies: readonly Policy[] = withCustomPolicies(registry, contract.custom),
): boolean {
  return contract.policies.some(({ policy: id }) => policies.find((one) => one.id === id)?.asksForge?.includes(what))
}

/** Policies of the contract that a machine cannot decide by itself: they ask the forge, or sum up what others spent. */
export function platformPolicies(
  contract: Pick<Contract, 'policies' | 'custom'>,
  policies: readonly Policy[] = withCustomPolicies(registry, contract.custom),
): readonly string[] {
  const needs = new Set(
    policies
      .filter(({ asksForge = [], id }) => id === 'session-present' || asksForge.some((what) => what !== 'files'))
      .map(({ id }) => id),
  )
  return contract.policies
    .filter(({ policy, with: parameters }) => needs.has(policy) || hasSums(policy, parameters))
    .map(({ policy }) => policy)
}

function hasSums(policy: string, parameters: unknown): boolean {
  const read = budgetPolicies.includes(policy) ? BudgetParameters.safeParse(parameters) : null
  return read?.success === true && [read.data, ...read.data.also].some(({ scope }) => scope !== 'session')
}

function idsOf(policies: readonly Policy[], on: NonNullable<Policy['onPullRequest']>): ReadonlySet<string> {
  return new Set(policies.filter(({ onPullRequest }) => onPullRequest === on).map(({ id }) => id))
}

/**
 * All sessions of the pull request as one, for rules that look at headers: the files of all, and the records of the one
 * whose transcript is least readable, since many good transcripts do not mend a broken one.
 */
function standingFor(name: string, sessions: readonly SessionHeader[]): Session {
  const share = ({ parse: { records, malformed } }: SessionHeader) =>
    records + malformed === 0 ? 0 : malformed / (records + malformed)
  const worst = sessions.reduce<SessionHeader | null>(
    (left, right) => (left === null || share(right) > share(left) ? right : left),
    null,
  )
  return {
    schema: 'stemma.session/v1',
    id: name,
    agent: { id: 'pull-request', version: null },
    entrypoint: null,
    startedAt: null,
    endedAt: null,
    branches: [],
    models: [],
    usage: noUsage,
    cost: { microUsd: null, unpricedModels: [], priceTable: '' },
    tools: [],
    files: sessions.flatMap(({ files }) => files),
    subagents: [],
    commits: [],
    permissionModes: [],
    prompts: 0,
    eventCount: 0,
    forkedFrom: null,
    capture: sessions.some(({ capture }) => capture === 'swept') ? 'swept' : 'hook',
    parse: worst?.parse ?? { records: 0, malformed: 0, unrecognised: {} },
    warnings: [],
    events: [],
  }
}
