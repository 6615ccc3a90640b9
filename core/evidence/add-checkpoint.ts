/** The request `add-checkpoint` (C2SP tlog-witness), and what a witness must check before it cosigns. */
import { type Bytes, equalBytes, fromBase64, toBase64 } from './bytes.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { emptyRoot, HASH_BYTES, isCount } from './merkle.ts'
import { verifyConsistency } from './merkle-verify.ts'
import { type Note, type NoteVerifier, readNote, verifyNote } from './note.ts'

/** tlog-witness: a client sends no more. */
const MAX_PROOF_LINES = 63

/** Proof, checkpoint and a hundred signatures stay below it. */
export const MAX_ADD_CHECKPOINT_BYTES = 64_000

export interface AddCheckpoint {
  /** Size of the checkpoint that the witness is thought to have cosigned last; 0 for none. */
  readonly old: number
  readonly proof: readonly Bytes[]
  /** Signed note, verbatim. */
  readonly checkpoint: string
}

export function writeAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): string {
  return `${[`old ${old}`, ...proof.map(toBase64), ''].join('\n')}\n${checkpoint}`
}

/** null for anything that is not such a request. */
export function readAddCheckpoint(text: string): AddCheckpoint | null {
  const split = text.indexOf('\n\n')
  if (split < 0) return null
  const [first = '', ...lines] = text.slice(0, split).split('\n')
  const old = /^old (0|[1-9][0-9]*)$/.exec(first)?.[1]
  if (old === undefined || !isCount(Number(old)) || lines.length > MAX_PROOF_LINES) return null
  const proof: Bytes[] = []
  for (const line of lines) {
    const hash = /^[A-Za-z0-9+/]{43}=$/.test(line) ? fromBase64(line) : null
    if (hash === null || hash.length !== HASH_BYTES || toBase64(hash) !== line) return null
    proof.push(hash)
  }
  return { old: Number(old), proof, checkpoint: text.slice(split + 2) }
}

/** The checkpoint that a witness cosigned last for an origin. */
export interface Witnessed {
  readonly size: number
  readonly root: Bytes
}

export type WitnessVerdict =
  | { readonly status: 200; readonly note: Note; readonly checkpoint: Checkpoint }
  | { readonly status: 400 | 403 | 404 | 422; readonly message: string }
  /** `size`: what the witness cosigned last. */
  | { readonly status: 409; readonly message: string; readonly size: number }

/**
 * In the order of the specification: origin, signature, sizes, what is on record, proof. The caller must judge against
 * the record and replace it in one step that nothing comes between.
 */
export async function judgeCheckpoint(
  request: AddCheckpoint | null,
  logs: readonly NoteVerifier[],
  recordOf: (origin: string) => Witnessed | null,
): Promise<WitnessVerdict> {
  const note = request === null ? null : readNote(request.checkpoint)
  const checkpoint = note === null ? null : readCheckpoint(note.text)
  if (request === null || note === null || checkpoint === null) {
    return { status: 400, message: 'The body is not an add-checkpoint request.' }
  }
  const keys = logs.filter(({ name }) => name === checkpoint.origin)
  if (keys.length === 0) return { status: 404, message: 'This witness does not know the log.' }
  const signed = await Promise.all(keys.map((key) => verifyNote(note, key)))
  if (!signed.includes(true)) return { status: 403, message: 'No key of this log signed the checkpoint.' }

  const { old, proof } = request
  const { size, root } = checkpoint
  if (old > size) return { status: 400, message: 'The old size is larger than the checkpoint.' }
  const record = recordOf(checkpoint.origin) ?? { size: 0, root: await emptyRoot() }
  if (old !== record.size) return { status: 409, message: 'Another checkpoint was cosigned last.', size: record.size }
  if (old === size) {
    if (!equalBytes(root, record.root)) {
      return { status: 409, message: 'The log has two roots for one size.', size: record.size }
    }
    if (proof.length > 0) return { status: 422, message: 'A tree is consistent with itself without a proof.' }
  } else if (old === 0 ? proof.length > 0 : !(await verifyConsistency({ older: record, newer: checkpoint, proof }))) {
    return { status: 422, message: 'The proof does not lead from the old size to the checkpoint.' }
  }
  return { status: 200, note, checkpoint }
}
