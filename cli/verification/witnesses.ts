/** `--witness VKEY`: who besides the log has to have signed a tree that holds what is verified. */
import { type NoteVerifier, readCosignerKey, readVerifierKey } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import { type Cosigned, cosignaturesBy } from '#core/evidence/witnessed.ts'
import type { Context } from '../context.ts'
import { readCheckpoints, readSignedCheckpoint } from '../io/checkpoints.ts'
import type { Check, Checked } from './checklist.ts'
import type { Material } from './material.ts'

export const witnessOption = {
  flags: '--witness <vkey>',
  description: 'verifier key of a witness that must have cosigned; may be given several times',
  isRepeatable: true,
} as const

/** Throws proof-invalid for what is no key of a witness. */
export function readWitnessKeys(keys: readonly string[]): Promise<readonly NoteVerifier[]> {
  return Promise.all(keys.map(readCosignerKey))
}

/** Adds a line for each witness to each piece of evidence; one that is missing fails it. */
export async function checkWitnesses(
  checked: readonly Checked[],
  place: {
    readonly found: readonly Material[]
    readonly logKeys: readonly string[]
    readonly witnesses: readonly NoteVerifier[]
    readonly context: Context
  },
): Promise<readonly Checked[]> {
  if (place.witnesses.length === 0) return checked
  return Promise.all(
    checked.map(async (one, at) => {
      const lines = await linesFor(place.found[at]?.receipt?.proof, place)
      const isVerified = one.verified && lines.every(({ result }) => result === 'passed')
      return { ...one, verified: isVerified, checks: [...one.checks, ...lines] }
    }),
  )
}

interface Place {
  readonly logKeys: readonly string[]
  readonly witnesses: readonly NoteVerifier[]
  readonly context: Context
}

async function linesFor(proof: string | undefined, { logKeys, witnesses, context }: Place): Promise<readonly Check[]> {
  const note = readTlogProof(proof ?? '')?.checkpoint ?? ''
  for (const logKey of logKeys) {
    const log = await readVerifierKey(logKey)
    const checkpoint = await readSignedCheckpoint(note, log)
    if (checkpoint === null) continue
    // The same tree may have been seen again later, when a witness had cosigned it.
    const seen = (await readCheckpoints(context.configurationFolder, log)).map((one) => ({
      checkpoint: one,
      note: one.note,
    }))
    const cosigned = await cosignaturesBy(witnesses, [{ checkpoint, note }, ...seen])
    return cosigned.map((one): Check => {
      const isCovered = one.covers(checkpoint) && !one.isForged
      return { name: 'witness', result: isCovered ? 'passed' : 'failed', detail: inWords(one, isCovered) }
    })
  }
  const detail = 'there is no checkpoint of a pinned log that it could have cosigned'
  return witnesses.map(({ name }) => ({ name: 'witness', result: 'failed', detail: `${name}: ${detail}` }))
}

function inWords({ name, isForged, size }: Cosigned, isCovered: boolean): string {
  if (isForged) return `a signature in the name of ${name} is false`
  if (isCovered) return `${name} cosigned the tree to which the receipt leads`
  const newer = size === null ? '' : `; it cosigned one of ${size} leaves`
  return `${name} has not cosigned the tree to which the receipt leads${newer}: \`stemma log receipts\` asks for newer receipts`
}

/** `cosigned 12 leaves at 2026-11-22T10:00:00.000Z` */
export function cosignedInWords({ size, at }: Pick<Cosigned, 'size' | 'at'>): string {
  if (size === null || at === null) return 'cosigned nothing of this'
  return `cosigned ${size} leaves at ${new Date(at * 1_000).toISOString()}`
}
