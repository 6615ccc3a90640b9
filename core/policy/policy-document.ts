/** `kind: Policy`: a rule in Rego with the words, parameters and evidence that a rule of the catalogue has as well. */
import { z } from 'zod'
import { type CustomPolicy, customEvidenceKinds, MAX_REGO_CHARACTERS, Parameters } from './custom-policy.ts'
import { apiVersion, documentName, words } from './document-head.ts'
import { severities } from './policy.ts'

/** More rules than these would make judging one session a matter of seconds. */
export const MAX_CUSTOM_POLICIES = 50

export const PolicyDocument = z.strictObject({
  apiVersion,
  kind: z.literal('Policy'),
  metadata: z.strictObject({
    name: documentName,
    title: words(120),
    why: words(1_000),
    fix: words(1_000),
    severity: z.enum(severities).default('medium'),
    frameworks: z
      .array(
        z
          .string()
          .max(120)
          .regex(/^[a-z0-9-]+\/[A-Za-z][\w.-]*$/, 'must be `framework/control`'),
      )
      .max(20)
      .default([]),
    /** The server's, not the author's: the version of the contract that brought this text. */
    version: z.int().positive().optional(),
  }),
  spec: z.strictObject({
    /** The rule itself; either this or `file`. Where it was read from a file it is filled in. */
    rego: z.string().max(MAX_REGO_CHARACTERS).optional(),
    /** Relative to the document. */
    file: z.string().min(1).max(300).optional(),
    language: z.enum(['v0', 'v1']).default('v1'),
    evidence: z.array(z.enum(customEvidenceKinds)).min(1).default(['session', 'transcript']),
    parameters: Parameters.default({}),
  }),
})
export type PolicyDocument = Readonly<z.infer<typeof PolicyDocument>>

export function customPolicyOf({ metadata, spec }: PolicyDocument): CustomPolicy {
  const { name: id, version = 1, title, why, fix, severity, frameworks } = metadata
  const { rego = '', file, language, evidence, parameters } = spec
  const place = file ?? `${id}.rego`
  return { id, version, title, why, fix, severity, frameworks, language, evidence, parameters, file: place, rego }
}
