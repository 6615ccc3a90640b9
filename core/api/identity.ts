/** Wire shapes of signing in with GitHub, of pipelines and of keys that follow each other. */
import { z } from 'zod'
import { EvidenceKeyText, KeyEnrolled, Proof } from './evidence.ts'

const timestamp = z.iso.datetime()

/**
 * `invited`: people whom an administrator has named. `installation`: everybody whom GitHub lets see one of the
 * organisation's installations of the App.
 */
export const signUps = ['invited', 'installation'] as const
export type SignUp = (typeof signUps)[number]

/** `POST /v1/device-login`: begins GitHub's device flow (RFC 8628). */
export const DeviceLogin = z.object({
  /** Sent back while polling; GitHub's own. */
  deviceCode: z.string(),
  /** What the person types at `verificationUri`. */
  userCode: z.string(),
  verificationUri: z.url(),
  expiresInSeconds: z.int().positive(),
  intervalSeconds: z.int().positive(),
})
export type DeviceLogin = Readonly<z.infer<typeof DeviceLogin>>

/** `POST /v1/device-login/poll`; proof over `enrolmentChallenge` with the digest of the device code. */
export const DeviceLoginPoll = z.object({
  deviceCode: z.string().min(1).max(200),
  publicKey: EvidenceKeyText,
  proof: Proof,
  name: z.string().min(1).max(100),
  /** Id or name, for who belongs to several. */
  organisation: z.string().min(1).max(100).optional(),
})
export const DeviceLoginPending = z.object({ status: z.literal('pending'), intervalSeconds: z.int().positive() })
export const DeviceLoginAnswer = z.union([KeyEnrolled, DeviceLoginPending])

/** `GET`, `PUT /v1/sign-up` (administrator): whom a sign-in with GitHub makes a member. */
export const SignUpView = z.object({ signUp: z.enum(signUps) })

/** `POST /v1/keys/rotation`, credential = the device's token: both keys sign `rotationChallenge` (core/evidence/key.ts). */
export const KeyRotation = z.object({
  publicKey: EvidenceKeyText,
  /** By the new key. */
  proof: Proof,
  /** By the key that it takes the place of. */
  endorsement: Proof,
  name: z.string().min(1).max(100),
})

/** What GitHub says of a run, as far as it is kept beside its key. */
export const Pipeline = z.object({
  issuer: z.string(),
  repository: z.string(),
  repositoryId: z.int().positive(),
  ownerId: z.int().positive(),
  ref: z.string().nullable(),
  sha: z.string().nullable(),
  event: z.string().nullable(),
  workflow: z.string().nullable(),
  runId: z.string().nullable(),
  runAttempt: z.string().nullable(),
  actor: z.string().nullable(),
})
export type Pipeline = Readonly<z.infer<typeof Pipeline>>

/** `POST /v1/pipeline-keys`; proof over `enrolmentChallenge` with the digest of the token. */
export const PipelineKeyRequest = z.object({
  /** GitHub's identity token for this run, made for the platform's address. */
  token: z.string().min(1).max(10_000),
  publicKey: EvidenceKeyText,
  proof: Proof,
})
export const PipelineKey = KeyEnrolled.extend({ expiresAt: timestamp })
export type PipelineKey = Readonly<z.infer<typeof PipelineKey>>

/** `PUT /v1/pipeline-owners` (administrator): whose pipelines may send evidence. */
export const PipelineOwner = z.object({
  /** `GET /users/{name}` of GitHub tells it as `id`. */
  ownerId: z.int().positive(),
  /** Ids; null: all of the owner's. */
  repositories: z.array(z.int().positive()).max(1_000).nullable().default(null),
})
export const PipelineOwnerList = z.object({
  issuer: z.string(),
  /** What a pipeline asks its token for. */
  audience: z.string(),
  items: z.array(
    z.object({
      ownerId: z.int(),
      repositories: z.array(z.int()).nullable(),
      createdAt: timestamp,
    }),
  ),
})
