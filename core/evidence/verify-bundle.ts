/**
 * Bundle + log key -> verdict: for each piece of evidence the first check that fails. The log's key is the only thing that
 * is trusted: signers' keys are believed because leaves in the log name them. docs/verify/verify.py says the same.
 */
import { isFault } from '../fault.ts'
import { type Audit, type AuditProblemCode, auditLog } from './audit.ts'
import { type Bundle, type BundledEvidence, readBundle } from './bundle.ts'
import { fromBase64 } from './bytes.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { sha256Hex } from './digest.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import type { PublicKey } from './key.ts'
import { writeLogLeaf } from './log-leaf.ts'
import { type NoteVerifier, readNote, readVerifierKey, verifyNote } from './note.ts'
import { readKeyText } from './ssh-key.ts'
import { attributionOf, sessionOf, transcriptOf } from './statement.ts'
import { TILE_WIDTH } from './tile.ts'
import { readTlogProof, verifyTlogProof } from './tlog-proof.ts'
import { type ProblemCode, verify } from './verify.ts'

export type EvidenceProblemCode =
  | ProblemCode
  | 'envelope-malformed'
  | 'receipt-malformed'
  | 'other-log'
  | 'checkpoint-signature'
  | 'not-included'
  | 'index-mismatch'
  | 'transcript-mismatch'

export type BundleProblemCode = 'bundle-malformed' | 'log-key-untrusted' | 'key-malformed' | AuditProblemCode

export interface EvidenceVerdict {
  /** Hex SHA-256 of the payload; null where the envelope cannot be read. */
  readonly id: string | null
  readonly session: string | null
  readonly commits: readonly string[]
  readonly signedBy: readonly string[]
  readonly index: number
  readonly problem: { readonly code: EvidenceProblemCode; readonly message: string } | null
}

export interface BundleVerdict {
  readonly verified: boolean
  readonly origin: string | null
  /** What is wrong with the log or the bundle as a whole. */
  readonly problems: readonly { readonly code: BundleProblemCode; readonly message: string }[]
  readonly evidence: readonly EvidenceVerdict[]
  /** The log re-derived; null where the bundle has no entries. */
  readonly audit: Audit | null
}

/** `logKeys`: verifier keys that are trusted. */
export async function verifyBundle(text: string, logKeys: readonly string[]): Promise<BundleVerdict> {
  let bundle: Bundle
  try {
    bundle = readBundle(text)
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return rejected('bundle-malformed', fault.message)
  }
  if (!logKeys.includes(bundle.log.key)) {
    return rejected('log-key-untrusted', 'the log of this bundle is not one that is trusted here')
  }
  const log = await readVerifierKey(bundle.log.key)
  const keys = await keysOf(bundle)
  if (keys === null) return rejected('key-malformed', 'a key of the bundle is not an Ed25519 key of full order')
  const evidence = await Promise.all(bundle.evidence.map((one) => judge(one, keys, log)))
  const { audit, problems } = await judgeLog(bundle, log)
  const verified = problems.length === 0 && evidence.every(({ problem }) => problem === null)
  return { verified, origin: log.name, problems, evidence, audit }
}

function rejected(code: BundleProblemCode, message: string): BundleVerdict {
  return { verified: false, origin: null, problems: [{ code, message }], evidence: [], audit: null }
}

