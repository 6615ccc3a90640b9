/** Wire shapes of what the contract says of evidence that was just sent, and of what earlier ones said. */
import { z } from 'zod'
import { results, Verdict } from '../policy/policy.ts'

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

/** What was once said of a session, of which only the outcome is kept: findings quote transcripts, which can be erased. */
const PastVerdict = z.object({
  policy: z.string(),
  /** Of the rule. */
  version: z.int().positive(),
  contractVersion: z.int().positive(),
  /** Since when that contract was in force; null: the one that every organisation begins with. */
  contractAt: z.iso.datetime().nullable(),
  /** As it was reached; waivers change nothing of what is on record. */
  result: z.enum(results),
  findings: z.int().nonnegative(),
  evidenceId: z.string(),
  /** The one that counts now. */
  isPresent: z.boolean(),
})
export type PastVerdict = Readonly<z.infer<typeof PastVerdict>>

/** `GET /v1/sessions/{id}/verdict-history?policy`: by policy, the newest first. */
export const VerdictHistory = z.object({
  session: z.string(),
  items: z.array(PastVerdict),
  /** Whether older ones were left out. */
  isCut: z.boolean(),
})
export type VerdictHistory = Readonly<z.infer<typeof VerdictHistory>>
