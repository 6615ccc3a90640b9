/**
 * What an import is signed for, as an in-toto statement in a DSSE envelope: that these bytes came from there, at that time,
 * and were read so. It is the importer's word about an import, and nobody's about what the import says.
 */
import { type Bytes, equalBytes, utf8 } from '../evidence/bytes.ts'
import { canonicalJson } from '../evidence/canonical-json.ts'
import { sha256Hex } from '../evidence/digest.ts'
import { preAuthenticationEncoding, readEnvelope, STATEMENT_PAYLOAD_TYPE, writeEnvelope } from '../evidence/envelope.ts'
import { type PublicKey, type Signer, verifySignature } from '../evidence/key.ts'
import { PREDICATE_BASE, STATEMENT_TYPE } from '../evidence/statement.ts'
import { isFault } from '../fault.ts'
import type { ImportedRecord } from './imported.ts'

const IMPORT_PREDICATE = `${PREDICATE_BASE}/import/v1`

export interface Import {
  /** SHA-256 of the bytes that were imported. */
  readonly id: string
  /** Name of the file, or the notes' reference. */
  readonly from: string
  /** RFC 3339 UTC */
  readonly importedAt: string
  readonly records: readonly ImportedRecord[]
}

/** Resolves to the text of the envelope. */
export async function signImport(made: Import, signer: Signer): Promise<string> {
  const payload = await statementOf(made)
  const bytes = await signer.sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload))
  return writeEnvelope({
    payloadType: STATEMENT_PAYLOAD_TYPE,
    payload,
    signatures: [{ keyid: signer.keyid, bytes }],
  })
}

/** Whether this envelope is one by this key over exactly this import. */
export async function isSignedImport(envelope: string, made: Import, key: PublicKey): Promise<boolean> {
  try {
    const { payloadType, payload, signatures } = readEnvelope(envelope)
    if (payloadType !== STATEMENT_PAYLOAD_TYPE || !equalBytes(payload, await statementOf(made))) return false
    const signed = preAuthenticationEncoding(payloadType, payload)
    for (const { bytes } of signatures) if (await verifySignature(key, bytes, signed)) return true
    return false
  } catch (problem) {
    if (isFault(problem)) return false
    throw problem
  }
}

async function statementOf({ id, from, importedAt, records }: Import): Promise<Bytes> {
  const sources = [...new Set(records.map(({ source, version }) => `${source} ${version}`))]
  return utf8(
    canonicalJson({
      _type: STATEMENT_TYPE,
      subject: [{ name: from, digest: { sha256: id } }],
      predicateType: IMPORT_PREDICATE,
      predicate: {
        from,
        importedAt,
        sources,
        // As it was read: who changes that beside the bytes is found out, too.
        records: { count: records.length, sha256: await sha256Hex(utf8(canonicalJson(records))) },
      },
    }),
  )
}
