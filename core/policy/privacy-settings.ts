/** What a contract says of transcripts once they are on the server. */
import { z } from 'zod'
import { RetentionDays } from '../api/retention.ts'

export const PrivacySettings = z.strictObject({ retention: RetentionDays })
export type PrivacySettings = Readonly<z.infer<typeof PrivacySettings>>
