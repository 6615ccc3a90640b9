/** What a bundle takes from the server: the published log, what the platform signed, and transcripts where they are wanted. */
import { ConclusionPage, type ConclusionView } from '#core/api/conclusions.ts'
import type { BundledConclusion } from '#core/evidence/bundle.ts'
import { toBase64 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { inclusionOf } from '#core/evidence/inclusion.ts'
import type { NoteVerifier } from '#core/evidence/note.ts'
import { readPlatformStatement } from '#core/evidence/platform-statement.ts'
import { readStatement, transcriptOf as transcriptIn } from '#core/evidence/statement.ts'
import { TILE_WIDTH, tilePath } from '#core/evidence/tile.ts'
import { Fault, isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { callApi, download } from '../io/http.ts'
import type { StoredReceipt } from '../io/receipts.ts'
import { count } from '../io/words.ts'
import { fetchTile, type OpenedLog, openLog } from '../verification/log-source.ts'
import { type PublishedLog, readPublishedLog } from '../verification/published-log.ts'
import type { ExportRequest } from './kind.ts'

export interface Found {
  readonly stored: StoredReceipt
  /** DSSE JSON as it was sent. */
  readonly envelope: string
}

interface Server {
  readonly server: string
  readonly token: string
}

export interface Online {
  readonly log: PublishedLog
  /** base64 of the entry bundles; null where only some evidence is exported. */
  readonly entries: string[] | null
  readonly conclusions: readonly BundledConclusion[]
}

/** null, and a word about it, where the server cannot be reached: the receipts here prove the evidence all the same. */
export async function askServer(request: ExportRequest, context: Context, server: Server): Promise<Online | null> {
  try {
    const opened = await openLog({ url: undefined, logKey: undefined }, context)
    const log = await readPublishedLog(opened)
    // Listed after the log was read: what stands in it was signed before, so each leaf's statement is among them.
    const views = await conclusionsOf(server)
    const entries = request.all ? await entriesOf(opened, log.size) : null
    return { log, entries, conclusions: await underOneTree(views, log) }
  } catch (problem) {
    // A server of before has no such list; the receipts prove the evidence all the same.
    if (!isFault(problem) || (problem.exit !== 3 && problem.code !== 'not-found')) throw problem
    const left = request.all ? ', and the entries of the log' : ''
    context.terminal.say(`What the platform signed is left out${left}: ${problem.message}`)
    return null
  }
}

async function conclusionsOf({ server, token }: Server): Promise<readonly ConclusionView[]> {
  const views: ConclusionView[] = []
  for (let cursor = ''; ; ) {
    const path = `/v1/conclusions?limit=100${cursor}`
    const { items, next } = await callApi(server, { method: 'GET', path, token, answer: ConclusionPage })
    views.push(...items)
    if (next === null) return views
    cursor = `&cursor=${next}`
  }
}

/** What the published tree does not hold yet is left to the next export. */
async function underOneTree(views: readonly ConclusionView[], log: PublishedLog): Promise<BundledConclusion[]> {
  const bundled = await Promise.all(
    views.map(async ({ envelope, publicKey, index, receivedAt }) => {
      const receipt = await log.receiptOf(index)
      return receipt === null ? null : { envelope, publicKey, index, receivedAt, receipt }
    }),
  )
  return bundled.filter((one) => one !== null)
}

/** Of everything that the platform signed, what is about these pieces of evidence: their commits' heads and their keys. */
export function conclusionsFor(
  found: readonly Found[],
  { conclusions }: Online,
  { isAll }: { readonly isAll: boolean },
): readonly BundledConclusion[] {
  if (isAll) return conclusions
  const commits = new Set(found.flatMap(({ stored }) => stored.notes.commits))
  const keys = new Set(found.map(({ stored }) => stored.keyId))
  return conclusions.filter(({ envelope }) => {
    const statement = readPlatformStatement(readEnvelope(envelope).payload)
    if (statement === null) return false
    return statement.commits.some((commit) => commits.has(commit)) || keys.has(statement.revocation?.keyId ?? '')
  })
}

/** By index: a receipt under the published checkpoint where it proves the evidence, else the one that was given. */
export async function freshReceipts(
  log: PublishedLog,
  found: readonly Found[],
  verifier: NoteVerifier,
): Promise<(index: number, receipt: string) => string> {
  const fresh = new Map<number, string>()
  for (const { stored } of found) {
    const { index, keyId, receivedAt, notes } = stored
    const receipt = await log.receiptOf(index)
    if (receipt === null) continue
    const claimed = { evidenceId: notes.id, predicateType: notes.predicateType, receivedAt, receipt, index }
    if ((await inclusionOf(claimed, [keyId], verifier)).verified) fresh.set(index, receipt)
  }
  return (index, receipt) => fresh.get(index) ?? receipt
}

/** Entry bundles as the server publishes them. */
async function entriesOf({ source }: OpenedLog, size: number): Promise<string[]> {
  const entries: string[] = []
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const tile = { level: 'entries', index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) } as const
    const bytes = await fetchTile(source, tile)
    if (bytes === null) {
      throw new Fault('unavailable', {
        message: `The server does not have ${tilePath(tile)}, which its checkpoint covers.`,
        hint: 'Look closer with `stemma log audit`.',
      })
    }
    entries.push(toBase64(bytes))
  }
  return entries
}

/** base64; null where the evidence names none, or the server has it no more. Throws where the bytes are others. */
export async function transcriptOf(
  id: string,
  { envelope, server, token }: Server & { readonly envelope: string },
): Promise<string | null> {
  const named = transcriptIn(readStatement(readEnvelope(envelope).payload))
  if (named === null) return null
  const bytes = await readIfKept(server, `/v1/evidence/${id}/transcript`, token)
  if (bytes === null || (await sha256Hex(bytes)) === named.sha256) return bytes === null ? null : toBase64(bytes)
  throw new Fault('unavailable', {
    message: `The server gave ${count(bytes.length, 'byte')} that are not the transcript of evidence ${id}.`,
    hint: 'Export without `--transcripts`, and tell who runs the server.',
  })
}

async function readIfKept(server: string, path: string, token: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await download(server, { path, token })
  } catch (problem) {
    if (isFault(problem) && problem.code === 'transcript-erased') return null
    throw problem
  }
}
