/**
 * The outgoing spool: evidence that no receipt acknowledges yet, one folder for each, `<state>/outgoing/<evidence id>/`.
 * A folder appears whole by one rename and disappears only after its receipt is durable.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hasCode, isMissing, readBytes, readText, syncFolder, writeDurably, writeSynced } from './files.ts'

const ENVELOPE = 'envelope.json'
const TRANSCRIPT = 'transcript.jsonl.gz'
const NOTES = 'notes.json'

/** What the machine keeps of evidence for itself; nothing of it is sent. */
export const EvidenceNotes = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  /** null for commits to which no session contributed, and for configuration. */
  session: z.string().nullable(),
  /** Predicate type of the statement: part of the log's leaf. */
  predicateType: z.string(),
  commits: z.array(z.string()),
  /** How many events the session had by then; 0 without a session. */
  events: z.int().nonnegative(),
  /**
   * SHA-256 of the redacted transcript, decompressed, whether or not it is sent; with the commits it tells old from new.
   * Of a configuration, over it and what it is compared with. Empty for commits alone.
   */
  content: z.string(),
  /** The transcript's digest where it is sent; null in tier `metadata`. */
  transcript: z.string().nullable(),
  createdAt: z.string(),
})
export type EvidenceNotes = Readonly<z.infer<typeof EvidenceNotes>>

export interface OutgoingEvidence {
  readonly notes: EvidenceNotes
  /** DSSE JSON as it will be sent. */
  readonly envelope: string
  /** gzip; null where none is sent. */
  readonly transcript: Uint8Array<ArrayBuffer> | null
}

export function outgoingFolder(stateDirectory: string): string {
  return join(stateDirectory, 'outgoing')
}

/** Resolves only after the evidence is durable. Evidence that is there already stays as it is. */
export async function addOutgoing(stateDirectory: string, evidence: OutgoingEvidence): Promise<void> {
  const folder = outgoingFolder(stateDirectory)
  const draft = join(folder, `.${randomUUID()}.draft`)
  await mkdir(draft, { recursive: true })
  try {
    await writeSynced(join(draft, ENVELOPE), evidence.envelope)
    if (evidence.transcript !== null) await writeSynced(join(draft, TRANSCRIPT), evidence.transcript, 0o600)
    await writeSynced(join(draft, NOTES), JSON.stringify(evidence.notes))
    await syncFolder(draft)
    await rename(draft, join(folder, evidence.notes.id))
  } catch (problem) {
    await rm(draft, { recursive: true, force: true })
    if (!hasCode(problem, 'ENOTEMPTY') && !hasCode(problem, 'EEXIST')) throw problem
  }
  await syncFolder(folder)
}

/** Ids of everything that waits, oldest first is not promised. Drafts of a crashed push are not listed. */
export async function listOutgoing(stateDirectory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(outgoingFolder(stateDirectory))
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort()
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}

/** null where it is not (or no longer) there, or is damaged; `doctor` reports damage. */
export async function readOutgoing(stateDirectory: string, id: string): Promise<OutgoingEvidence | null> {
  const folder = join(outgoingFolder(stateDirectory), id)
  const [envelope, transcript, notes] = await Promise.all([
    readText(join(folder, ENVELOPE)),
    readBytes(join(folder, TRANSCRIPT)),
    readText(join(folder, NOTES)),
  ])
  const parsed = notes === null ? null : parseNotes(notes)
  if (envelope === null || parsed === null) return null
  return { notes: parsed, envelope, transcript: transcript === null ? null : new Uint8Array(transcript) }
}

/** Without envelope and transcript, which may be large. null as for `readOutgoing`. */
export async function readOutgoingNotes(stateDirectory: string, id: string): Promise<EvidenceNotes | null> {
  const notes = await readText(join(outgoingFolder(stateDirectory), id, NOTES))
  return notes === null ? null : parseNotes(notes)
}

function parseNotes(text: string): EvidenceNotes | null {
  try {
    return EvidenceNotes.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** After the same payload was signed with another key. */
export async function replaceEnvelope(stateDirectory: string, id: string, envelope: string): Promise<void> {
  await writeDurably(join(outgoingFolder(stateDirectory), id, ENVELOPE), envelope)
}

export async function removeOutgoing(stateDirectory: string, id: string): Promise<void> {
  await rm(join(outgoingFolder(stateDirectory), id), { recursive: true, force: true })
}
