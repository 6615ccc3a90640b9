/** What the server signs and the log holds when a key ends, so that "logged before the revocation" can be checked offline. */
import { z } from 'zod'
import { type Bytes, readUtf8, utf8 } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import { PREDICATE_BASE, STATEMENT_TYPE } from './statement.ts'
import { parseStrictJson } from './strict-json.ts'

export const KEY_REVOCATION_PREDICATE = `${PREDICATE_BASE}/key-revocation/v1`

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)

const Statement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ digest: z.object({ sha256: hex256 }) })).length(1),
  predicateType: z.literal(KEY_REVOCATION_PREDICATE),
  predicate: z.object({
    /** Hex SHA-256 of the SPKI; also the subject. */
    keyId: hex256,
    /** From then on the log takes nothing that the key signed. */
    revokedAt: z.iso.datetime(),
  }),
})

export type KeyRevocation = Readonly<z.infer<typeof Statement>['predicate']>

/** The same revocation gives the same bytes. */
export function writeKeyRevocation({ keyId, revokedAt }: KeyRevocation): Bytes {
  return utf8(
    canonicalJson({
      _type: STATEMENT_TYPE,
      subject: [{ digest: { sha256: keyId } }],
      predicateType: KEY_REVOCATION_PREDICATE,
      predicate: { keyId, revokedAt },
    }),
  )
}

/** Reads exactly the signed bytes; null for any other statement, and for one about another key than its subject. */
export function readKeyRevocation(payload: Bytes): KeyRevocation | null {
  try {
    const { data } = Statement.safeParse(parseStrictJson(readUtf8(payload) ?? ''))
    return data !== undefined && data.subject[0]?.digest.sha256 === data.predicate.keyId ? data.predicate : null
  } catch {
    return null
  }
}

/** A revocation, and the leaf by which the log holds it. */
export interface LoggedRevocation extends KeyRevocation {
  readonly index: number
}

/** By key; the first of several counts. */
export type Revocations = ReadonlyMap<string, LoggedRevocation>

export function revocationsOf(found: readonly LoggedRevocation[]): Revocations {
  const byKey = new Map<string, LoggedRevocation>()
  for (const one of found) {
    const known = byKey.get(one.keyId)
    const isEarlier = known === undefined || Date.parse(one.revokedAt) < Date.parse(known.revokedAt)
    const index = Math.min(one.index, known?.index ?? one.index)
    byKey.set(one.keyId, { ...(isEarlier ? one : known), index })
  }
  return byKey
}

/**
 * The revocation that makes a leaf worthless; null where it came in time. Both the log's time and the log's order have to
 * say so: a server that dates a leaf back cannot put it before the revocation.
 */
export function endedBy(
  { keyId, index, receivedAt }: { readonly keyId: string; readonly index: number; readonly receivedAt: string },
  revocations: Revocations,
): LoggedRevocation | null {
  const revocation = revocations.get(keyId)
  if (revocation === undefined) return null
  const isEarlier = Date.parse(receivedAt) < Date.parse(revocation.revokedAt) && index < revocation.index
  return isEarlier ? null : revocation
}
