import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { writeAddCheckpoint } from '#core/evidence/add-checkpoint.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { verifyCosignature } from '#core/evidence/cosignature.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readCosignerKey, readNote, readVerifierKey, verifyNote } from '#core/evidence/note.ts'
import type { EvidenceLog } from '#objects/evidence-log.ts'
import { Witness } from '#objects/witness.ts'
import { request } from '#test/workerd/organisation.ts'
import { startInstance } from './log-faults.ts'
import { bucketOf, leafOf } from './log-reading.ts'
import { createStrictWitness, type StrictWitness } from './strict-witness.ts'

const URL_OF_WITNESS = 'https://witness.example/prefix'
const entries = Array.from({ length: 600 }, (_, seed) => writeLogLeaf(leafOf(seed)))

/** `fetch` reaches one witness and nothing else. */
function connect(serve: (body: string) => Promise<Response>): string[] {
  const bodies: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const asked = new Request(input, init)
    if (asked.url !== `${URL_OF_WITNESS}/add-checkpoint` || asked.method !== 'POST')
      return new Response('', { status: 599 })
    const body = await asked.text()
    bodies.push(body)
    return serve(body)
  })
  return bodies
}
afterEach(() => vi.restoreAllMocks())

const published = async (name: string) => (await bucketOf(name).checkpoint())?.note ?? ''
const isCosigned = async (name: string, vkey: string) => {
  const note = readNote(await published(name))
  return note === null ? null : verifyCosignature(note, await readCosignerKey(vkey))
}
/** Appends until there are so many, publishes, asks, and publishes what the witness said. */
async function grow(log: EvidenceLog, from: number, to: number, now: number): Promise<void> {
  await Promise.all(Array.from({ length: to - from }, (_, at) => log.append(leafOf(from + at))))
  await log.publish(now)
  await log.alarm()
  await log.publish(now + 2_000)
}

async function withLog(
  name: string,
  policyOf: (vkey: string) => Promise<string>,
  work: (log: EvidenceLog, vkey: string) => Promise<void>,
): Promise<void> {
  await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
    const vkey = await startInstance(state, null).log.verifierKey()
    await work(startInstance(state, null, { LOG_POLICY: await policyOf(vkey) }).log, vkey)
  })
}

describe('the log as client', () => {
  let witness: StrictWitness
  const policy = async (vkey: string) => {
    witness = await createStrictWitness('witness.example/w1', vkey)
    return `# ours\nwitness W1 ${witness.vkey} ${URL_OF_WITNESS}/\nquorum W1\n`
  }

  test('gets cosignatures of a strict witness, and serves them with the checkpoint', async () => {
    const name = 'witnessed'
    await withLog(name, policy, async (log, vkey) => {
      connect((body) => witness.serve(body, entries))
      let [size, now] = [0, 1_000_000]
      for (const next of [1, 2, 3, 7, 8, 255, 256, 257, 600]) {
        await grow(log, size, next, now)
        size = next
        now += 60_000
        expect(await isCosigned(name, witness.vkey), `${next} leaves`).toBe(1_700_000_000 + next)
        const note = readNote(await published(name))
        expect(note !== null && (await verifyNote(note, await readVerifierKey(vkey)))).toBe(true)
        expect((await log.checkpoint()).note).toBe(await published(name))
      }
      expect(witness.answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 200))
      await log.alarm()
      expect(witness.answers).toHaveLength(9)
    })
  })

  test('catches up with a witness that knows more of it, and one that knows nothing', async () => {
    await withLog('witness-behind', policy, async (log) => {
      connect((body) => witness.serve(body, entries))
      await grow(log, 0, 3, 1_000_000)
      // What the witness cosigned while its answer was lost: the log still thinks of 3.
      vi.restoreAllMocks()
      connect(async (body) => {
        await witness.serve(body, entries)
        return new Response('gateway', { status: 502 })
      })
      await grow(log, 3, 5, 2_000_000)
      expect([witness.size(), await isCosigned('witness-behind', witness.vkey)]).toEqual([5, null])
      vi.restoreAllMocks()
      const bodies = connect((body) => witness.serve(body, entries))
      await grow(log, 5, 9, 3_000_000)
      expect(bodies.map((body) => body.split('\n')[0])).toEqual(['old 3', 'old 5'])
      expect(await isCosigned('witness-behind', witness.vkey)).toBe(1_700_000_009)
    })
  })

  test.each([
    { what: 'another witness', lines: (line: string) => line.replace('w1', 'w2') },
    { what: 'a false signature', lines: (line: string) => line.replace(/.{8}\n$/, 'AAAAAA==\n') },
    { what: 'nothing', lines: () => '' },
    { what: 'a page', lines: () => '<html>\n\n' },
  ])('takes no cosignature that is $what', async ({ what, lines }) => {
    const name = `witness-false-${what.replaceAll(' ', '-')}`
    await withLog(name, policy, async (log) => {
      witness.lines = lines
      connect((body) => witness.serve(body, entries))
      await grow(log, 0, 4, 1_000_000)
      expect(witness.answers[0]?.status).toBe(200)
      expect(await isCosigned(name, witness.vkey)).toBeNull()
      expect(readNote(await published(name))?.signatures).toHaveLength(1)
    })
  })

  test('is published without the witness while that does not answer', async () => {
    await withLog('witness-away', policy, async (log) => {
      connect(async () => {
        throw new Error('no route to host')
      })
      await grow(log, 0, 4, 1_000_000)
      expect(readNote(await published('witness-away'))?.signatures).toHaveLength(1)
    })
  })
})

