/** What the log holds of an attestation: the digest of a statement that says who vouches for which control, why and until when. */
import { z } from 'zod'
import { type Bytes, readUtf8, utf8 } from '../evidence/bytes.ts'
import { canonicalJson } from '../evidence/canonical-json.ts'
import { sha256Hex } from '../evidence/digest.ts'
import { PREDICATE_BASE, STATEMENT_TYPE } from '../evidence/statement.ts'
import { parseStrictJson } from '../evidence/strict-json.ts'

export const ATTESTATION_PREDICATE = `${PREDICATE_BASE}/control-attestation/v1`

const Vouched = z.strictObject({
  id: z.string(),
  framework: z.string(),
  control: z.string(),
  /** `organisation`, `product:shop`, `project:pay`, `repository:acme/parser`. */
  scope: z.string(),
  reason: z.string(),
  expiresAt: z.iso.datetime(),
})
export type Vouched = Readonly<z.infer<typeof Vouched>>

const AttestationStatement = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) }))
    .length(1),
  predicateType: z.literal(ATTESTATION_PREDICATE),
  predicate: z.strictObject({
    attestation: Vouched,
    decision: z.enum(['made', 'revoked']),
    /** Id of the person. */
    by: z.string(),
    at: z.iso.datetime(),
  }),
})
export type AttestationStatement = Readonly<z.infer<typeof AttestationStatement>>

export interface AttestationDecision {
  readonly attestation: Vouched
  readonly decision: 'made' | 'revoked'
  readonly by: string
  /** RFC 3339 UTC. */
  readonly at: string
}

/** Canonical JSON, whose SHA-256 is the leaf's evidence id. The digest of what is vouched for is the subject. */
export async function attestationStatement({ attestation, decision, by, at }: AttestationDecision): Promise<string> {
  const { id, framework, control, scope, reason, expiresAt } = attestation
  const vouched = { id, framework, control, scope, reason, expiresAt }
  const digest = { sha256: await sha256Hex(utf8(canonicalJson(vouched))) }
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ name: `attestation:${id}`, digest }],
    predicateType: ATTESTATION_PREDICATE,
    predicate: { attestation: vouched, decision, by, at },
  })
}

/** Reads exactly the signed bytes; null for any other statement. */
export function readAttestationStatement(payload: Bytes): AttestationStatement | null {
  try {
    return AttestationStatement.safeParse(parseStrictJson(readUtf8(payload) ?? '')).data ?? null
  } catch {
    return null
  }
}
