/** Wire shapes of waivers. */
import { z } from 'zod'
import { Waiver, WaiverScope } from '../policy/waiver.ts'

/** `POST /v1/waivers` */
export const WaiverRequest = z.strictObject({
  policy: z.string().min(1).max(100),
  scope: WaiverScope,
  /** Shown on the pull request. */
  reason: z.string().trim().min(10, 'must say why, in at least ten letters').max(500),
  expiresAt: z.iso.datetime(),
})
export type WaiverRequest = Readonly<z.infer<typeof WaiverRequest>>

/** `GET /v1/waivers?cursor&limit&state` */
export const WaiverPage = z.object({ items: z.array(Waiver), next: z.string().nullable() })
