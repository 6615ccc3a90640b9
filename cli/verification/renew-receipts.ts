/** Receipts of this repository -> receipts under the checkpoint that the log publishes, which witnesses may have cosigned. */
import { inclusionOf } from '#core/evidence/inclusion.ts'
import { readNote } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { keepCheckpoints } from '../io/checkpoints.ts'
import { readAllReceipts, readSentEnvelope, storeReceipt } from '../io/receipts.ts'
import { findRepository } from '../io/repository.ts'
import type { OpenedLog } from './log-source.ts'
import { readPublishedLog } from './published-log.ts'

export interface Renewed {
  readonly receipts: number
  readonly renewed: number
  /** Leaves under the published checkpoint. */
  readonly size: number
  /** Signatures below it, the log's own left out. */
  readonly cosignatures: number
}

/**
 * The old receipt stays where the new one does not prove the same leaf: what was acknowledged is never given away. Its
 * checkpoint stays among those that this machine has seen in any case. Throws verification-failed for such a log.
 */
export async function renewReceipts(opened: OpenedLog, context: Context): Promise<Renewed> {
  const { stateDirectory } = await findRepository(context.workingDirectory)
  const { log } = opened
  const published = await readPublishedLog(opened)
  const receipts = await readAllReceipts(stateDirectory)
  const own = receipts.filter(({ receipt }) => originOf(receipt) === log.name)
  const notes = [...own.map(({ receipt }) => readTlogProof(receipt)?.checkpoint ?? ''), published.note]
  await keepCheckpoints(context.configurationFolder, notes, { log, now: context.now() })
  let renewed = 0
  for (const stored of own) {
    const { index, keyId, receivedAt, notes: of } = stored
    const receipt = await published.receiptOf(index)
    const envelope = await readSentEnvelope(stateDirectory, of.id)
    if (receipt === null || envelope === null) continue
    const claimed = { evidenceId: of.id, predicateType: of.predicateType, receivedAt, receipt, index }
    const included = await inclusionOf(claimed, [keyId], log)
    if (!included.verified) throw notIncluded(of.id, included.message)
    await storeReceipt(stateDirectory, { ...stored, receipt }, envelope)
    renewed++
  }
  const cosignatures = (readNote(published.note)?.signatures ?? []).filter(({ name }) => name !== log.name).length
  return { receipts: own.length, renewed, size: published.size, cosignatures }
}

function originOf(receipt: string): string | undefined {
  return readTlogProof(receipt)?.checkpoint.split('\n', 1)[0]
}

function notIncluded(id: string, problem: string): Fault {
  return new Fault('verification-failed', {
    message: `The log does not hold evidence ${id} any more where it acknowledged it: ${problem}.`,
    hint: 'Your receipts are kept as they were, and prove it. Look closer with `stemma log audit`.',
  })
}
