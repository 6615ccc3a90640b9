/** A signed tree of the log, and what is told of a leaf under it. */
import { toBase64 } from '#core/evidence/bytes.ts'
import { writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { readLogLeaf } from '#core/evidence/log-leaf.ts'
import { inclusionProof, type ReadNode, treeRoot } from '#core/evidence/merkle.ts'
import { type NoteSigner, signNote } from '#core/evidence/note.ts'
import { writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { Fault } from '#core/fault.ts'
import type { LogEntry } from '#core/ports.ts'
import type { LogStorage } from './log-storage.ts'

export interface SignedTree {
  readonly size: number
  /** base64 */
  readonly root: string
  readonly note: string
}

/** A signed size, and the nodes that prove leaves of it. */
export interface LogView {
  readonly size: number
  readonly note: string
  readonly read: ReadNode
}

export async function signTree(signer: NoteSigner, size: number, read: ReadNode): Promise<SignedTree> {
  const root = await treeRoot(size, read)
  const note = await signNote(writeCheckpoint({ origin: signer.name, size, root }), signer)
  return { size, root: toBase64(root), note }
}

/** Throws not-found for a leaf that the tree does not have. */
export async function entryAt(storage: LogStorage, index: number, { size, note, read }: LogView): Promise<LogEntry> {
  const leaf = storage.leafAt(index)
  const content = leaf === null ? null : readLogLeaf(leaf.bytes)
  if (content === null || index >= size) throw unknownIndex(`leaf ${index}`, size)
  const proof = await inclusionProof(index, size, read)
  return { index, receipt: writeTlogProof({ index, proof, checkpoint: note }), receivedAt: content.receivedAt }
}

export function unknownIndex(what: string, size: number): Fault {
  return new Fault('not-found', {
    message: `The log holds ${size} leaves; there is no ${what}.`,
    hint: 'Ask for the present size with `GET /v1/log/checkpoint`.',
  })
}
