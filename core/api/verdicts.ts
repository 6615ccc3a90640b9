/** Wire shape of what the contract says of evidence that was just sent. */
import { z } from 'zod'
import { Verdict } from '../policy/policy.ts'

/** The most that a request waits, in seconds; a person waits behind it, at `git push`. */
export const MAX_VERDICT_WAIT = 5

/** `GET /v1/evidence/{id}/verdicts?wait=5` */
export const EvidenceVerdicts = z.object({
  /** `queued`: not judged yet. `judged`: by the contract in force. `failed`: it can never be read. */
  state: z.enum(['queued', 'judged', 'failed']),
  /** Why it failed; null otherwise. */
  reason: z.string().nullable(),
  /** Version of the contract; null while there is none to name. */
  contractVersion: z.int().positive().nullable(),
  /** Waivers in force are applied. Empty for evidence of commits alone. */
  verdicts: z.array(Verdict),
  links: z.object({
    session: z.string().nullable(),
    /** Open pull requests that contain a commit of it. */
    pullRequests: z.array(z.string()),
  }),
})
export type EvidenceVerdicts = Readonly<z.infer<typeof EvidenceVerdicts>>
