/**
 * Receipts: what the server acknowledged, kept so that it can be held to it. `<state>/receipts/<evidence id>.json`, with
 * the envelope beside it: every push reads all receipts to know what is new, and envelopes are large.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isMissing, readText, writeDurably } from './files.ts'
import { EvidenceNotes } from './outgoing.ts'

export const StoredReceipt = z.object({
  notes: EvidenceNotes,
  server: z.string(),
  keyId: z.string(),
  index: z.int().nonnegative(),
  /** The log's time, part of the leaf. */
  receivedAt: z.string(),
  /** `c2sp.org/tlog-proof@v1` */
  receipt: z.string(),
  links: z.object({ evidence: z.string(), session: z.string().nullable(), dashboard: z.string() }),
})
export type StoredReceipt = Readonly<z.infer<typeof StoredReceipt>>

function receiptsFolder(stateDirectory: string): string {
  return join(stateDirectory, 'receipts')
}

/** `envelope`: DSSE JSON as it was sent. It is written first: a receipt without its envelope could not be checked. */
export async function storeReceipt(stateDirectory: string, receipt: StoredReceipt, envelope: string): Promise<void> {
  const folder = receiptsFolder(stateDirectory)
  await writeDurably(join(folder, `${receipt.notes.id}.envelope.json`), envelope)
  await writeDurably(join(folder, `${receipt.notes.id}.json`), `${JSON.stringify(receipt, null, 2)}\n`)
}

export async function listReceipts(stateDirectory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(receiptsFolder(stateDirectory))
    return names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => name.slice(0, 64))
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}

/** null where there is none with this id, or it is damaged. */
export async function readReceipt(stateDirectory: string, id: string): Promise<StoredReceipt | null> {
  const text = await readText(join(receiptsFolder(stateDirectory), `${id}.json`))
  if (text === null) return null
  try {
    return StoredReceipt.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** DSSE JSON as it was sent; null where there is none. */
export async function readSentEnvelope(stateDirectory: string, id: string): Promise<string | null> {
  return readText(join(receiptsFolder(stateDirectory), `${id}.envelope.json`))
}

export async function readAllReceipts(stateDirectory: string): Promise<readonly StoredReceipt[]> {
  const ids = await listReceipts(stateDirectory)
  const receipts = await Promise.all(ids.map((id) => readReceipt(stateDirectory, id)))
  return receipts.filter((receipt) => receipt !== null)
}
