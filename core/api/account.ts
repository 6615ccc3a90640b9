/** Wire shapes of organisations, people and credentials. */
import { z } from 'zod'
import { forges } from '../installation.ts'

const timestamp = z.iso.datetime()
const named = z.object({ id: z.string(), name: z.string() })

const roles = ['administrator', 'member'] as const
export type Role = (typeof roles)[number]

/** An installation of the GitHub App with its account, or a group of GitLab with its full path. */
export const ClaimedInstallation = z.object({
  forge: z.enum(forges).default('github'),
  id: z.int().positive(),
  account: z.string().min(1).max(300),
})
export type ClaimedInstallation = Readonly<z.infer<typeof ClaimedInstallation>>

/** `POST /v1/setup`, credential = the operator's `SETUP_TOKEN`: a new organisation with its first administrator. */
export const Setup = z.object({
  organisation: z.string().min(1).max(100),
  administrator: z.object({ name: z.string().min(1).max(100), login: z.string().min(1).max(100) }),
  installations: z.array(ClaimedInstallation).default([]),
})
export type Setup = Readonly<z.infer<typeof Setup>>

/** `POST /v1/setup/installations`, credential = the operator's `SETUP_TOKEN`: an organisation gets more of them. */
export const InstallationClaim = z.object({
  /** Id of the organisation. */
  organisation: z.string().min(1).max(100),
  installations: z.array(ClaimedInstallation).min(1).max(100),
})

export const SetupDone = z.object({
  organisation: named,
  person: named,
  /** Administrator's API token; shown once. */
  token: z.string(),
  logKey: z.string(),
})
export type SetupDone = Readonly<z.infer<typeof SetupDone>>

/** `POST /v1/enrolment-tokens` (administrator): lets one machine of a person enrol its key, once. */
export const EnrolmentTokenRequest = z.object({
  person: z.object({ name: z.string().min(1).max(100), login: z.string().min(1).max(100) }),
  /** 1 minute to 30 days. */
  lifetimeSeconds: z.int().min(60).max(2_592_000).default(86_400),
})
export type EnrolmentTokenRequest = Readonly<z.infer<typeof EnrolmentTokenRequest>>

export const EnrolmentToken = z.object({ token: z.string(), person: named, expiresAt: timestamp })
export type EnrolmentToken = Readonly<z.infer<typeof EnrolmentToken>>

/** `GET /v1/keys`, `DELETE /v1/keys/{id}`: a device's key; a revoked one stays listed, since old evidence names it. */
export const EnrolledKey = z.object({
  id: z.string(),
  name: z.string(),
  person: named,
  createdAt: timestamp,
  revokedAt: timestamp.nullable(),
  /** base64 SPKI or the line of an SSH key: what `stemma verify --key` takes. */
  publicKey: z.string(),
  /** Of a pipeline's key; null: until it is revoked. */
  expiresAt: timestamp.nullable(),
  /** When it was last seen on the person's GitHub account; null: enrolled with a proof. */
  publishedAt: timestamp.nullable(),
  /** The repository whose pipeline it is; null: a person's. */
  pipeline: z.string().nullable(),
})
export type EnrolledKey = Readonly<z.infer<typeof EnrolledKey>>
export const KeyList = z.object({ items: z.array(EnrolledKey) })

/** `POST /v1/sign-in-links` (any person): a link that signs a browser in, once, within 15 minutes. */
export const SignInLink = z.object({ url: z.string(), expiresAt: timestamp })
export type SignInLink = Readonly<z.infer<typeof SignInLink>>

/** `GET /v1/me` */
export const Me = z.object({ organisation: named, person: named, role: z.enum(roles) })
export type Me = Readonly<z.infer<typeof Me>>

/** `GET /v1/dead-letters`, `POST /v1/dead-letters/{id}/replay` (administrator). */
export const DeadLetter = z.object({
  id: z.string(),
  message: z.unknown(),
  reason: z.string(),
  attempts: z.int().nonnegative(),
  failedAt: timestamp,
  replayedAt: timestamp.nullable(),
})
export type DeadLetter = Readonly<z.infer<typeof DeadLetter>>
export const DeadLetterPage = z.object({ items: z.array(DeadLetter), next: z.string().nullable() })
