/** Contract: which policies apply, with which parameters and which strictness. */
import { z } from 'zod'
import { RedactionSettings } from './redaction-settings.ts'

export const GuardSettings = z.strictObject({
  /** A policy cannot tell, and the agent has no way to ask a person. */
  unsure: z.enum(['allow', 'deny']).default('allow'),
  /** The guard itself broke, took too long, or found no contract that it can read. */
  failure: z.enum(['allow', 'deny']).default('allow'),
})
export type GuardSettings = Readonly<z.infer<typeof GuardSettings>>

export const Contract = z.object({
  name: z.string(),
  /** Rises with each change; verdicts keep the version by which they were reached. */
  version: z.int().positive(),
  policies: z.array(
    z.object({
      policy: z.string(),
      with: z.record(z.string(), z.unknown()).default({}),
      /** A violation of a gated policy fails the check; of another one it makes the check neutral. */
      gate: z.boolean(),
    }),
  ),
  /** What a pull request without any evidence is told. */
  missingSession: z.enum(['success', 'neutral', 'failure']),
  /** What the local guard does where it is switched on; absent = both `allow`. */
  guard: GuardSettings.optional(),
  /** Taken out of every session on the machine, before it is signed, beyond secrets. */
  redaction: RedactionSettings.optional(),
  /** The most that may leave a machine; a project's own tier may be narrower. `full` and `metadata` mean what they always did. */
  tier: z.enum(['metadata', 'redacted', 'full']).optional(),
})
export type Contract = Readonly<z.infer<typeof Contract>>

/** In force until an administrator writes another one. */
export const defaultContract: Contract = {
  name: 'default',
  version: 1,
  policies: [
    { policy: 'approved-agents', with: {}, gate: false },
    { policy: 'approved-models', with: {}, gate: false },
    { policy: 'no-hook-bypass', with: {}, gate: true },
    { policy: 'no-dangerous-commands', with: {}, gate: true },
    { policy: 'tests-after-last-edit', with: {}, gate: false },
  ],
  missingSession: 'success',
}
