/** The log of a bundle: its checkpoints, and the whole of it where the entries are there. */
import { type Audit, type AuditProblemCode, auditLog, type KnownRevocations } from './audit.ts'
import type { Bundle } from './bundle.ts'
import { fromBase64 } from './bytes.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { type NoteVerifier, readNote, verifyNote } from './note.ts'
import { TILE_WIDTH } from './tile.ts'
import { readTlogProof } from './tlog-proof.ts'
import type { SeenNote } from './witnessed.ts'

export type LogProblemCode = 'bundle-malformed' | AuditProblemCode

interface LogVerdict {
  readonly problems: readonly { readonly code: LogProblemCode; readonly message: string }[]
  /** null where the bundle has no entries. */
  readonly audit: Audit | null
  /** Every checkpoint of the bundle that the log signed. */
  readonly seen: readonly SeenNote[]
}

export async function judgeLog(bundle: Bundle, log: NoteVerifier, revocations: KnownRevocations): Promise<LogVerdict> {
  const { checkpoint, entries, checkpoints } = bundle.log
  const problems: LogVerdict['problems'][number][] = []
  const seen: SeenNote[] = []
  for (const note of [...(checkpoint === null ? [] : [checkpoint]), ...checkpoints]) {
    const read = await readSigned(note, log)
    if (typeof read === 'string') problems.push({ code: read, message: 'a checkpoint of the bundle does not verify' })
    else seen.push({ checkpoint: read, note })
  }
  // What receipts prove is a checkpoint that was seen as well.
  for (const { receipt } of [...bundle.evidence, ...(bundle.conclusions ?? [])]) {
    const note = readTlogProof(receipt)?.checkpoint ?? ''
    const read = await readSigned(note, log)
    if (typeof read !== 'string') seen.push({ checkpoint: read, note })
  }
  if (problems.length > 0 || entries === null || checkpoint === null) {
    if (entries !== null && checkpoint === null) {
      problems.push({ code: 'bundle-malformed', message: 'there are entries without a checkpoint over them' })
    }
    return { problems: [...problems, ...twoRoots(seen)], audit: null, seen }
  }
  if (entries.length > Math.ceil((seen[0]?.checkpoint.size ?? 0) / TILE_WIDTH)) {
    const message = 'there are more entries than the checkpoint covers'
    return { problems: [{ code: 'tile-malformed', message }], audit: null, seen }
  }
  const audit = await auditLog({
    source: {
      checkpoint: async () => checkpoint,
      tile: async ({ index }) => fromBase64(entries[index] ?? '!'),
      hasTiles: false,
    },
    log,
    seen: seen.map((one) => one.checkpoint),
    receipts: [],
    revocations,
    onProgress: () => undefined,
  })
  return { problems: audit.problems, audit, seen }
}

async function readSigned(text: string, log: NoteVerifier): Promise<Checkpoint | LogProblemCode> {
  const note = readNote(text)
  const checkpoint = note === null ? null : readCheckpoint(note.text)
  if (note === null || checkpoint === null) return 'checkpoint-malformed'
  if (checkpoint.origin !== log.name) return 'other-log'
  return (await verifyNote(note, log)) ? checkpoint : 'checkpoint-signature'
}

/** Without the entries, a fork still shows where two roots were signed for one size. */
function twoRoots(seen: readonly SeenNote[]): LogVerdict['problems'] {
  const roots = new Map<number, string>()
  for (const { checkpoint } of seen) {
    const text = checkpoint.root.join()
    if ((roots.get(checkpoint.size) ?? text) !== text) {
      return [{ code: 'forked', message: `two roots were signed for ${checkpoint.size} leaves` }]
    }
    roots.set(checkpoint.size, text)
  }
  return []
}
