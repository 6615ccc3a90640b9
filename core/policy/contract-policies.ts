/** The parts of a contract that the local guard needs, apart from the others: it starts with these alone. */
import { z } from 'zod'

export const GuardSettings = z.strictObject({
  /** A policy cannot tell, and the agent has no way to ask a person. */
  unsure: z.enum(['allow', 'deny']).default('allow'),
  /** The guard itself broke, took too long, or found no contract that it can read. */
  failure: z.enum(['allow', 'deny']).default('allow'),
})
export type GuardSettings = Readonly<z.infer<typeof GuardSettings>>

export const ContractPolicies = z.array(
  z.object({
    policy: z.string(),
    with: z.record(z.string(), z.unknown()).default({}),
    /** A violation of a gated policy fails the check; of another one it makes the check neutral. */
    gate: z.boolean(),
  }),
)

/** In force until an administrator writes others. */
export const defaultPolicies: z.infer<typeof ContractPolicies> = [
  { policy: 'approved-agents', with: {}, gate: false },
  { policy: 'approved-models', with: {}, gate: false },
  { policy: 'no-hook-bypass', with: {}, gate: true },
  { policy: 'no-dangerous-commands', with: {}, gate: true },
  { policy: 'tests-after-last-edit', with: {}, gate: false },
]
