/** Wire shapes of what the platform concludes and signs. */
import { z } from 'zod'

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)

/** `GET /v1/conclusions/{id}`, of test results, summaries, decisions about waivers and ends of keys: everything by which `stemma verify FILE` checks it. */
export const ConclusionView = z.object({
  /** Hex SHA-256 of the envelope's payload. */
  id: hex256,
  predicateType: z.string(),
  /** DSSE envelope. */
  envelope: z.string(),
  keyId: hex256,
  /** base64 SPKI of the platform's key for this organisation. Believed because the leaf in the log names it. */
  publicKey: z.string(),
  index: z.int().nonnegative(),
  receivedAt: z.iso.datetime(),
  /** `c2sp.org/tlog-proof@v1` */
  receipt: z.string(),
})
export type ConclusionView = Readonly<z.infer<typeof ConclusionView>>

/** `GET /v1/conclusions` */
export const ConclusionPage = z.object({
  items: z.array(ConclusionView),
  /** Cursor of the page after; null on the last one. */
  next: z.string().nullable(),
})
export type ConclusionPage = Readonly<z.infer<typeof ConclusionPage>>

/** `GET /v1/log/signing-key` */
export const SigningKey = z.object({ keyId: hex256, publicKey: z.string() })
export type SigningKey = Readonly<z.infer<typeof SigningKey>>
