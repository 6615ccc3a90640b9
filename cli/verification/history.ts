/** The last line of the checklist: whether the receipt's checkpoint contradicts another that this machine has seen. */
import { equalBytes } from '#core/evidence/bytes.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { readTlogProof } from '#core/evidence/tlog-proof.ts'
import type { Context } from '../context.ts'
import { keepCheckpoints, readCheckpoints, readSignedCheckpoint } from '../io/checkpoints.ts'
import { count } from '../io/words.ts'
import type { Check, Checked } from './checklist.ts'
import type { Material } from './material.ts'

interface Place {
  /** In the order of what was checked. */
  readonly found: readonly Material[]
  readonly logKeys: readonly string[]
  readonly context: Context
}

/** Adds the line to each, and keeps the checkpoints that are new to this machine. */
export async function checkHistory(checked: readonly Checked[], place: Place): Promise<readonly Checked[]> {
  const results: Checked[] = []
  for (const [at, one] of checked.entries()) {
    const line = await historyOf(place.found[at]?.receipt?.proof, place)
    const isVerified = one.verified && line?.result !== 'failed'
    results.push(line === null ? one : { ...one, verified: isVerified, checks: [...one.checks, line] })
  }
  return results
}

/** null where there is no checkpoint that a pinned log signed; the lines above say so. */
async function historyOf(proof: string | undefined, { logKeys, context }: Place): Promise<Check | null> {
  const note = readTlogProof(proof ?? '')?.checkpoint
  if (note === undefined) return null
  for (const logKey of logKeys) {
    const log = await readVerifierKey(logKey)
    const checkpoint = await readSignedCheckpoint(note, log)
    if (checkpoint === null) continue
    const seen = await readCheckpoints(context.configurationFolder, log)
    await keepCheckpoints(context.configurationFolder, [note], { log, now: context.now() })
    const isForked = seen.some(({ size, root }) => size === checkpoint.size && !equalBytes(root, checkpoint.root))
    const detail = isForked
      ? `another root was signed for ${checkpoint.size} leaves: the log was rewritten; keep both, and tell who runs it`
      : `no contradiction among ${count(seen.length, 'checkpoint')} seen; \`stemma log audit\` re-derives the log`
    return { name: 'history', result: isForked ? 'failed' : 'passed', detail }
  }
  return null
}
