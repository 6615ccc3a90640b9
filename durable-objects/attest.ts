/** What the organisation's server signs by itself, as against what it concludes of a pull request's head. */
import type { Bytes } from '#core/evidence/bytes.ts'
import { SUMMARY_PREDICATE, TEST_RESULT_PREDICATE } from '#core/evidence/conclusion.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE, writeEnvelope } from '#core/evidence/envelope.ts'
import { readPlatformStatement } from '#core/evidence/platform-statement.ts'
import { MERGED_ATTRIBUTION_PREDICATE, readStatement } from '#core/evidence/statement.ts'
import { openServerKey } from './server-key.ts'

export interface Attested {
  /** Hex SHA-256 of the payload. */
  readonly id: string
  readonly predicateType: string
  /** A merge is evidence; a decision is what the server did itself. */
  readonly kind: 'merge' | 'decision'
  /** DSSE JSON. */
  readonly envelope: string
  readonly keyId: string
  /** base64 */
  readonly spki: string
}

/**
 * Merges, decisions about waivers and ends of keys, and nothing else: what a machine has to state, the server never signs,
 * and what it concludes of a pull request is signed with its leaves in conclusions.ts. The same bytes give the same
 * envelope. Throws statement-malformed or TypeError.
 */
export async function attest(payload: Bytes, storage: SyncKvStorage): Promise<Attested> {
  const decision = decisionIn(payload)
  const predicateType = decision ?? mergeIn(payload)
  const { keyid, spki, sign } = await openServerKey(storage)
  const bytes = await sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload))
  const envelope = writeEnvelope({ payloadType: STATEMENT_PAYLOAD_TYPE, payload, signatures: [{ keyid, bytes }] })
  const kind = decision === null ? 'merge' : 'decision'
  return { id: await sha256Hex(payload), predicateType, kind, envelope, keyId: keyid, spki }
}

function decisionIn(payload: Bytes): string | null {
  const predicateType = readPlatformStatement(payload)?.predicateType ?? null
  return predicateType === TEST_RESULT_PREDICATE || predicateType === SUMMARY_PREDICATE ? null : predicateType
}

function mergeIn(payload: Bytes): string {
  const { predicateType } = readStatement(payload)
  if (predicateType === MERGED_ATTRIBUTION_PREDICATE) return predicateType
  throw new TypeError('a machine states this')
}
