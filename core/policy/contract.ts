/** Contract: which policies apply, with which parameters and which strictness. */
import { z } from 'zod'
import { ContractPolicies, defaultPolicies, GuardSettings } from './contract-policies.ts'
import { CustomPolicy } from './custom-policy.ts'
import { FrameworkChecks } from './document-head.ts'
import { PrivacySettings } from './privacy-settings.ts'
import { RedactionSettings } from './redaction-settings.ts'

export const Contract = z.object({
  name: z.string(),
  /** Rises with each change; verdicts keep the version by which they were reached. */
  version: z.int().positive(),
  policies: ContractPolicies,
  /** What a pull request without any evidence is told. */
  missingSession: z.enum(['success', 'neutral', 'failure']),
  /** What the local guard does where it is switched on; absent = both `allow`. */
  guard: GuardSettings.optional(),
  /** Taken out of every session on the machine, before it is signed, beyond secrets. */
  redaction: RedactionSettings.optional(),
  /** The most that may leave a machine; a project's own tier may be narrower. `full` and `metadata` mean what they always did. */
  tier: z.enum(['metadata', 'redacted', 'full']).optional(),
  /** `retention`: days after which transcripts are erased; the organisation's own setting may be shorter. */
  privacy: PrivacySettings.optional(),
  /** Ids of frameworks that have a check of their own on each pull request: `Stemma / AI readiness`. */
  checks: FrameworkChecks.optional(),
  /** What the organisation wrote itself of the policies named above. */
  custom: z.array(CustomPolicy).optional(),
})
export type Contract = Readonly<z.infer<typeof Contract>>

/** In force until an administrator writes another one. */
export const defaultContract: Contract = {
  name: 'default',
  version: 1,
  policies: defaultPolicies,
  missingSession: 'success',
}
