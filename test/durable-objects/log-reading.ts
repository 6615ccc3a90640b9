/** Reads a log as an outsider would: out of the bucket, with no word of the object's taken for granted. */
import { env } from 'cloudflare:workers'
import { type Audit, auditLog } from '#core/evidence/audit.ts'
import { type Checkpoint, readCheckpoint } from '#core/evidence/checkpoint.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readNote, readVerifierKey, verifyNote } from '#core/evidence/note.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'
import { logObjectsOf } from '#worker/store/log-objects.ts'

export const leafOf = (seed: number): LogLeaf => ({
  evidenceId: seed.toString(16).padStart(64, '0'),
  predicateType: 'https://stemma.dev/attestation/ai-session/v1',
  keyId: 'b'.repeat(64),
  receivedAt: new Date(Date.UTC(2026, 10, 22, 10, 0, seed)).toISOString(),
})

export const bucketOf = (organisation: string) => logObjectsOf(organisation, env.BLOBS)

/** The published log, whole, against every receipt that was given; null where nothing is published yet. */
export async function auditBucket(
  organisation: string,
  logKey: string,
  given: readonly { readonly leaf: LogLeaf; readonly entry: LogEntry }[],
): Promise<Audit | null> {
  const objects = bucketOf(organisation)
  const published = await objects.checkpoint()
  if (published === null) return null
  const size = checkpointOf(published.note).size
  const seen = await Promise.all(given.map(({ entry }) => receiptCheckpoint(entry.receipt, logKey)))
  return auditLog({
    source: { checkpoint: async () => published.note, tile: objects.getTile, hasTiles: true },
    log: await readVerifierKey(logKey),
    // The bucket follows the log: what is not published yet is no roll-back.
    seen: seen.filter((checkpoint) => checkpoint.size <= size),
    receipts: given
      .filter(({ entry }) => entry.index < size)
      .map(({ leaf, entry }) => ({
        index: entry.index,
        leaf: writeLogLeaf({ ...leaf, receivedAt: entry.receivedAt }),
      })),
    onProgress: () => undefined,
  })
}

export function checkpointOf(note: string): Checkpoint {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '')
  if (checkpoint === null) throw new Error('not a checkpoint')
  return checkpoint
}

/** The checkpoint of a receipt, which the log must have signed. */
export async function receiptCheckpoint(receipt: string, logKey: string): Promise<Checkpoint> {
  const text = receipt.slice(receipt.indexOf('\n\n') + 2)
  const note = readNote(text)
  if (note === null || !(await verifyNote(note, await readVerifierKey(logKey))))
    throw new Error('not signed by the log')
  return checkpointOf(text)
}
