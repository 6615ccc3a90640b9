/** Receipt + who may have signed -> the leaf that the log holds: which of the signers it names, only the tree tells. */
import { isFault } from '../fault.ts'
import type { Bytes } from './bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import { writeLogLeaf } from './log-leaf.ts'
import type { NoteVerifier } from './note.ts'
import { readTlogProof, verifyTlogProof } from './tlog-proof.ts'

export type InclusionProblemCode =
  | 'receipt-malformed'
  | 'other-log'
  | 'checkpoint-signature'
  | 'not-included'
  | 'index-mismatch'

export type Included =
  | {
      readonly verified: true
      readonly keyId: string
      readonly checkpoint: Checkpoint
      /** The checkpoint as it was signed. */
      readonly note: string
    }
  | { readonly verified: false; readonly code: InclusionProblemCode; readonly message: string }

/** What a bundle says of a leaf. */
interface Claimed {
  readonly evidenceId: string
  readonly predicateType: string
  readonly receivedAt: string
  readonly receipt: string
  readonly index: number
}

const codes = {
  malformed: 'receipt-malformed',
  'other-log': 'other-log',
  'checkpoint-signature': 'checkpoint-signature',
  'not-included': 'not-included',
} as const

export async function inclusionOf(
  { receipt, index, ...claimed }: Claimed,
  keyIds: readonly string[],
  log: NoteVerifier,
): Promise<Included> {
  let last: Included = { verified: false, code: 'not-included', message: 'no key signed' }
  for (const keyId of keyIds) {
    let leaf: Bytes
    try {
      leaf = writeLogLeaf({ ...claimed, keyId })
    } catch (fault) {
      if (!isFault(fault)) throw fault
      return { verified: false, code: 'receipt-malformed', message: fault.message }
    }
    const verdict = await verifyTlogProof(receipt, leaf, log)
    if (!verdict.verified) last = { verified: false, code: codes[verdict.problem], message: verdict.message }
    else if (verdict.index === index) {
      const note = readTlogProof(receipt)?.checkpoint ?? ''
      return { verified: true, keyId, checkpoint: verdict.checkpoint, note }
    } else {
      const message = `the receipt is of leaf ${verdict.index}, not ${index}`
      return { verified: false, code: 'index-mismatch', message }
    }
  }
  return last
}
