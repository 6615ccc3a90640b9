/** Leaf -> entry: the one place where the log grows. Appends that arrive while the disk takes a batch form the next one. */
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { growTree, leafHash, readThrough } from '#core/evidence/merkle.ts'
import type { NoteSigner } from '#core/evidence/note.ts'
import { Fault } from '#core/fault.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'
import type { LogStorage, NewLeaf } from './log-storage.ts'
import { entryAt, type LogView, signTree } from './log-view.ts'

/** One signature covers a batch. 256 leaves are about 2 ms of hashing, so nobody waits long behind a full one. */
const MAX_BATCH = 256

/** A stale batch means that another instance of this object wrote; it ends, or this one is evicted, within a few tries. */
const MAX_ATTEMPTS = 5

export interface SequencedLog {
  readonly storage: LogStorage
  readonly key: () => Promise<NoteSigner>
  /** The present tree. */
  readonly view: () => Promise<Omit<LogView, 'read'>>
  /** Before an instance sequences anything: what was staged before it is uploaded, and there is no fork. */
  readonly resume: () => Promise<void>
  /** In the turn that commits. */
  readonly advanced: () => void
}

interface Waiting {
  readonly leaf: LogLeaf
  readonly resolve: (entry: LogEntry) => void
  readonly reject: (error: unknown) => void
}

/** Gives `append`: durable, under a signed checkpoint, once it resolves; the same evidence gives the same leaf. */
export function sequence(log: SequencedLog): (leaf: LogLeaf) => Promise<LogEntry> {
  const { storage } = log
  let waiting: Waiting[] = []
  let isCommitting = false

  const commitWaiting = async (): Promise<void> => {
    isCommitting = true
    try {
      while (waiting.length > 0) {
        // What comes in one turn is one batch.
        await Promise.resolve()
        const batch = waiting.slice(0, MAX_BATCH)
        waiting = waiting.slice(MAX_BATCH)
        try {
          await log.resume()
          await commit(log, batch)
        } catch (error) {
          for (const { reject } of batch) reject(error)
        }
        // A log at rest commits at once. While the disk takes a batch, no answer leaves the object anyway (output gate), so
        // whoever comes meanwhile shares the next one.
        await storage.flushed()
      }
    } finally {
      isCommitting = false
    }
  }

  return async (leaf) => {
    writeLogLeaf(leaf)
    // Leaves are numbered in the order in which they come, so what is let in here comes before the end of its key.
    if (storage.isEnded(leaf.keyId) && storage.leafOf(leaf.evidenceId) === null) throw keyEnded()
    return new Promise((resolve, reject) => {
      waiting.push({ leaf, resolve, reject })
      if (!isCommitting) void commitWaiting()
    })
  }
}

async function commit(log: SequencedLog, batch: readonly Waiting[]): Promise<void> {
  const signer = await log.key()
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const view = await advance(log, batch, signer)
    if (view === null) continue
    const entries = batch.map(({ leaf }) =>
      entryAt(log.storage, log.storage.leafOf(leaf.evidenceId)?.index ?? -1, view),
    )
    for (const [at, entry] of (await Promise.all(entries)).entries()) batch[at]?.resolve(entry)
    return
  }
  throw new Fault('unavailable', {
    message: 'The log was written by another instance at the same time.',
    hint: 'Send the evidence again with `stemma push`.',
  })
}

/** null where the log moved on in between. */
async function advance(log: SequencedLog, batch: readonly Waiting[], signer: NoteSigner): Promise<LogView | null> {
  const { storage } = log
  const size = storage.checkpoint()?.size ?? 0
  const fresh = new Map<string, NewLeaf>()
  for (const { leaf } of batch) {
    const { evidenceId } = leaf
    if (fresh.has(evidenceId) || storage.leafOf(evidenceId) !== null) continue
    fresh.set(evidenceId, { evidenceId, index: size + fresh.size, bytes: writeLogLeaf(leaf) })
  }
  if (fresh.size === 0) return { ...(await log.view()), read: storage.readNode }

  const leaves = [...fresh.values()]
  const hashes = await Promise.all(leaves.map(({ bytes }) => leafHash(bytes)))
  const nodes = await growTree(size, hashes, storage.readNode)
  const read = readThrough(nodes, storage.readNode)
  const checkpoint = await signTree(signer, size + leaves.length, read)

  if (storage.advance(size, { leaves, nodes, checkpoint }) === 'stale') return null
  log.advanced()
  return { ...checkpoint, read }
}

function keyEnded(): Fault {
  return new Fault('key-revoked', {
    message: 'The key that signed the evidence was revoked before the log took it in.',
    hint: 'Make and enrol a new key with `stemma init --new-key --token TOKEN`.',
  })
}
