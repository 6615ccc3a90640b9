/**
 * Contract and pending call -> allow, ask or deny.
 *
 * | what a policy says     | required (`gate`)      | advisory               |
 * |------------------------|------------------------|------------------------|
 * | violation              | deny                   | ask                    |
 * | cannot tell            | ask                    | ask                    |
 *
 * Where the agent cannot ask, an ask becomes what the contract's `guard.unsure` says: allow, unless it says deny. A policy
 * that broke, and one of an unknown name, cannot tell. The strictest answer of all policies holds.
 */

import type { Places } from '../agents/paths.ts'
import type { Contract } from '../policy/contract.ts'
import { evaluateBy } from '../policy/evaluate-by.ts'
import type { Policy, Verdict } from '../policy/policy.ts'
import { type GuardDecision, guardDecisions, type PendingCall } from './guard.ts'
import { pendingSession } from './pending-session.ts'

export interface GuardAnswer {
  readonly decision: GuardDecision
  /** Policies that objected or could not tell, the deciding ones first; empty for a plain allow. */
  readonly policies: readonly string[]
  /** Which rule, why, and what to do instead; '' for a plain allow. It quotes the call. */
  readonly reason: string
}

/** The parts of a contract on which a decision depends. */
export type GuardedContract = Pick<Contract, 'policies' | 'guard'>

export interface GuardQuestion {
  readonly contract: GuardedContract
  readonly call: PendingCall
  readonly places: Places
  readonly canAsk: boolean
}

export const plainAllow: GuardAnswer = { decision: 'allow', policies: [], reason: '' }

export function decide(question: GuardQuestion, registry: readonly Policy[]): GuardAnswer {
  const { contract, call, places, canAsk } = question
  const guards = new Map(registry.filter(({ guards }) => guards === true).map((policy) => [policy.id, policy]))
  const entries = contract.policies.filter(({ policy }) => guards.has(policy))
  if (entries.length === 0) return plainAllow
  const subject = { session: pendingSession(call, places), commits: [] }
  const objections = evaluateBy(registry, { policies: entries }, subject).flatMap((verdict) =>
    objectionsOf(verdict, guards.get(verdict.policy)?.fix ?? ''),
  )
  if (objections.length === 0) return plainAllow
  const unsure = contract.guard?.unsure ?? 'allow'
  const settled = objections.map((objection) => ({
    ...objection,
    decision: objection.wanted === 'deny' || canAsk ? objection.wanted : unsure,
  }))
  const decision = guardDecisions.findLast((one) => settled.some((objection) => objection.decision === one)) ?? 'allow'
  const deciding = settled.filter((objection) => objection.decision === decision)
  return {
    decision,
    policies: [...new Set([...deciding, ...settled].map(({ policy }) => policy))],
    reason: deciding.map(({ words }) => words).join('\n'),
  }
}

interface Objection {
  readonly policy: string
  readonly wanted: 'ask' | 'deny'
  readonly words: string
}

/** One call seldom violates a policy in two ways, but a command line may hold a hundred commands. */
const MAX_OBJECTIONS = 3
const MAX_MESSAGE = 600

function objectionsOf({ policy, gate, result, findings, doubts, reason }: Verdict, fix: string): readonly Objection[] {
  const violations = findings.slice(0, MAX_OBJECTIONS).map(
    (finding): Objection => ({
      policy,
      wanted: gate ? 'deny' : 'ask',
      words: `Stemma, policy ${policy}: ${sentence(finding.message)} Instead: ${finding.fix}`,
    }),
  )
  if (violations.length > 0 || result !== 'error') return violations
  const unclear = doubts.length > 0 ? doubts.map(({ message }) => message) : [reason ?? 'the policy broke']
  return unclear.slice(0, MAX_OBJECTIONS).map((message) => ({
    policy,
    wanted: 'ask',
    words: `Stemma, policy ${policy}, cannot tell: ${sentence(message)} Instead: write it so that its meaning is visible. ${fix}`,
  }))
}

function sentence(message: string): string {
  const text = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message
  return `${text.replace(/\s*\.$/, '')}.`
}
