/** `stemma export --evidence` and `--sigstore`: acknowledged evidence of this repository, for somebody else to check. */
import { BUNDLE_FORMAT, type BundledEvidence, writeBundle } from '#core/evidence/bundle.ts'
import { toBase64 } from '#core/evidence/bytes.ts'
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readNote, readVerifierKey } from '#core/evidence/note.ts'
import { sigstoreBundle } from '#core/evidence/sigstore-bundle.ts'
import { firstOfTile, TILE_WIDTH } from '#core/evidence/tile.ts'
import { Fault, isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { keepReceiptCheckpoints, readCheckpoints } from '../io/checkpoints.ts'
import { findRepository } from '../io/git.ts'
import { readAllDeviceKeys } from '../io/keys.ts'
import { readAllReceipts, readSentEnvelope, type StoredReceipt } from '../io/receipts.ts'
import { commitsByHand } from '../push/commits.ts'
import { destinationOf } from '../push/run.ts'
import { type OpenedLog, openLog } from '../verification/log-source.ts'
import { openWorkspace } from '../workspace.ts'
import type { ExportKind, ExportRequest } from './kind.ts'

export const evidenceKind: ExportKind = {
  name: 'evidence',
  description: 'a bundle that can be checked offline: envelopes, keys, receipts and, with --all, the whole log',
  write: bundleOf,
}

async function bundleOf(request: ExportRequest, context: Context): Promise<string> {
  const { keys, logKey } = await enrolmentHere(context)
  const found = await evidenceHere(request, context)
  await keepReceiptCheckpoints(
    context.configurationFolder,
    found.map(({ stored }) => stored),
    { logKey, now: context.now() },
  )
  const log = await readVerifierKey(logKey)
  const seen = await readCheckpoints(context.configurationFolder, log)
  const whole = request.all ? await wholeLog(context) : null
  // A server that fell behind what it signed before is shown by its own checkpoint beside the others.
  const latest = whole?.checkpoint ?? seen.at(-1)?.note ?? null
  return writeBundle({
    format: BUNDLE_FORMAT,
    exportedAt: context.now().toISOString(),
    log: {
      key: logKey,
      checkpoint: latest,
      entries: whole?.entries ?? null,
      checkpoints: seen.map(({ note }) => note),
    },
    keys,
    evidence: found.map(({ stored, envelope }): BundledEvidence => {
      const { index, receivedAt, receipt } = stored
      return { envelope, index, receivedAt, receipt, transcript: null }
    }),
  })
}

export const sigstoreKind: ExportKind = {
  name: 'sigstore',
  description: 'each envelope in the shape of a Sigstore bundle v0.3, one JSON value a line',
  write: async (request, context) => {
    const found = await evidenceHere(request, context)
    const lines = found.map(({ envelope }) => JSON.stringify(sigstoreBundle(readEnvelope(envelope))))
    return `${lines.join('\n')}\n`
  },
}

interface Found {
  readonly stored: StoredReceipt
  /** DSSE JSON as it was sent. */
  readonly envelope: string
}

async function evidenceHere({ range, all }: ExportRequest, context: Context): Promise<readonly Found[]> {
  if ((range === undefined) !== all) {
    throw new Fault('request-malformed', {
      message: range === undefined ? 'Name what to export.' : 'A range and --all exclude each other.',
      hint: 'Name commits, `stemma export --evidence main..HEAD`, or everything, `stemma export --evidence --all`.',
    })
  }
  const repository = await findRepository(context.workingDirectory)
  const { stateDirectory } = repository
  const wanted = range === undefined ? null : new Set(await commitsByHand(repository, range))
  const receipts = (await readAllReceipts(stateDirectory))
    .filter(({ notes }) => wanted === null || notes.commits.some((commit) => wanted.has(commit)))
    .sort((left, right) => left.index - right.index)
  const read = await Promise.all(
    receipts.map(async (stored) => ({ stored, envelope: await readSentEnvelope(stateDirectory, stored.notes.id) })),
  )
  const found = read.filter((one): one is Found => one.envelope !== null)
  if (found.length > 0) return found
  throw new Fault('not-found', {
    message: 'No evidence that a server acknowledged is kept here for these commits.',
    hint: 'Send it first with `stemma push`; see what there is with `stemma status`.',
  })
}

/** Keys of this machine by which it signed, and the pinned key of the server's log. */
async function enrolmentHere(context: Context) {
  const { configuration } = await openWorkspace(context)
  const destination = await destinationOf(context, configuration?.server ?? null)
  if (destination === null) {
    throw new Fault('not-enrolled', {
      message: 'This machine is not enrolled with a server, so there is no log that proves its evidence.',
      hint: 'Enrol it: `stemma init --server URL --token TOKEN`.',
    })
  }
  // Keys that were rotated made the older signatures.
  const own = await readAllDeviceKeys(context.configurationFolder)
  const keys = own.flatMap(({ publicKey, retired = [] }) =>
    [publicKey, ...retired.map((key) => key.publicKey)].map((text) => ({ publicKey: text })),
  )
  return { keys, logKey: destination.enrolment.logKey }
}

interface WholeLog {
  readonly checkpoint: string
  readonly entries: string[]
}

/** Checkpoint and entries as the server publishes them; null, and a word about it, where it cannot be reached. */
async function wholeLog(context: Context): Promise<WholeLog | null> {
  try {
    const opened = await openLog({ url: undefined, logKey: undefined }, context)
    const checkpoint = await opened.source.checkpoint()
    const size = readCheckpoint(readNote(checkpoint)?.text ?? '')?.size ?? 0
    const entries: string[] = []
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      entries.push(toBase64(await bundleAt(opened, index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH))))
    }
    return { checkpoint, entries }
  } catch (problem) {
    if (!isFault(problem) || problem.exit !== 3) throw problem
    context.terminal.say(`The entries of the log are left out: ${problem.message}`)
    return null
  }
}

async function bundleAt({ source }: OpenedLog, index: number, width: number): Promise<Uint8Array<ArrayBuffer>> {
  const tile = { level: 'entries', index, width } as const
  const exact = await source.tile(tile)
  if (exact !== null) return exact
  const full = width === TILE_WIDTH ? null : await source.tile({ ...tile, width: TILE_WIDTH })
  const first = full === null ? null : firstOfTile(full, tile)
  if (first !== null) return first
  throw new Fault('unavailable', {
    message: `The server does not have entries ${index * TILE_WIDTH} and on that its checkpoint covers.`,
    hint: 'Look closer with `stemma log audit`.',
  })
}
