/** Wire shapes of replay: what a policy would have said over stored evidence. */
import { z } from 'zod'
import { DocumentSource } from '../policy/document.ts'
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
/** `POST /v1/replay`: the same for a policy that is not in force yet, or is written otherwise there. */
export const ReplayRequest = z.strictObject({
  sources: z.array(DocumentSource).min(1).max(100),
  policy: z.string().max(100),
  with: z.record(z.string(), z.unknown()).optional(),
  days: z.int().min(1).max(366).default(30),
  repository: z.string().max(300).optional(),
  cursor: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(MAX_REPLAYED).default(MAX_REPLAYED),
})
export type ReplayRequest = Readonly<z.infer<typeof ReplayRequest>>

export type ReplayPage = Readonly<z.infer<typeof ReplayPage>>
