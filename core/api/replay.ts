/** Wire shapes of replay: what a policy would have said over stored evidence. */
import { z } from 'zod'
import { Verdict } from '../policy/policy.ts'

/** Sessions of one page. Each is read whole, so that a page stays within what one request may take. */
export const MAX_REPLAYED = 20

/** `GET /v1/replay?policy&with&days&repository&cursor&limit` */
export const ReplayPage = z.object({
  policy: z.string(),
  /** Of the rule that answered. */
  version: z.int().positive(),
  /** UTC day from which on sessions are looked at. */
  from: z.iso.date(),
  /** Newest first; one for each session, whatever the result. */
  items: z.array(
    z.object({
      session: z.string(),
      evidenceId: z.string(),
      repository: z.string().nullable(),
      receivedAt: z.iso.datetime(),
      verdict: Verdict,
    }),
  ),
  next: z.string().nullable(),
})
export type ReplayPage = Readonly<z.infer<typeof ReplayPage>>