describe('this Worker as a witness', () => {
  /** On the storage of the log's object, since objects cannot call each other's instances; their tables differ. */
  const host = (state: DurableObjectState, policy: string) => new Witness(state, { ...env, LOG_POLICY: policy })

  test('cosigns the checkpoints of our own log, and the log keeps them', async () => {
    const name = 'each-other'
    await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const vkey = await startInstance(state, null).log.verifierKey()
      const witness = host(state, `log ${vkey}\n`)
      const own = await witness.verifierKey()
      const { log } = startInstance(state, null, { LOG_POLICY: `witness ours ${own} ${URL_OF_WITNESS}` })
      let seconds = 1_700_000_000
      connect(async (body) => {
        const { status, text } = await witness.addCheckpoint(body, ++seconds)
        return new Response(text, { status })
      })
      await grow(log, 0, 5, 1_000_000)
      expect(await isCosigned(name, own)).toBe(1_700_000_001)
      await grow(log, 5, 300, 2_000_000)
      expect(await isCosigned(name, own)).toBe(1_700_000_002)
    })
  })

  test('answers as the specification says, and keeps nothing of what it refuses', async () => {
    const name = 'witness-table'
    await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const { log } = startInstance(state, null)
      const vkey = await log.verifierKey()
      const notes: string[] = [(await log.checkpoint()).note]
      for (let seed = 0; seed < 8; seed++) {
        await log.append(leafOf(seed))
        notes.push((await log.checkpoint()).note)
      }
      const note = (size: number) => notes[size] ?? ''
      const proof = async (older: number, newer: number) =>
        (await log.consistency(older, newer)).proof.map((text) => fromBase64(text) ?? new Uint8Array())
      const forged = note(4).replace('\n4\n', '\n5\n')
      const other = note(4).replaceAll(name, 'somebody-else')

      const witness = host(state, `log ${vkey}`)
      const ask = async (old: number, hashes: readonly Uint8Array<ArrayBuffer>[], checkpoint: string) => {
        const body = writeAddCheckpoint({ old, proof: hashes, checkpoint })
        const { status, text } = await witness.addCheckpoint(body, 1_700_000_000)
        return status === 409 ? `409 ${text.trim()}` : status
      }
      expect((await witness.addCheckpoint('no request', 0)).status).toBe(400)
      expect((await witness.addCheckpoint(`old 00\n\n${note(1)}`, 0)).status).toBe(400)
      expect(await ask(0, [], other)).toBe(404)
      expect(await ask(0, [], forged)).toBe(403)
      expect(await ask(5, [], note(4))).toBe(400)
      expect(await ask(2, await proof(2, 4), note(4))).toBe('409 0')
      expect(await ask(0, await proof(2, 4), note(4))).toBe(422)
      expect(await ask(0, [], note(4))).toBe(200)
      expect(await ask(0, [], note(4))).toBe('409 4')
      expect(await ask(4, [], note(4))).toBe(200)
      expect(await ask(4, await proof(4, 7), note(4))).toBe(422)
      expect(await ask(4, await proof(3, 7), note(7))).toBe(422)
      expect(await ask(4, (await proof(4, 7)).slice(1), note(7))).toBe(422)
      expect(await ask(4, [], note(7))).toBe(422)
      expect(await ask(4, await proof(4, 7), note(7))).toBe(200)
      expect(await ask(4, await proof(4, 8), note(8))).toBe('409 7')
    })
  })

  test('does not roll back for one of two requests at once', async () => {
    const name = 'witness-race'
    await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const { log } = startInstance(state, null)
      const bodies: string[] = []
      for (let seed = 0; seed < 12; seed++) {
        await log.append(leafOf(seed))
        bodies.push(writeAddCheckpoint({ old: 0, proof: [], checkpoint: (await log.checkpoint()).note }))
      }
      const witness = host(state, `log ${await log.verifierKey()}`)
      const answers = await Promise.all(bodies.map((body) => witness.addCheckpoint(body, 1)))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      const size = answers.findIndex(({ status }) => status === 200) + 1
      const refused = await witness.addCheckpoint(bodies[0] ?? '', 1)
      expect(refused).toEqual({ status: 409, text: `${size}\n` })
    })
  })

  test('over HTTP: statuses and types of the specification, without a credential', async () => {
    const send = (body: string) => request('/witness/add-checkpoint', { method: 'POST', body })
    const unknown = await send(`old 0\n\norigin\n0\n${btoa('0'.repeat(32))}\n\n\u2014 origin ${btoa('1'.repeat(68))}\n`)
    expect(unknown.status).toBe(404)
    expect((await send('nothing')).status).toBe(400)
    expect((await send('x'.repeat(70_000))).status).toBe(413)
    const key = (await (await request('/witness/key')).text()).trim()
    expect((await readCosignerKey(key)).name).toBe('stemma.test/witness')
    await expect(readVerifierKey(key)).rejects.toMatchObject({ code: 'proof-invalid' })
  })
})
