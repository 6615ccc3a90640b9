/** Wire shape of the policy catalogue, which follows the registry. */
import { z } from 'zod'
import { evidenceKinds, severities } from '../policy/policy.ts'

/** `GET /v1/policies` */
export const PolicyCatalogue = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      version: z.int().positive(),
      title: z.string(),
      why: z.string(),
      fix: z.string(),
      severity: z.enum(severities),
      /** What it decides by. */
      evidence: z.array(z.enum(evidenceKinds)),
      /** `nist-ssdf/PW.8.2`: controls that it speaks for, in our frameworks and the organisation's own. */
      controls: z.array(z.string()),
      /** Whether the organisation wrote it itself. */
      isOwn: z.boolean(),
      /** JSON Schema of what a contract may pass as `with`. */
      parameters: z.record(z.string(), z.unknown()),
    }),
  ),
})
export type PolicyCatalogue = Readonly<z.infer<typeof PolicyCatalogue>>
