/**
 * What the platform signed, in a bundle -> the first check that it fails, if any. Its key is believed because a leaf of
 * the log names it, and the log takes a leaf of such a kind from the platform only.
 */
import type { KnownRevocations } from './audit.ts'
import type { BundledConclusion } from './bundle.ts'
import { fromBase64 } from './bytes.ts'
import { preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE } from './envelope.ts'
import { type InclusionProblemCode, inclusionOf } from './inclusion.ts'
import { readPublicKey, verifySignature } from './key.ts'
import { type LoggedRevocation, revocationsOf } from './key-revocation.ts'
import type { NoteVerifier } from './note.ts'
import { openEnvelope } from './open-envelope.ts'
import { readPlatformStatement } from './platform-statement.ts'
import type { Judged } from './verify-bundled-evidence.ts'

export type ConclusionProblemCode =
  | InclusionProblemCode
  | 'envelope-malformed'
  | 'payload-type'
  | 'key-malformed'
  | 'signature-invalid'
  | 'statement-malformed'
  | 'not-cosigned'

export interface ConclusionVerdict {
  readonly id: string | null
  readonly predicateType: string | null
  /** `PASSED`, `approved`, `revoked`: what it comes to; null where it cannot be read. */
  readonly verdict: string | null
  readonly commits: readonly string[]
  readonly index: number
  /** The end of a key, where it is one that verifies. */
  readonly revocation: LoggedRevocation | null
  readonly problem: { readonly code: ConclusionProblemCode; readonly message: string } | null
}

export async function judgeConclusion(one: BundledConclusion, log: NoteVerifier): Promise<Judged<ConclusionVerdict>> {
  const { index, receivedAt, receipt } = one
  const unread = { id: null, predicateType: null, verdict: null, commits: [], index, revocation: null }
  const opened = await openEnvelope(one.envelope)
  if (opened.envelope === null) return [{ ...unread, problem: opened.problem }, null]
  const { envelope, id } = opened
  const refused = (code: ConclusionProblemCode, message: string) =>
    [{ ...unread, id, problem: { code, message } }, null] as const
  if (envelope.payloadType !== STATEMENT_PAYLOAD_TYPE) {
    return refused('payload-type', `payload type is not ${STATEMENT_PAYLOAD_TYPE}`)
  }
  const key = await readPublicKey(fromBase64(one.publicKey) ?? new Uint8Array()).catch(() => null)
  if (key === null) return refused('key-malformed', 'the key beside it is not an Ed25519 key of full order')
  const bytes = preAuthenticationEncoding(envelope.payloadType, envelope.payload)
  const [signature] = envelope.signatures
  if (signature === undefined || !(await verifySignature(key, signature.bytes, bytes))) {
    return refused('signature-invalid', 'the key beside it did not sign these bytes')
  }
  const statement = readPlatformStatement(envelope.payload)
  if (statement === null) return refused('statement-malformed', 'it is nothing that a platform signs')
  const { predicateType, verdict, commits } = statement
  const known = { ...unread, id, predicateType, verdict, commits }
  const included = await inclusionOf({ evidenceId: id, predicateType, receivedAt, receipt, index }, [key.id], log)
  if (!included.verified) return [{ ...known, problem: { code: included.code, message: included.message } }, null]
  const revocation = statement.revocation === null ? null : { ...statement.revocation, index }
  return [
    { ...known, revocation, problem: null },
    { checkpoint: included.checkpoint, note: included.note },
  ]
}

/** What a bundle proves of keys that ended. */
export function knownRevocations(verdicts: readonly ConclusionVerdict[]): KnownRevocations {
  const found = verdicts.flatMap(({ id, revocation }) =>
    id === null || revocation === null ? [] : [{ id, revocation }],
  )
  return { byKey: revocationsOf(found.map(({ revocation }) => revocation)), ids: new Set(found.map(({ id }) => id)) }
}
