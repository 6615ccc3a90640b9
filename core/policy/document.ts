/** Documents: the YAML that administrators write and review: contracts, what they share, and what they are about. */
import { z } from 'zod'
import { API_VERSION, FrameworkChecks, documentName as name, RepositoryGlob } from './document-head.ts'
import { FrameworkDocument } from './framework-document.ts'
import { PolicyDocument } from './policy-document.ts'
import { PrivacySettings } from './privacy-settings.ts'
import { ProductDocument, ProjectDocument } from './product-document.ts'
import { RedactionSettings } from './redaction-settings.ts'

/** All texts of one set together. A contract with a hundred policies is about 20 kB; the API takes as much in one body. */
export const MAX_DOCUMENT_CHARACTERS = 100_000
/** Keys are compared pairwise by the YAML parser, so a single text is kept where that takes a moment only. */
export const MAX_TEXT_CHARACTERS = 50_000
/** A document as described here is six levels deep; parameters may add some. */
export const MAX_DOCUMENT_DEPTH = 20

const MAX_ENTRIES = 100

/** `inherit`: this place says nothing, and the next one in line decides (see merge-contracts.ts). */
const Gate = z.literal([true, false, 'inherit']).default('inherit')
export type Gate = z.infer<typeof Gate>

const PolicyEntry = z.strictObject({
  policy: z.string().min(1).max(100),
  /** Absent: a broader contract or the rule's own defaults decide. `{}`: the rule's own defaults. */
  with: z.record(z.string(), z.unknown()).optional(),
  gate: Gate,
})
export type PolicyEntry = Readonly<z.infer<typeof PolicyEntry>>

const GroupReference = z.strictObject({ group: name, gate: Gate })
export type GroupReference = Readonly<z.infer<typeof GroupReference>>

/** At least one of them; a repository that any of them covers is covered. */
const Places = z
  .strictObject({
    repositories: z.array(RepositoryGlob).min(1).max(50).optional(),
    projects: z.array(name).min(1).max(50).optional(),
    products: z.array(name).min(1).max(50).optional(),
  })
  .refine(
    (places) => Object.values(places).some((list) => list !== undefined),
    'must be `organisation`, or name repositories, projects or products',
  )
const head = { apiVersion: z.literal(API_VERSION), metadata: z.strictObject({ name }) }
const list = { policies: z.array(PolicyEntry).max(MAX_ENTRIES).default([]) }

export const ContractDocument = z.strictObject({
  ...head,
  kind: z.literal('Contract'),
  spec: z.strictObject({
    ...list,
    groups: z.array(GroupReference).max(MAX_ENTRIES).default([]),
    /** For entries and groups that inherit. */
    gate: Gate,
    /** `organisation`: every repository, unless a contract for the repository says otherwise. */
    attach: z
      .union([z.literal('organisation'), Places], {
        error:
          'must be `organisation`, or `repositories` with a list of `owner/name` globs such as `acme/*`, or `projects` or `products` with a list of names',
      })
      .default('organisation'),
    /** Policies that shall not be judged here; one that a broader contract gates stays. */
    skip: z.array(z.string().min(1).max(100)).max(MAX_ENTRIES).default([]),
    missingSession: z.enum(['success', 'neutral', 'failure']).optional(),
    /** What the local guard does where it is on: when a policy cannot tell and nobody can be asked, and when it breaks. */
    guard: z
      .strictObject({ unsure: z.enum(['allow', 'deny']).optional(), failure: z.enum(['allow', 'deny']).optional() })
      .optional(),
    /** Taken out of sessions on the machine, beyond secrets. */
    redaction: RedactionSettings.optional(),
    /** The most that may leave a machine. */
    tier: z.enum(['metadata', 'redacted', 'full']).optional(),
    /** `retention`: days after which transcripts are erased. */
    privacy: PrivacySettings.optional(),
    /** Frameworks with a check of their own on each pull request, by their ids. */
    checks: FrameworkChecks.optional(),
  }),
})
export type ContractDocument = Readonly<z.infer<typeof ContractDocument>>

export const PolicyGroupDocument = z.strictObject({
  ...head,
  kind: z.literal('PolicyGroup'),
  spec: z.strictObject({ ...list, groups: z.array(GroupReference).max(MAX_ENTRIES).default([]) }),
})
export type PolicyGroupDocument = Readonly<z.infer<typeof PolicyGroupDocument>>

export const documentKinds = {
  Contract: ContractDocument,
  PolicyGroup: PolicyGroupDocument,
  Policy: PolicyDocument,
  Framework: FrameworkDocument,
  Product: ProductDocument,
  Project: ProjectDocument,
} as const
export type DocumentKind = keyof typeof documentKinds

export const Document = z.discriminatedUnion('kind', [
  ContractDocument,
  PolicyGroupDocument,
  PolicyDocument,
  FrameworkDocument,
  ProductDocument,
  ProjectDocument,
])
export type Document = Readonly<z.infer<typeof Document>>

/** One text as it was written, with the name under which its problems are reported. */
export const DocumentSource = z.strictObject({ file: z.string().min(1).max(300), text: z.string() })
export type DocumentSource = Readonly<z.infer<typeof DocumentSource>>

/** What keeps a set of documents from being used. Lines and columns are 1-based. */
export interface DocumentProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  /** What to do; null where the message says it. */
  readonly hint: string | null
}

export function problemLine({ file, line, column, message, hint }: DocumentProblem): string {
  return `${file}:${line}:${column}: ${message}${hint === null ? '' : ` (${hint})`}`
}
