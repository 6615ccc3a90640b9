/** Wire shapes of privacy: how long transcripts stay, that one was erased, and who read it. */
import { z } from 'zod'

const timestamp = z.iso.datetime()
const named = z.object({ id: z.string(), name: z.string() })

/** In whose name a transcript was erased: an administrator's, the person's whose session it is, or the clock's. */
export const erasers = ['administrator', 'person', 'retention'] as const

/** The statement and its digest of the transcript stay; the transcript itself is gone. */
export const Erasure = z.object({ at: timestamp, by: z.enum(erasers) })
export type Erasure = Readonly<z.infer<typeof Erasure>>

/** Ten years; who wants to keep transcripts for longer sets none. */
export const RetentionDays = z.int().min(1).max(3_660)

/** `GET /v1/retention`, `PUT /v1/retention` (administrator): days that transcripts stay; null = until somebody erases them. */
export const Retention = z.object({ days: RetentionDays.nullable() })
export type Retention = Readonly<z.infer<typeof Retention>>

/** `DELETE /v1/sessions/{id}/transcript` */
export const TranscriptErased = z.object({
  sessionId: z.string(),
  erasure: Erasure,
  /** Evidence of the session, by id, whose transcripts are erased. The evidence itself stays. */
  evidence: z.array(z.string()),
})
export type TranscriptErased = Readonly<z.infer<typeof TranscriptErased>>

/** One row of `GET /v1/transcript-reads`: one reader, one session, one hour. */
export const TranscriptRead = z.object({
  sessionId: z.string(),
  person: named,
  /** What the reader showed: a browser's session, an API token, a device's token. */
  credential: z.string(),
  /** The first reading of that hour. */
  readAt: timestamp,
  /** By which it was read. */
  route: z.string(),
})
export type TranscriptRead = Readonly<z.infer<typeof TranscriptRead>>

/** `GET /v1/transcript-reads?cursor&limit&session` */
export const TranscriptReadPage = z.object({ items: z.array(TranscriptRead), next: z.string().nullable() })
export type TranscriptReadPage = Readonly<z.infer<typeof TranscriptReadPage>>
