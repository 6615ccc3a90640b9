/** Wire shapes of frameworks, postures and attestations. */
import { z } from 'zod'

/** `organisation`, or a named set of repositories, or one of them. */
export const ScopeName = z
  .string()
  .max(200)
  .regex(
    /^(?:organisation|(?:product|project):[a-z0-9-]+|repository:[\w.-]+\/[\w.-]+)$/,
    'must be `organisation`, `product:NAME`, `project:NAME` or `repository:OWNER/NAME`',
  )

export const FrameworkList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      version: z.string(),
      publisher: z.string(),
      url: z.string().nullable(),
      about: z.string(),
      /** Whether the organisation wrote it itself. */
      isOwn: z.boolean(),
      controls: z.int(),
    }),
  ),
  /** What a posture can be asked for, beside single repositories. */
  scopes: z.array(z.string()),
})
export type FrameworkList = Readonly<z.infer<typeof FrameworkList>>

const state = z.enum(['satisfied', 'violated', 'not-evaluated'])
const counts = z.object({ satisfied: z.int(), violated: z.int(), 'not-evaluated': z.int() })

export const PostureView = z.object({
  framework: z.object({
    id: z.string(),
    title: z.string(),
    version: z.string(),
    publisher: z.string(),
    url: z.string().nullable(),
    /** From which document, part and date the ids are; absent where they are the framework's own. */
    source: z.string().optional(),
    about: z.string(),
  }),
  scope: z.string(),
  from: z.string(),
  to: z.string(),
  counts,
  controls: z.array(
    z.object({
      id: z.string(),
      group: z.string(),
      title: z.string(),
      about: z.string(),
      policies: z.array(z.string()),
      /** What a person may attest to; null = nothing can replace the policies. */
      attestable: z.string().nullable(),
      /** Policies of it that no contract of the scope has. */
      missing: z.array(z.string()),
      state,
      why: z.string(),
      /** In the period before; null = the control was not there. */
      before: state.nullable(),
      coverage: z.object({ decided: z.int(), total: z.int() }).nullable(),
      attestation: z
        .object({
          id: z.string(),
          by: z.string(),
          reason: z.string(),
          madeAt: z.string(),
          expiresAt: z.string(),
          /** Where the log holds that it was made; null or absent = not logged yet. */
          logIndex: z.int().nonnegative().nullish(),
        })
        .nullable(),
      /** A selection, newest first. */
      evidence: z.array(
        z.object({
          /** Of a session its newest evidence; of a pull request the signed conclusion about it, null where nothing was signed. */
          evidenceId: z.string().nullable(),
          /** null: a verdict on a pull request as a whole. */
          session: z.string().nullable(),
          repository: z.string().nullable(),
          /** Numbers of pull requests that the session contributed to, or of the one that was judged. */
          pullRequests: z.array(z.int()),
        }),
      ),
    }),
  ),
  /** The period of equal length before. */
  previous: z.object({ from: z.string(), to: z.string(), counts }),
})
export type PostureView = Readonly<z.infer<typeof PostureView>>

export const AttestationRequest = z.strictObject({
  framework: z.string().min(1).max(100),
  control: z.string().min(1).max(100),
  scope: ScopeName.default('organisation'),
  reason: z.string().trim().min(10).max(2_000),
  expiresAt: z.iso.datetime(),
})
export type AttestationRequest = Readonly<z.infer<typeof AttestationRequest>>

export const AttestationView = z.object({
  id: z.string(),
  framework: z.string(),
  control: z.string(),
  scope: z.string(),
  reason: z.string(),
  by: z.object({ id: z.string(), name: z.string() }),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  revokedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** Where the organisation's log holds the digest of the newest decision; null or absent = not logged yet. */
  logIndex: z.int().nonnegative().nullish(),
})
export type AttestationView = Readonly<z.infer<typeof AttestationView>>

export const AttestationPage = z.object({ items: z.array(AttestationView), next: z.string().nullable() })
export type AttestationPage = Readonly<z.infer<typeof AttestationPage>>
