/** Wire shapes of the transparency log: who may read it, proofs out of it, tokens for auditors. */
import { z } from 'zod'

/** Each lets in those before it: the organisation's own people, holders of an auditor's token, anybody. */
export const logReaders = ['members', 'auditors', 'public'] as const
export type LogReaders = (typeof logReaders)[number]

/** `PUT /v1/log` (administrator) */
export const LogSettings = z.object({ readers: z.enum(logReaders) })
export type LogSettings = Readonly<z.infer<typeof LogSettings>>

/** `GET /v1/log/consistency?from=&to=` */
export const ConsistencyView = z.object({
  from: z.int().positive(),
  to: z.int().positive(),
  /** base64 hashes, RFC 9162 section 2.1.4.1; empty where the sizes are equal. */
  proof: z.array(z.string()),
  /** The latest signed checkpoint. */
  checkpoint: z.string(),
})
export type ConsistencyView = Readonly<z.infer<typeof ConsistencyView>>

/** `POST /v1/log/auditor-tokens` (administrator): reads the log and nothing else. */
export const AuditorTokenRequest = z.object({
  /** 1 hour to 366 days. */
  lifetimeSeconds: z.int().min(3_600).max(31_622_400).default(7_776_000),
})
export const AuditorToken = z.object({ token: z.string(), expiresAt: z.iso.datetime() })
export type AuditorToken = Readonly<z.infer<typeof AuditorToken>>
