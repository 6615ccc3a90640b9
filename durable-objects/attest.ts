/** What the organisation's server signs by itself, as against what it concludes of a pull request's head. */
import type { Bytes } from '#core/evidence/bytes.ts'
import { preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE, writeEnvelope } from '#core/evidence/envelope.ts'
import { MERGED_ATTRIBUTION_PREDICATE, readStatement } from '#core/evidence/statement.ts'
import { readWaiverStatement } from '#core/policy/waiver-statement.ts'
import { openServerKey } from './server-key.ts'

export interface Attested {
  /** DSSE JSON. */
  readonly envelope: string
  readonly keyId: string
  /** base64 */
  readonly spki: string
}

/**
 * Merges and decisions about waivers, and nothing else: what a machine has to state, the server never signs. The same
 * bytes give the same envelope. Throws statement-malformed or TypeError.
 */
export async function attest(payload: Bytes, storage: SyncKvStorage): Promise<Attested> {
  if (readWaiverStatement(payload) === null) requireMerge(payload)
  const { keyid, spki, sign } = await openServerKey(storage)
  const bytes = await sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload))
  const envelope = writeEnvelope({ payloadType: STATEMENT_PAYLOAD_TYPE, payload, signatures: [{ keyid, bytes }] })
  return { envelope, keyId: keyid, spki }
}

function requireMerge(payload: Bytes): void {
  if (readStatement(payload).predicateType !== MERGED_ATTRIBUTION_PREDICATE) {
    throw new TypeError('a machine states this')
  }
}
