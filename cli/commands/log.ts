/** `stemma log`: the whole log re-derived, and held against every checkpoint and receipt that this machine has. */
import { z } from 'zod'
import { auditLog } from '#core/evidence/audit.ts'
import { toBase64 } from '#core/evidence/bytes.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import type { NoteVerifier } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import { cosignaturesBy } from '#core/evidence/witnessed.ts'
import { isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { keepCheckpoints, readCheckpoints, readSignedCheckpoint, type SeenCheckpoint } from '../io/checkpoints.ts'
import { readAllReceipts, type StoredReceipt } from '../io/receipts.ts'
import { findRepository } from '../io/repository.ts'
import { count } from '../io/words.ts'
import { openAuditedLog } from '../verification/audited-log.ts'
import { openLog } from '../verification/log-source.ts'
import { renewReceipts } from '../verification/renew-receipts.ts'
import { showAudit } from '../verification/show-audit.ts'
import { readWitnessKeys, witnessOption } from '../verification/witnesses.ts'
import { defineCommand } from './command.ts'

const actions = ['audit', 'receipts'] as const

export const log = defineCommand({
  name: 'log',
  summary: 're-derive the transparency log, and hold it to every checkpoint and receipt that this machine has',
  arguments: [
    { name: 'action', description: actions.join(', '), required: true, words: actions },
    {
      name: 'bundle',
      description: 'audit: a file of `stemma export --evidence --all`, in place of the server',
      required: false,
    },
  ],
  options: [
    { flags: '--url <address>', description: 'a log elsewhere: https:// and its origin' },
    { flags: '--log-key <vkey>', description: 'its verifier key, where this machine is not enrolled with it' },
    witnessOption,
  ],
  examples: [
    { command: 'stemma log audit', effect: 'the log of your organisation, entry by entry' },
    { command: 'stemma log audit --url https://stemma.example/log/acme --log-key VKEY', effect: 'a public log' },
    { command: 'stemma log audit bundle.json', effect: 'an exported log, offline' },
    { command: 'stemma log audit --witness VKEY', effect: 'and a witness must have cosigned it' },
    { command: 'stemma log receipts', effect: 'newer receipts, which witnesses have cosigned by now' },
  ],
  parameters: z.object({
    action: z.enum(actions, { error: `must be one of ${actions.join(', ')}` }),
    bundle: z.string().optional(),
    url: z.string().max(1_000).optional(),
    logKey: z.string().max(1_000).optional(),
    witness: z.array(z.string().max(1_000)).default([]),
  }),
  run: async ({ action, bundle, url, logKey, witness }, context) => {
    const witnesses = await readWitnessKeys(witness)
    if (action === 'audit') return audit({ bundle, url, logKey, witnesses }, context)
    const renewed = await renewReceipts(await openLog({ url, logKey }, context), context)
    const { receipts, renewed: number, size, cosignatures } = renewed
    if (context.json) context.terminal.print(JSON.stringify(renewed, null, 2))
    else {
      const by = cosignatures === 0 ? 'no witness' : count(cosignatures, 'witness', 'witnesses')
      context.terminal.print(
        `${number} of ${count(receipts, 'receipt')} now lead to the published tree of ${count(size, 'leaf', 'leaves')}, cosigned by ${by}`,
      )
    }
    return 0
  },
})

interface AuditRequest {
  readonly bundle: string | undefined
  readonly url: string | undefined
  readonly logKey: string | undefined
  readonly witnesses: readonly NoteVerifier[]
}

async function audit({ bundle, url, logKey, witnesses }: AuditRequest, context: Context): Promise<0 | 4> {
  const opened = await openAuditedLog(bundle, { url, logKey }, context)
  const held = await heldOf(opened.log, context)
  const seen = [...held.seen, ...opened.seen]
  const audited = await auditLog({
    source: opened.source,
    log: opened.log,
    seen,
    receipts: held.receipts,
    ...(opened.revocations === null ? {} : { revocations: opened.revocations }),
    onProgress: progress(context),
  })
  const { note, checkpoint } = audited
  const notes = [...seen.map((one) => one.note), ...(note === null ? [] : [note])]
  await keepCheckpoints(context.configurationFolder, notes, { log: opened.log, now: context.now() })
  const present = note === null || checkpoint === null ? [] : [{ checkpoint, note }]
  const cosigned = await cosignaturesBy(witnesses, [
    ...present,
    ...seen.map((one) => ({ checkpoint: one, note: one.note })),
  ])
  const found = { audit: audited, problems: opened.problems, cosigned, revocations: opened.revocations }
  return showAudit(found, { seen: seen.length, receipts: held.receipts.length }, context)
}

interface Held {
  readonly seen: readonly SeenCheckpoint[]
  readonly receipts: readonly { readonly index: number; readonly leaf: Uint8Array<ArrayBuffer> }[]
}

/** Checkpoints of this machine, and the receipts of the repository in which it runs, of this log. */
async function heldOf(log: NoteVerifier, context: Context): Promise<Held> {
  const known = await readCheckpoints(context.configurationFolder, log)
  const sizes = new Set(known.map(identity))
  const seen = [...known]
  const receipts: Held['receipts'][number][] = []
  for (const stored of await receiptsHere(context)) {
    const checkpoint = await readSignedCheckpoint(readTlogProof(stored.receipt)?.checkpoint ?? '', log)
    if (checkpoint === null) continue
    if (!sizes.has(identity(checkpoint))) seen.push(checkpoint)
    sizes.add(identity(checkpoint))
    const { notes, keyId, receivedAt, index } = stored
    const leaf = writeLogLeaf({ evidenceId: notes.id, predicateType: notes.predicateType, keyId, receivedAt })
    receipts.push({ index, leaf })
  }
  return { seen, receipts }
}

const identity = ({ size, root }: SeenCheckpoint) => `${size} ${toBase64(root)}`

/** None outside of a repository: an auditor needs none. */
async function receiptsHere({ workingDirectory }: Context): Promise<readonly StoredReceipt[]> {
  try {
    return await readAllReceipts((await findRepository(workingDirectory)).stateDirectory)
  } catch (problem) {
    if (isFault(problem) && problem.code === 'not-a-repository') return []
    throw problem
  }
}

/** A line for every tenth of a log that takes long enough to wonder. */
const WORTH_TELLING = 10_000

function progress({ terminal }: Context): (done: number, size: number) => void {
  let told = 0
  return (done, size) => {
    const tenth = Math.floor((done / size) * 10)
    if (size < WORTH_TELLING || tenth === told) return
    told = tenth
    terminal.say(`${done.toLocaleString('en')} of ${size.toLocaleString('en')} entries re-derived (${tenth * 10} %)`)
  }
}
