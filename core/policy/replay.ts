/** Replay: what one policy would have said of a session, before it is in any contract. */

import type { CustomPolicy } from './custom-policy.ts'
import type { PolicyEntry } from './document.ts'
import { judge } from './judge.ts'
import type { Subject, Verdict } from './policy.ts'

/** By the same code as a contract's verdicts, so that switching the policy on holds no surprise. */
export function replay(
  { policy, with: parameters = {} }: Omit<PolicyEntry, 'gate'>,
  subject: Subject,
  custom: readonly CustomPolicy[] = [],
): Verdict {
  const contract = { name: 'replay', version: 1, missingSession: 'success' as const, custom: [...custom] }
  const [verdict] = judge({ ...contract, policies: [{ policy, with: parameters, gate: false }] }, subject)
  if (verdict === undefined) throw new TypeError('a contract of one policy gives one verdict')
  return verdict
}

/** The verdict where the evidence itself cannot be read: nobody could look, so nothing has passed. */
export function unreadable(policy: string, version: number, reason: string): Verdict {
  return { policy, version, result: 'error', gate: false, findings: [], doubts: [], reason: reason.slice(0, 500) }
}
