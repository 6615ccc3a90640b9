/** One piece of a bundle's evidence -> the first check that it fails, if any. */
import type { BundledEvidence } from './bundle.ts'
import { fromBase64 } from './bytes.ts'
import { sha256Hex } from './digest.ts'
import { type InclusionProblemCode, inclusionOf } from './inclusion.ts'
import type { PublicKey } from './key.ts'
import { endedBy, type Revocations } from './key-revocation.ts'
import type { NoteVerifier } from './note.ts'
import { openEnvelope } from './open-envelope.ts'
import { attributionOf, sessionOf, transcriptOf } from './statement.ts'
import { type ProblemCode, verify } from './verify.ts'
import type { SeenNote } from './witnessed.ts'

export type EvidenceProblemCode =
  | ProblemCode
  | InclusionProblemCode
  | 'envelope-malformed'
  | 'transcript-mismatch'
  | 'not-cosigned'

export interface EvidenceVerdict {
  /** Hex SHA-256 of the payload; null where the envelope cannot be read. */
  readonly id: string | null
  readonly session: string | null
  readonly commits: readonly string[]
  readonly signedBy: readonly string[]
  readonly index: number
  readonly problem: { readonly code: EvidenceProblemCode; readonly message: string } | null
}

/** A verdict, and the checkpoint to which the receipt leads; null where it leads to none. */
export type Judged<Verdict> = readonly [Verdict, SeenNote | null]

export interface EvidenceTrust {
  readonly keys: readonly PublicKey[]
  readonly log: NoteVerifier
  readonly revocations: Revocations
}

/** Who signed is settled before what was signed. */
const order: readonly ProblemCode[] = [
  'payload-type',
  'key-unknown',
  'signature-invalid',
  'key-revoked',
  'statement-malformed',
  'subject-mismatch',
]

export async function judgeEvidence(one: BundledEvidence, trust: EvidenceTrust): Promise<Judged<EvidenceVerdict>> {
  const { index, receivedAt, receipt, transcript } = one
  const unread = { id: null, session: null, commits: [], signedBy: [], index }
  const opened = await openEnvelope(one.envelope)
  if (opened.envelope === null) return [{ ...unread, problem: opened.problem }, null]
  const { envelope, id } = opened
  // Ends of keys are held against the leaf, once it is known which of the keys it names.
  const keys = trust.keys.map((publicKey) => ({ publicKey, revokedAt: null }))
  const verdict = await verify(envelope, { keys, loggedAt: receivedAt })
  if (!verdict.verified) {
    const [problem] = [...verdict.problems].sort((left, right) => order.indexOf(left.code) - order.indexOf(right.code))
    const unclear = { code: 'signature-invalid', message: 'the envelope does not verify' } as const
    return [{ ...unread, id, problem: problem ?? unclear }, null]
  }
  const { statement, signedBy } = verdict
  const commits = attributionOf(statement).map(({ commit }) => commit)
  const known = { id, session: sessionOf(statement)?.id ?? null, commits, signedBy, index }

  const { predicateType } = statement
  const included = await inclusionOf({ evidenceId: id, predicateType, receivedAt, receipt, index }, signedBy, trust.log)
  if (!included.verified) return [{ ...known, problem: { code: included.code, message: included.message } }, null]
  const seen = { checkpoint: included.checkpoint, note: included.note }
  const failed = (code: EvidenceProblemCode, message: string) =>
    [{ ...known, problem: { code, message } }, seen] as const
  if (transcript !== null) {
    const bytes = fromBase64(transcript) ?? new Uint8Array()
    if ((await sha256Hex(bytes)) !== transcriptOf(statement)?.sha256) {
      return failed('transcript-mismatch', 'the transcript does not have the digest that was signed')
    }
  }
  const ended = endedBy({ keyId: included.keyId, index, receivedAt }, trust.revocations)
  if (ended !== null) {
    const when = `revoked at ${ended.revokedAt} (leaf ${ended.index})`
    return failed('key-revoked', `the key was ${when}, and the evidence logged at ${receivedAt} (leaf ${index})`)
  }
  return [{ ...known, problem: null }, seen]
}
