/** The contract that the last push was given, as `contract.json` keeps it: the parts that the guard needs. */
import { z } from 'zod'
import type { GuardedContract } from '#core/guard/decide.ts'
import { ContractPolicies, defaultPolicies, GuardSettings } from '#core/policy/contract-policies.ts'

const Kept = z.object({ contract: z.object({ policies: ContractPolicies, guard: GuardSettings.optional() }) })

/** `text` null: none was ever kept, so the default one holds. Throws where a kept one cannot be read: that is a failure. */
export function keptContract(text: string | null): GuardedContract {
  return text === null ? { policies: defaultPolicies } : Kept.parse(JSON.parse(text)).contract
}
