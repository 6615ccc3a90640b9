/** Our log's published checkpoint -> witnesses (C2SP tlog-witness, `add-checkpoint`): their cosignatures are kept with it. */
import { writeAddCheckpoint } from '#core/evidence/add-checkpoint.ts'
import { verifyCosignature } from '#core/evidence/cosignature.ts'
import { consistencyProof, isCount } from '#core/evidence/merkle.ts'
import { type NoteSigner, readNote } from '#core/evidence/note.ts'
import { type ConfiguredWitness, readWitnesses } from '#core/evidence/witness-policy.ts'
import type { LogStorage } from './log-storage.ts'

/** A witness that takes longer is asked again with the next checkpoint. */
const TIMEOUT_MS = 10_000
/** Some signature lines. */
const MAX_ANSWER_CHARACTERS = 20_000

/**
 * Asks every witness that has not cosigned the published checkpoint yet; whether any did now. One that fails keeps nobody
 * from the log: it is asked again with the next checkpoint.
 */
export async function askWitnesses(storage: LogStorage, log: NoteSigner, policy: string): Promise<boolean> {
  const checkpoint = storage.publication()
  if (checkpoint.size === 0 || policy === '') return false
  const witnesses = (await readWitnesses(policy)).filter(({ url }) => url !== null)
  const before = storage.cosignaturesOf(checkpoint.size).length
  await Promise.all(
    witnesses.map(async (witness) => {
      try {
        await askWitness(storage, witness, checkpoint)
      } catch (error) {
        console.warn(JSON.stringify({ witness: witness.name, log: log.name, problem: String(error) }))
      }
    }),
  )
  return storage.cosignaturesOf(checkpoint.size).length > before
}

interface Signed {
  readonly size: number
  readonly note: string
}

async function askWitness(storage: LogStorage, witness: ConfiguredWitness, checkpoint: Signed): Promise<void> {
  const id = witness.verifier.publicKey.id
  const known = storage.witnessedSize(id)
  if (known === checkpoint.size && storage.hasCosignature(id)) return
  let answer = await send(storage, witness, { old: known, checkpoint })
  if (answer.status === 409) {
    const size = Number(/^(0|[1-9][0-9]*)\n$/.exec(answer.text)?.[1])
    // A witness that saw more of this log than there is would be proof of a fork; one that repeats itself will not move.
    if (!isCount(size) || size === known) throw new Error(`409 with ${answer.text.slice(0, 100)}`)
    if (size > checkpoint.size) throw new Error(`it cosigned ${size} leaves, the checkpoint has ${checkpoint.size}`)
    storage.keepWitnessedSize(id, size)
    answer = await send(storage, witness, { old: size, checkpoint })
  }
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.text.slice(0, 200)}`)
  for (const line of answer.text.split('\n').slice(0, -1)) {
    // Each line by itself: a foreign or false one beside the right one changes nothing.
    const note = readNote(`${checkpoint.note}${line}\n`)
    if (note === null || (await verifyCosignature(note, witness.verifier)) === null) continue
    storage.keepCosignature(id, checkpoint.size, `${line}\n`)
    return
  }
  throw new Error('no line of its answer is its cosignature')
}

async function send(
  storage: LogStorage,
  { url }: ConfiguredWitness,
  { old, checkpoint }: { readonly old: number; readonly checkpoint: Signed },
): Promise<{ readonly status: number; readonly text: string }> {
  const proof = old === 0 ? [] : await consistencyProof(old, checkpoint.size, storage.readNode)
  // Not AbortSignal.timeout: its timer goes on after the answer and would keep the object awake for as long.
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: writeAddCheckpoint({ old, proof, checkpoint: checkpoint.note }),
      headers: { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'stemma' },
      redirect: 'manual',
      signal: controller.signal,
    })
    return { status: response.status, text: (await response.text()).slice(0, MAX_ANSWER_CHARACTERS) }
  } finally {
    clearTimeout(timer)
  }
}
