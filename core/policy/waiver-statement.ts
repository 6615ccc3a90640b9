/** What the server signs and the log holds of a waiver: who let what pass, why and until when. */

import { z } from 'zod'
import { type Bytes, readUtf8, utf8 } from '../evidence/bytes.ts'
import { canonicalJson } from '../evidence/canonical-json.ts'
import { sha256Hex } from '../evidence/digest.ts'
import { PREDICATE_BASE, STATEMENT_TYPE } from '../evidence/statement.ts'
import { parseStrictJson } from '../evidence/strict-json.ts'
import { type Waiver, WaiverScope } from './waiver.ts'

export const WAIVER_PREDICATE = `${PREDICATE_BASE}/waiver/v1`

export interface WaiverDecision {
  readonly waiver: Pick<Waiver, 'id' | 'policy' | 'scope' | 'reason' | 'expiresAt'> & { readonly requestedBy: string }
  readonly decision: 'approved' | 'revoked'
  /** Id of the person. */
  readonly by: string
  /** RFC 3339 UTC. */
  readonly at: string
}

/** Canonical JSON, whose SHA-256 is the leaf's evidence id. The waiver's own digest is the subject. */
export async function waiverStatement({ waiver, decision, by, at }: WaiverDecision): Promise<string> {
  const { id, policy, scope, reason, expiresAt, requestedBy } = waiver
  const asked = { id, policy, scope, reason, expiresAt, requestedBy }
  const digest = { sha256: await sha256Hex(utf8(canonicalJson(asked))) }
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ name: `waiver:${id}`, digest }],
    predicateType: WAIVER_PREDICATE,
    predicate: { waiver: asked, decision, by, at },
  })
}

const Asked = z.object({
  id: z.string(),
  policy: z.string(),
  scope: WaiverScope,
  reason: z.string(),
  expiresAt: z.iso.datetime(),
  requestedBy: z.string(),
})

const WaiverStatement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.object({ name: z.string(), digest: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) }))
    .length(1),
  predicateType: z.literal(WAIVER_PREDICATE),
  predicate: z.object({
    waiver: Asked,
    decision: z.enum(['approved', 'revoked']),
    by: z.string(),
    at: z.iso.datetime(),
  }),
})
export type WaiverStatement = Readonly<z.infer<typeof WaiverStatement>>

/** Reads exactly the signed bytes; null for any other statement. */
export function readWaiverStatement(payload: Bytes): WaiverStatement | null {
  try {
    return WaiverStatement.safeParse(parseStrictJson(readUtf8(payload) ?? '')).data ?? null
  } catch {
    return null
  }
}
