/** Waiver: somebody asked that a policy be let pass for a while, with a reason, and an administrator agreed. */
import { z } from 'zod'
import type { Verdict } from './policy.ts'

const repository = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'must be `owner/name`')

export const WaiverScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('repository'), repository }),
  z.strictObject({ kind: z.literal('pullRequest'), repository, number: z.int().positive() }),
  z.strictObject({ kind: z.literal('session'), session: z.string().min(1).max(300) }),
])
export type WaiverScope = Readonly<z.infer<typeof WaiverScope>>

export const waiverStates = ['requested', 'approved', 'revoked'] as const

const Person = z.object({ id: z.string(), name: z.string() })

export const Waiver = z.object({
  id: z.string(),
  policy: z.string(),
  scope: WaiverScope,
  reason: z.string(),
  state: z.enum(waiverStates),
  requestedBy: Person,
  /** An administrator other than who asked. */
  approvedBy: Person.nullable(),
  createdAt: z.iso.datetime(),
  /** When each was decided and by whom; null or absent = not decided. */
  approvedAt: z.iso.datetime().nullish(),
  revokedBy: Person.nullish(),
  revokedAt: z.iso.datetime().nullish(),
  /** From then on the policy counts again. */
  expiresAt: z.iso.datetime(),
  /** Where the organisation's log holds the digest of the newest decision; null or absent = not decided, or not logged yet. */
  logIndex: z.int().nonnegative().nullish(),
  /** The decision as it was logged: canonical JSON whose SHA-256 is the leaf's id. */
  statement: z.string().nullish(),
})
export type Waiver = Readonly<z.infer<typeof Waiver>>

/** What verdicts are about. null = not known, or no pull request. */
export interface WaiverSubject {
  /** null: a pull request as a whole, which no waiver for one session covers. */
  readonly session: string | null
  readonly repository: string | null
  readonly pullRequest: number | null
  /** RFC 3339 UTC. */
  readonly now: string
}

/**
 * Violations and errors that a waiver in force covers become `waived`, and say by whom, until when and why; findings and
 * doubts stay, for what happened has happened. Passes and skips stay what they are. Of several waivers the one that
 * holds longest is named.
 */
export function applyWaivers(
  verdicts: readonly Verdict[],
  waivers: readonly Waiver[],
  subject: WaiverSubject,
): readonly Verdict[] {
  return verdicts.map((verdict) => {
    if (verdict.result !== 'fail' && verdict.result !== 'error') return verdict
    const [waiver] = waivers
      .filter((one) => one.policy === verdict.policy && isInForce(one, subject.now) && covers(one.scope, subject))
      .sort((left, right) => compare(right.expiresAt, left.expiresAt) || compare(left.id, right.id))
    return waiver === undefined ? verdict : { ...verdict, result: 'waived', reason: reasonOf(waiver) }
  })
}

/** Nobody approves what they asked for themselves; should such a row exist, it opens nothing. */
export function isInForce({ state, expiresAt, requestedBy, approvedBy }: Waiver, now: string): boolean {
  const isApproved = state === 'approved' && approvedBy !== null && approvedBy.id !== requestedBy.id
  return isApproved && Date.parse(expiresAt) > Date.parse(now)
}

function covers(scope: WaiverScope, { session, repository: named, pullRequest }: WaiverSubject): boolean {
  if (scope.kind === 'session') return scope.session === session
  if (named === null || scope.repository.toLowerCase() !== named.toLowerCase()) return false
  return scope.kind === 'repository' || scope.number === pullRequest
}

function reasonOf({ requestedBy, approvedBy, expiresAt, reason }: Waiver): string {
  const by = `by ${approvedBy?.name ?? 'nobody'} at the request of ${requestedBy.name}`
  return `Waived until ${expiresAt.slice(0, 10)} ${by}: ${reason}`
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
