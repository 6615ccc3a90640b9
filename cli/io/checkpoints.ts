/**
 * Checkpoints that this machine has seen, whoever showed them: what a log is held to by `stemma log audit`. One file a log,
 * `<configuration>/checkpoints/<origin>.jsonl`, one line each, only ever appended to.
 */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Checkpoint, readCheckpoint } from '#core/evidence/checkpoint.ts'
import { type NoteVerifier, readNote, readVerifierKey, verifyNote } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import { readText } from './files.ts'

const Line = z.object({ at: z.string(), note: z.string() })

export interface SeenCheckpoint extends Checkpoint {
  /** As it was signed. */
  readonly note: string
}

function pathOf(configurationFolder: string, origin: string): string {
  return join(configurationFolder, 'checkpoints', `${encodeURIComponent(origin)}.jsonl`)
}

/** null unless the log signed it: what it did not sign, it cannot be held to. */
export async function readSignedCheckpoint(note: string, log: NoteVerifier): Promise<SeenCheckpoint | null> {
  const read = readNote(note)
  const checkpoint = read === null ? null : readCheckpoint(read.text)
  if (read === null || checkpoint === null || checkpoint.origin !== log.name) return null
  return (await verifyNote(read, log)) ? { ...checkpoint, note } : null
}

/** Those that the log signed, smallest first. A line that was torn by a crash is left out. */
export async function readCheckpoints(
  configurationFolder: string,
  log: NoteVerifier,
): Promise<readonly SeenCheckpoint[]> {
  const text = (await readText(pathOf(configurationFolder, log.name))) ?? ''
  const notes = text.split('\n').map((line) => noteOf(line))
  const read = await Promise.all(notes.map((note) => (note === null ? null : readSignedCheckpoint(note, log))))
  return read.filter((checkpoint) => checkpoint !== null).sort((left, right) => left.size - right.size)
}

function noteOf(line: string): string | null {
  try {
    return Line.parse(JSON.parse(line)).note
  } catch {
    return null
  }
}

/**
 * Adds those that are new to this machine: another size, another root for a size, which is what matters most, or what a
 * witness has added since.
 */
export async function keepCheckpoints(
  configurationFolder: string,
  notes: readonly string[],
  { log, now }: { readonly log: NoteVerifier; readonly now: Date },
): Promise<void> {
  const known = new Set((await readCheckpoints(configurationFolder, log)).map((one) => one.note))
  const lines: string[] = []
  for (const note of notes) {
    const checkpoint = await readSignedCheckpoint(note, log)
    if (checkpoint === null || known.has(note)) continue
    known.add(note)
    lines.push(JSON.stringify({ at: now.toISOString(), note }))
  }
  if (lines.length === 0) return
  const path = pathOf(configurationFolder, log.name)
  await mkdir(join(path, '..'), { recursive: true })
  // One write, begun on a new line: what a crash tore before it stays a line of its own.
  await appendFile(path, `\n${lines.join('\n')}\n`, { mode: 0o600 })
}

/** The checkpoints of receipts, kept under the log's pinned key. */
export async function keepReceiptCheckpoints(
  configurationFolder: string,
  receipts: readonly { readonly receipt: string }[],
  { logKey, now }: { readonly logKey: string; readonly now: Date },
): Promise<void> {
  const notes = receipts.map(({ receipt }) => readTlogProof(receipt)?.checkpoint).filter((note) => note !== undefined)
  if (notes.length > 0) await keepCheckpoints(configurationFolder, notes, { log: await readVerifierKey(logKey), now })
}
