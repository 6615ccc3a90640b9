/** What `stemma log audit` reads: a log with what it was seen to sign before, and the ends of keys that it has to honour. */
import { resolve } from 'node:path'
import type { AuditProblem, KnownRevocations } from '#core/evidence/audit.ts'
import { readBundle } from '#core/evidence/bundle.ts'
import { type NoteVerifier, readVerifierKey } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import { judgeConclusion, knownRevocations } from '#core/evidence/verify-bundled-conclusion.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { readSignedCheckpoint, type SeenCheckpoint } from '../io/checkpoints.ts'
import { readText } from '../io/files.ts'
import { bundleSource, type LogOptions, type OpenedLog, openLog } from './log-source.ts'
import { trustOf } from './material.ts'

export interface AuditedLog extends Pick<OpenedLog, 'source' | 'log'> {
  /** Beside what this machine has seen itself. */
  readonly seen: readonly SeenCheckpoint[]
  /** null where nobody tells which keys ended: a server tells it in a bundle only. */
  readonly revocations: KnownRevocations | null
  /** What of the platform's own statements does not verify. */
  readonly problems: readonly (Omit<AuditProblem, 'code'> & { readonly code: string })[]
}

/** `bundle`: name of a file; undefined for a log that is served. */
export async function openAuditedLog(
  bundle: string | undefined,
  options: LogOptions,
  context: Context,
): Promise<AuditedLog> {
  if (bundle !== undefined) return openBundle(bundle, options.logKey, context)
  const { source, log } = await openLog(options, context)
  return { source, log, seen: [], revocations: null, problems: [] }
}

async function openBundle(name: string, logKey: string | undefined, context: Context): Promise<AuditedLog> {
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
  const log = await readVerifierKey(bundle.log.key)
  const conclusions = bundle.conclusions ?? []
  const judged = (await Promise.all(conclusions.map((one) => judgeConclusion(one, log)))).map(([verdict]) => verdict)
  return {
    source,
    log,
    seen: await checkpointsOf(bundle.log.checkpoints, [...bundle.evidence, ...conclusions], log),
    revocations: knownRevocations(judged),
    problems: judged.flatMap(({ index, problem }) =>
      problem === null
        ? []
        : [{ code: problem.code, message: `what the platform signed as leaf ${index}: ${problem.message}` }],
    ),
  }
}

async function checkpointsOf(
  notes: readonly string[],
  receipts: readonly { readonly receipt: string }[],
  log: NoteVerifier,
): Promise<readonly SeenCheckpoint[]> {
  const proven = receipts.map(({ receipt }) => readTlogProof(receipt)?.checkpoint ?? '')
  const distinct = [...new Set([...notes, ...proven])]
  const seen = await Promise.all(distinct.map((note) => readSignedCheckpoint(note, log)))
  return seen.filter((checkpoint) => checkpoint !== null)
}
