/** `stemma export --evidence` and `--sigstore`: acknowledged evidence of this repository, for somebody else to check. */
import { BUNDLE_FORMAT, type BundledEvidence, writeBundle } from '#core/evidence/bundle.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { sigstoreBundle } from '#core/evidence/sigstore-bundle.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { keepCheckpoints, keepReceiptCheckpoints, readCheckpoints } from '../io/checkpoints.ts'
import { readAllDeviceKeys } from '../io/keys.ts'
import { readAllReceipts, readSentEnvelope } from '../io/receipts.ts'
import { findRepository } from '../io/repository.ts'
import { commitsByHand } from '../push/commits.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace } from '../workspace.ts'
import { askServer, conclusionsFor, type Found, freshReceipts, transcriptOf } from './evidence-online.ts'
import type { ExportKind, ExportRequest } from './kind.ts'

export const evidenceKind: ExportKind = {
  name: 'evidence',
  description:
    'a bundle that can be checked offline: envelopes, keys, receipts, what the platform signed and, with --all, the whole log',
  write: bundleOf,
}

async function bundleOf(request: ExportRequest, context: Context): Promise<string> {
  const { keys, logKey, server, token } = await enrolmentHere(context)
  const found = await evidenceHere(request, context)
  await keepReceiptCheckpoints(
    context.configurationFolder,
    found.map(({ stored }) => stored),
    { logKey, now: context.now() },
  )
  const log = await readVerifierKey(logKey)
  const online = await askServer(request, context, { server, token })
  await keepCheckpoints(context.configurationFolder, online === null ? [] : [online.log.note], {
    log,
    now: context.now(),
  })
  const seen = await readCheckpoints(context.configurationFolder, log)
  const fresh = online === null ? (_: number, receipt: string) => receipt : await freshReceipts(online.log, found, log)
  return writeBundle({
    format: BUNDLE_FORMAT,
    exportedAt: context.now().toISOString(),
    log: {
      key: logKey,
      // A server that fell behind what it signed before is shown by its own checkpoint beside the others.
      checkpoint: online?.log.note ?? seen.at(-1)?.note ?? null,
      entries: online?.entries ?? null,
      checkpoints: seen.map(({ note }) => note),
    },
    keys,
    evidence: await Promise.all(
      found.map(async ({ stored, envelope }): Promise<BundledEvidence> => {
        const { index, receivedAt, receipt, notes } = stored
        const transcript = request.transcripts ? await transcriptOf(notes.id, { envelope, server, token }) : null
        return { envelope, index, receivedAt, receipt: fresh(index, receipt), transcript }
      }),
    ),
    ...(online === null ? {} : { conclusions: [...conclusionsFor(found, online, { isAll: request.all })] }),
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
  const { server, enrolment } = destination
  // Keys that were rotated made the older signatures.
  const own = await readAllDeviceKeys(context.configurationFolder)
  const keys = own.flatMap(({ publicKey, retired = [] }) =>
    [publicKey, ...retired.map((key) => key.publicKey)].map((text) => ({ publicKey: text })),
  )
  return { keys, logKey: enrolment.logKey, server, token: enrolment.token }
}
