/** `stemma log audit`: the whole log re-derived, and held against every checkpoint and receipt that this machine has. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { type Audit, auditLog } from '#core/evidence/audit.ts'
import { readBundle } from '#core/evidence/bundle.ts'
import { toBase64 } from '#core/evidence/bytes.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { type NoteVerifier, readVerifierKey } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import { Fault, isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { keepCheckpoints, readCheckpoints, readSignedCheckpoint, type SeenCheckpoint } from '../io/checkpoints.ts'
import { readText } from '../io/files.ts'
import { findRepository } from '../io/git.ts'
import { readAllReceipts, type StoredReceipt } from '../io/receipts.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { bundleSource, openLog } from '../verification/log-source.ts'
import { trustOf } from '../verification/material.ts'
import { defineCommand } from './command.ts'

const actions = ['audit'] as const

export const log = defineCommand({
  name: 'log',
  summary: 're-derive the transparency log and hold it to every checkpoint that this machine has seen',
  arguments: [
    { name: 'action', description: actions.join(', '), required: true },
    {
      name: 'bundle',
      description: 'a file of `stemma export --evidence --all`, in place of the server',
      required: false,
    },
  ],
  options: [
    { flags: '--url <address>', description: 'a log elsewhere: https:// and its origin' },
    { flags: '--log-key <vkey>', description: 'its verifier key, where this machine is not enrolled with it' },
  ],
  examples: [
    { command: 'stemma log audit', effect: 'the log of your organisation, entry by entry' },
    { command: 'stemma log audit --url https://stemma.example/log/acme --log-key VKEY', effect: 'a public log' },
    { command: 'stemma log audit bundle.json', effect: 'an exported log, offline' },
  ],
  parameters: z.object({
    action: z.enum(actions, { error: `must be one of ${actions.join(', ')}` }),
    bundle: z.string().optional(),
    url: z.string().max(1_000).optional(),
    logKey: z.string().max(1_000).optional(),
  }),
  run: async ({ bundle, url, logKey }, context) => {
    const opened =
      bundle === undefined
        ? { ...(await openLog({ url, logKey }, context)), seen: [] }
        : await openBundle(bundle, logKey, context)
    const held = await heldOf(opened.log, context)
    const seen = [...held.seen, ...opened.seen]
    const audit = await auditLog({
      source: opened.source,
      log: opened.log,
      seen,
      receipts: held.receipts,
      onProgress: progress(context),
    })
    const notes = [...seen.map(({ note }) => note), ...(audit.note === null ? [] : [audit.note])]
    await keepCheckpoints(context.configurationFolder, notes, { log: opened.log, now: context.now() })
    show(audit, { seen: seen.length, receipts: held.receipts.length }, context)
    return audit.verified ? 0 : 4
  },
})

async function openBundle(name: string, logKey: string | undefined, context: Context) {
  const text = await readText(resolve(context.workingDirectory, name))
  if (text === null) {
    throw new Fault('not-found', {
      message: `There is no file ${name}.`,
      hint: 'Name a file that `stemma export --evidence --all --out FILE` wrote.',
    })
  }
  const bundle = readBundle(text)
  const source = bundleSource(bundle)
  if (source === null) {
    throw new Fault('request-malformed', {
      message: 'The bundle has no entries, so the log cannot be re-derived from it.',
      hint: `Export it with them, \`stemma export --evidence --all\`, or check its evidence: \`stemma verify ${name}\`.`,
    })
  }
  const { logKeys } = await trustOf({ key: undefined, logKey }, context)
  if (!logKeys.includes(bundle.log.key)) {
    throw new Fault('verification-failed', {
      message: 'The log of this bundle is not one whose key is pinned on this machine.',
      hint: 'Get the key from somebody whom you trust, and give it: `--log-key NAME+ID+KEY`.',
    })
  }
  const verifier = await readVerifierKey(bundle.log.key)
  const notes = [
    ...bundle.log.checkpoints,
    ...bundle.evidence.map(({ receipt }) => readTlogProof(receipt)?.checkpoint ?? ''),
  ]
  const seen = await Promise.all(notes.map((note) => readSignedCheckpoint(note, verifier)))
  return { source, log: verifier, seen: seen.filter((checkpoint) => checkpoint !== null) }
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

function show(audit: Audit, held: { readonly seen: number; readonly receipts: number }, context: Context): void {
  const { terminal, json } = context
  const { checkpoint, verified, entries, consistent, included, problems } = audit
  if (json) {
    const { origin = null, size = null, root = null } = checkpoint ?? {}
    const value = {
      verified,
      origin,
      size,
      root: root === null ? null : toBase64(root),
      entries,
      checkpoints: { seen: held.seen, consistent },
      receipts: { held: held.receipts, included },
      problems,
    }
    terminal.print(JSON.stringify(value, null, 2))
    return
  }
  if (checkpoint !== null) {
    terminal.print(terminal.colours.bold(`${plain(checkpoint.origin)}, ${count(checkpoint.size, 'leaf', 'leaves')}`))
    terminal.print(`  root        ${toBase64(checkpoint.root)}`)
    terminal.print(`  entries     ${entries} re-derived`)
    terminal.print(`  checkpoints ${consistent} of ${held.seen} that this machine has seen are its beginnings`)
    terminal.print(`  receipts    ${included} of ${held.receipts} of this repository are in it where they say`)
  }
  for (const { code, message } of problems) terminal.print(`  ${terminal.mark('failed')} ${code}: ${plain(message)}`)
  terminal.print(
    verified ? `${terminal.mark('ok')} the log is what it was` : `${terminal.mark('failed')} the log does not verify`,
  )
}