async function keysOf({ keys }: Bundle): Promise<readonly PublicKey[] | null> {
  try {
    return await Promise.all(keys.map(({ publicKey }) => readKeyText(publicKey)))
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return null
  }
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

async function judge(one: BundledEvidence, keys: readonly PublicKey[], log: NoteVerifier): Promise<EvidenceVerdict> {
  const { index, receivedAt, receipt, transcript } = one
  const unread = { id: null, session: null, commits: [], signedBy: [], index }
  let envelope: Envelope
  try {
    envelope = readEnvelope(one.envelope)
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return { ...unread, problem: { code: 'envelope-malformed', message: fault.message } }
  }
  const id = await sha256Hex(envelope.payload)
  // When the log took it in, a key was valid or the log would not have: revocation is the log's own business.
  const trusted = keys.map((publicKey) => ({ publicKey, revokedAt: null }))
  const verdict = await verify(envelope, { keys: trusted, loggedAt: receivedAt })
  if (!verdict.verified) {
    const [problem] = [...verdict.problems].sort((left, right) => order.indexOf(left.code) - order.indexOf(right.code))
    return { ...unread, id, problem: problem ?? { code: 'signature-invalid', message: 'the envelope does not verify' } }
  }
  const { statement, signedBy } = verdict
  const commits = attributionOf(statement).map(({ commit }) => commit)
  const known = { id, session: sessionOf(statement)?.id ?? null, commits, signedBy, index }
  const failed = (code: EvidenceProblemCode, message: string) => ({ ...known, problem: { code, message } })

  const included = await inclusionOf(receipt, log, (keyId) =>
    writeLogLeaf({ evidenceId: id, predicateType: statement.predicateType, keyId, receivedAt }),
  )(signedBy)
  if (!included.verified) return failed(included.code, included.message)
  if (included.index !== index)
    return failed('index-mismatch', `the receipt is of leaf ${included.index}, not ${index}`)
  if (transcript !== null) {
    const bytes = fromBase64(transcript) ?? new Uint8Array()
    if ((await sha256Hex(bytes)) !== transcriptOf(statement)?.sha256) {
      return failed('transcript-mismatch', 'the transcript does not have the digest that was signed')
    }
  }
  return { ...known, problem: null }
}

type Included =
  | { readonly verified: true; readonly index: number }
  | { readonly verified: false; readonly code: EvidenceProblemCode; readonly message: string }

const receiptCodes = {
  malformed: 'receipt-malformed',
  'other-log': 'other-log',
  'checkpoint-signature': 'checkpoint-signature',
  'not-included': 'not-included',
} as const

/** The leaf names one of the keys that signed; which one, only the log's tree tells. */
function inclusionOf(receipt: string, log: NoteVerifier, leafOf: (keyId: string) => Uint8Array<ArrayBuffer>) {
  return async (keyIds: readonly string[]): Promise<Included> => {
    let last: Included = { verified: false, code: 'not-included', message: 'no key signed' }
    for (const keyId of keyIds) {
      let leaf: Uint8Array<ArrayBuffer>
      try {
        leaf = leafOf(keyId)
      } catch (fault) {
        if (!isFault(fault)) throw fault
        return { verified: false, code: 'receipt-malformed', message: fault.message }
      }
      const verdict = await verifyTlogProof(receipt, leaf, log)
      if (verdict.verified) return { verified: true, index: verdict.index }
      last = { verified: false, code: receiptCodes[verdict.problem], message: verdict.message }
    }
    return last
  }
}

async function judgeLog(bundle: Bundle, log: NoteVerifier): Promise<Pick<BundleVerdict, 'problems' | 'audit'>> {
  const { checkpoint, entries, checkpoints } = bundle.log
  const problems: BundleVerdict['problems'][number][] = []
  const seen: Checkpoint[] = []
  for (const note of [...(checkpoint === null ? [] : [checkpoint]), ...checkpoints]) {
    const read = await readSigned(note, log)
    if (typeof read === 'string') problems.push({ code: read, message: 'a checkpoint of the bundle does not verify' })
    else seen.push(read)
  }
  // What receipts prove is a checkpoint that was seen as well.
  for (const { receipt } of bundle.evidence) {
    const read = await readSigned(readTlogProof(receipt)?.checkpoint ?? '', log)
    if (typeof read !== 'string') seen.push(read)
  }
  if (problems.length > 0 || entries === null || checkpoint === null) {
    if (entries !== null && checkpoint === null) {
      problems.push({ code: 'bundle-malformed', message: 'there are entries without a checkpoint over them' })
    }
    return { problems: [...problems, ...twoRoots(seen)], audit: null }
  }
  if (entries.length > Math.ceil((seen[0]?.size ?? 0) / TILE_WIDTH)) {
    return {
      problems: [{ code: 'tile-malformed', message: 'there are more entries than the checkpoint covers' }],
      audit: null,
    }
  }
  const audit = await auditLog({
    source: {
      checkpoint: async () => checkpoint,
      tile: async ({ index }) => fromBase64(entries[index] ?? '!'),
      hasTiles: false,
    },
    log,
    seen,
    receipts: [],
    onProgress: () => undefined,
  })
  return { problems: audit.problems, audit }
}

async function readSigned(text: string, log: NoteVerifier): Promise<Checkpoint | BundleProblemCode> {
  const note = readNote(text)
  const checkpoint = note === null ? null : readCheckpoint(note.text)
  if (note === null || checkpoint === null) return 'checkpoint-malformed'
  if (checkpoint.origin !== log.name) return 'other-log'
  return (await verifyNote(note, log)) ? checkpoint : 'checkpoint-signature'
}

/** Without the entries, a fork still shows where two roots were signed for one size. */
function twoRoots(seen: readonly Checkpoint[]): BundleVerdict['problems'] {
  const roots = new Map<number, string>()
  for (const { size, root } of seen) {
    const text = root.join()
    if ((roots.get(size) ?? text) !== text) {
      return [{ code: 'forked', message: `two roots were signed for ${size} leaves` }]
    }
    roots.set(size, text)
  }
  return []
}
