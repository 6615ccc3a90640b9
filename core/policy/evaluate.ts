/** Evaluation: what a contract's policies say about one session. The laptop and the cloud call this same function. */
import type { Contract } from './contract.ts'
import { withCustomPolicies } from './custom-policies.ts'
import { evaluateBy } from './evaluate-by.ts'
import type { Policy, Subject, Verdict } from './policy.ts'
import { policies } from './registry.ts'

/** One verdict for each entry of the contract, in its order; see `evaluateBy`. */
export function evaluate(
  contract: Contract,
  subject: Subject,
  registry: readonly Policy[] = policies,
): readonly Verdict[] {
  return evaluateBy(withCustomPolicies(registry, contract.custom), contract, subject)
}
