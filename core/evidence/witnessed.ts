/** Which checkpoints of a log its witnesses cosigned, among those that somebody holds. */
import { toBase64 } from './bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import { verifyCosignature } from './cosignature.ts'
import { type Note, type NoteVerifier, readNote } from './note.ts'

export interface SeenNote {
  readonly checkpoint: Checkpoint
  /** Signed note, with whatever stands below it. */
  readonly note: string
}

export interface Cosigned {
  /** Name of the witness. */
  readonly name: string
  /** Leaves of the largest checkpoint that it cosigned; null where it cosigned none of them. */
  readonly size: number | null
  /** When, in POSIX seconds, by the witness's clock. */
  readonly at: number | null
  /** Whether a signature in its name is false: somebody made it up. */
  readonly isForged: boolean
  /** Whether it vouches for exactly this tree. */
  readonly covers: (checkpoint: Checkpoint) => boolean
}

export function cosignaturesBy(witnesses: readonly NoteVerifier[], seen: readonly SeenNote[]): Promise<Cosigned[]> {
  return Promise.all(witnesses.map((witness) => cosignedBy(witness, seen)))
}

async function cosignedBy(witness: NoteVerifier, seen: readonly SeenNote[]): Promise<Cosigned> {
  const trees = new Set<string>()
  let [size, at, isForged]: [number | null, number | null, boolean] = [null, null, false]
  for (const { checkpoint, note: text } of seen) {
    const note = readNote(text)
    if (note === null || !claims(note, witness)) continue
    const seconds = await verifyCosignature(note, witness)
    if (seconds === null) isForged = true
    else {
      trees.add(treeOf(checkpoint))
      if (size === null || checkpoint.size > size) [size, at] = [checkpoint.size, seconds]
    }
  }
  return { name: witness.name, size, at, isForged, covers: (checkpoint) => trees.has(treeOf(checkpoint)) }
}

function claims({ signatures }: Note, { name, keyId }: NoteVerifier): boolean {
  return signatures.some((one) => one.name === name && toBase64(one.keyId) === toBase64(keyId))
}

function treeOf({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}`
}
