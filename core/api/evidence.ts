/** Wire shapes of evidence: enrolment, blobs, envelopes. Shared by the Worker's routes and the CLI. */
import { z } from 'zod'
import { logReaders } from './log.ts'
import { Erasure } from './retention.ts'

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)
const timestamp = z.iso.datetime()

/** `PUT /v1/blobs/{sha256}`, body = the bytes (optionally `Content-Encoding: gzip`), type = the blob's media type. */
export const BlobStored = z.object({ sha256: hex256, bytes: z.int().nonnegative(), created: z.boolean() })
export type BlobStored = Readonly<z.infer<typeof BlobStored>>

/** Decompressed; a 5-hour session of the largest kind seen is about 20 MB in normal form. */
export const MAX_BLOB_BYTES = 32_000_000
/** Transcripts compress 5 to 15 times; 100 leaves room and stops bombs (gzip reaches about 1000). */
export const MAX_COMPRESSION_RATIO = 100

/** `POST /v1/evidence`, body = DSSE envelope. */
export const EvidenceAccepted = z.object({
  /** Hex SHA-256 of the envelope's payload. */
  id: hex256,
  /** null for evidence of commits to which no session contributed. */
  sessionId: z.string().nullable(),
  /** Leaf index in the organisation's log. */
  index: z.int().nonnegative(),
  /** The time in the log's leaf: without it the client could not write the leaf again and check the receipt. */
  receivedAt: timestamp,
  /** `c2sp.org/tlog-proof@v1`, to be kept by the client. */
  receipt: z.string(),
  links: z.object({ evidence: z.string(), session: z.string().nullable(), dashboard: z.string() }),
  /** The transcript was erased on request, or that of the same session was: it is not kept. null or absent: it is kept. */
  erasure: Erasure.nullish(),
})
export type EvidenceAccepted = Readonly<z.infer<typeof EvidenceAccepted>>

/** `GET /v1/evidence/{id}` */
export const EvidenceView = z.object({
  id: hex256,
  sessionId: z.string().nullable(),
  keyId: hex256,
  receivedAt: timestamp,
  index: z.int().nonnegative(),
  receipt: z.string(),
  /** DSSE envelope, as it was received. */
  envelope: z.string(),
  transcript: hex256.nullable(),
  /** When the transcript was erased and in whose name; null or absent where it was not. */
  erasure: Erasure.nullish(),
  state: z.enum(['queued', 'indexed', 'failed']),
  /** Why it failed; null otherwise. */
  reason: z.string().nullable(),
})
export type EvidenceView = Readonly<z.infer<typeof EvidenceView>>

/** base64 of the 44 SPKI bytes of an Ed25519 key, or the line of an SSH key (RSA of 4096 bits: 740 characters). */
export const EvidenceKeyText = z.string().max(1_500)
/** base64: an Ed25519 signature, or the bytes inside the armour of an SSH signature. */
export const Proof = z.string().max(2_000)

/** `POST /v1/keys`, credential = enrolment token; proof over `enrolmentChallenge` (core/evidence/key.ts). */
export const KeyEnrolment = z.object({
  publicKey: EvidenceKeyText,
  proof: Proof,
  /** What the person calls the machine. */
  name: z.string().min(1).max(100),
})
export type KeyEnrolment = Readonly<z.infer<typeof KeyEnrolment>>

export const KeyEnrolled = z.object({
  keyId: hex256,
  organisation: z.object({ id: z.string(), name: z.string() }),
  person: z.object({ id: z.string(), name: z.string() }),
  /** Bearer token of this device; shown once, stored by digest only. */
  token: z.string(),
  /** Verifier key of the organisation's log (C2SP signed-note vkey), to check receipts offline. */
  logKey: z.string(),
})
export type KeyEnrolled = Readonly<z.infer<typeof KeyEnrolled>>

/** `GET /v1/log` */
export const LogView = z.object({
  /** Leaves under the latest checkpoint, and their base64 Merkle root. */
  size: z.int().nonnegative(),
  root: z.string(),
  /** The signed checkpoint (C2SP tlog-checkpoint). */
  checkpoint: z.string(),
  /** Verifier key of the log (C2SP signed-note vkey). */
  logKey: z.string(),
  /** Name of the log, and where it is read below `https://` (C2SP tlog-tiles). */
  origin: z.string(),
  readers: z.enum(logReaders),
})
export type LogView = Readonly<z.infer<typeof LogView>>
