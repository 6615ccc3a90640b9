/** Wire shape of the policy catalogue, which follows the registry. */
import { z } from 'zod'
import { severities } from '../policy/policy.ts'

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
      /** Whether the organisation wrote it itself. */
      isOwn: z.boolean(),
      /** JSON Schema of what a contract may pass as `with`. */
      parameters: z.record(z.string(), z.unknown()),
    }),
  ),
})
export type PolicyCatalogue = Readonly<z.infer<typeof PolicyCatalogue>>
