/** Every policy that an organisation's contracts may name: the catalogue, and what it wrote itself. */
import { withCustomPolicies } from './custom-policies.ts'
import type { Document } from './document.ts'
import type { Policy } from './policy.ts'
import { customPolicyOf } from './policy-document.ts'
import { policies } from './registry.ts'

export function policiesInForce(documents: readonly Document[] | null): readonly Policy[] {
  const own = (documents ?? []).flatMap((one) => (one.kind === 'Policy' ? [customPolicyOf(one)] : []))
  return withCustomPolicies(policies, own)
}
