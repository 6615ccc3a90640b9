/** Receipt (C2SP tlog-proof): index, inclusion proof and signed checkpoint in one text that can be checked offline. */
import { type Bytes, fromBase64, toBase64 } from './bytes.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { HASH_BYTES, isCount, leafHash } from './merkle.ts'
import { verifyInclusion } from './merkle-verify.ts'
import { type NoteVerifier, readNote, verifyNote } from './note.ts'

export const TLOG_PROOF_HEADER = 'c2sp.org/tlog-proof@v1'

/** A tree of 2^53 leaves, more than an index can count, is 53 levels high. */
const MAX_PROOF_HASHES = 53

export interface TlogProof {
  readonly index: number
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Bytes[]
  /** Signed note, verbatim. */
  readonly checkpoint: string
}

export function writeTlogProof({ index, proof, checkpoint }: TlogProof): string {
  return `${[TLOG_PROOF_HEADER, `index ${index}`, ...proof.map(toBase64), ''].join('\n')}\n${checkpoint}`
}

/** null for anything that is not a proof. `extra` lines are unauthenticated, so they are dropped unread. */
export function readTlogProof(text: string): TlogProof | null {
  const split = text.indexOf('\n\n')
  if (split < 0) return null
  const [header, ...rest] = text.slice(0, split).split('\n')
  const [first, ...hashes] = rest[0]?.startsWith('extra ') === true ? rest.slice(1) : rest
  const index = /^index (0|[1-9][0-9]*)$/.exec(first ?? '')?.[1]
  if (
    header !== TLOG_PROOF_HEADER ||
    index === undefined ||
    !isCount(Number(index)) ||
    hashes.length > MAX_PROOF_HASHES
  )
    return null
  const proof: Bytes[] = []
  for (const line of hashes) {
    const hash = /^[A-Za-z0-9+/]{43}=$/.test(line) ? fromBase64(line) : null
    // One text a receipt: bits that base64 leaves over are no room for a second one.
    if (hash === null || hash.length !== HASH_BYTES || toBase64(hash) !== line) return null
    proof.push(hash)
  }
  return { index: Number(index), proof, checkpoint: text.slice(split + 2) }
}

type ReceiptProblem = 'malformed' | 'other-log' | 'checkpoint-signature' | 'not-included'

export type ReceiptVerdict =
  | { readonly verified: true; readonly index: number; readonly checkpoint: Checkpoint }
  | { readonly verified: false; readonly problem: ReceiptProblem; readonly message: string }

/** Leaf hash, then origin and log key, then inclusion. `leaf` = the bytes that the log is said to hold. */
export async function verifyTlogProof(text: string, leaf: Bytes, log: NoteVerifier): Promise<ReceiptVerdict> {
  const receipt = readTlogProof(text)
  const note = receipt === null ? null : readNote(receipt.checkpoint)
  const checkpoint = note === null ? null : readCheckpoint(note.text)
  if (receipt === null || note === null || checkpoint === null)
    return refuse('malformed', `the receipt is not a ${TLOG_PROOF_HEADER}`)

  const hash = await leafHash(leaf)

  if (checkpoint.origin !== log.name) return refuse('other-log', `the checkpoint is not of the log ${log.name}`)
  if (!(await verifyNote(note, log))) return refuse('checkpoint-signature', 'the log did not sign this checkpoint')

  const { index, proof } = receipt
  const { size, root } = checkpoint
  if (!(await verifyInclusion({ index, size, leaf: hash, proof, root }))) {
    return refuse('not-included', `the proof does not lead from this leaf ${index} to the root of ${size} leaves`)
  }
  return { verified: true, index, checkpoint }
}

function refuse(problem: ReceiptProblem, message: string): ReceiptVerdict {
  return { verified: false, problem, message }
}
