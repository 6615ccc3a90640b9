/**
 * A crash at every write beside the append path itself: what witnesses say, and the ends of keys. Nothing that was
 * acknowledged is lost, nothing is said twice, and a key that was told to have ended never signs a leaf again.
 */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { verifyCosignature } from '#core/evidence/cosignature.ts'
import { KEY_REVOCATION_PREDICATE } from '#core/evidence/key-revocation.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readCosignerKey, readNote } from '#core/evidence/note.ts'
import { type Fault, type Instance, modesOf, startInstance } from './log-faults.ts'
import { auditBucket, bucketOf, leafOf } from './log-reading.ts'
import { createStrictWitness } from './strict-witness.ts'

const MINUTE = 60_000
const URL_OF_WITNESS = 'https://witness.example'
afterEach(() => vi.restoreAllMocks())

/** One leaf is one row of each kind, which is there or is not. */
const faultsOf = (writes: readonly string[]): readonly Fault[] =>
  writes.flatMap((at) =>
    modesOf(at)
      .filter((mode) => mode !== 'torn' || !at.startsWith('row '))
      .map((mode) => ({ at, mode })),
  )
const nameOf = (title: string, fault: Fault | null) =>
  `${title}-${fault === null ? 'none' : `${fault.mode}-${fault.at.replaceAll(/\W/g, '-')}`}`

describe('what a witness says of a published log', () => {
  const writes = ['row witness', 'alarm', 'put checkpoint', 'row publication.size']

  async function run(fault: Fault | null) {
    const name = nameOf('faults-witness', fault)
    return runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const first = startInstance(state, null)
      const vkey = await first.log.verifierKey()
      const given = await Promise.all(
        [0, 1].map(async (seed) => ({ leaf: leafOf(seed), entry: await first.log.append(leafOf(seed)) })),
      )
      await first.log.publish(MINUTE)
      const witness = await createStrictWitness('witness.example/w1', vkey)
      const entries = [0, 1].map((seed) => writeLogLeaf(leafOf(seed)))
      vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) =>
        witness.serve(await new Request(input, init).text(), entries),
      )
      const policy = { LOG_POLICY: `witness W1 ${witness.vkey} ${URL_OF_WITNESS}\n` }
      const ask = async ({ log }: Instance, now: number) => {
        await log.alarm()
        await log.publish(now).catch(() => undefined)
      }
      const crashing = startInstance(state, fault, policy)
      // The alarm tells of a failure and never throws, but for one of the storage itself.
      await ask(crashing, 2 * MINUTE).catch(() => undefined)
      const atCrash = await auditBucket(name, vkey, given)
      await ask(startInstance(state, null, policy), 3 * MINUTE)
      return { name, vkey, given, witness, atCrash, writes: crashing.writes, isDead: crashing.isDead() }
    })
  }

  test('is written in this order, and nothing else is written', async () => {
    expect((await run(null)).writes).toEqual(writes)
  })

  test.each(faultsOf(writes))('crash $mode $at', async (fault) => {
    const { name, vkey, given, witness, atCrash, isDead } = await run(fault)
    expect(isDead).toBe(true)
    expect(atCrash?.problems).toEqual([])
    expect((await auditBucket(name, vkey, given))?.problems).toEqual([])
    const note = readNote((await bucketOf(name).checkpoint())?.note ?? '')
    expect(note && (await verifyCosignature(note, await readCosignerKey(witness.vkey)))).toBe(1_700_000_002)
    expect(note?.signatures).toHaveLength(2)
  })
})

describe('the end of a key', () => {
  const writes = [
    'row ended_key',
    'row conclusion',
    'row log_key',
    'transaction',
    'row leaf',
    'row node',
    'row checkpoint',
    'alarm',
    'put tile/entries/000.p/1',
    'put tile/0/000.p/1',
    'put checkpoint',
    'row publication.size',
  ]
  const keyId = leafOf(0).keyId
  const end = { keyId, revokedAt: '2026-11-22T10:00:00.000Z' }
  const at = '2026-11-22T10:00:01.000Z'

  async function run(fault: Fault | null) {
    const name = nameOf('faults-end', fault)
    return runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const crashing = startInstance(state, fault)
      const isTold = await crashing.log.endKeys([end], at).then(
        () => true,
        () => false,
      )
      await crashing.log.publish(MINUTE).catch(() => undefined)
      const next = startInstance(state, null)
      const isRefused = await next.log.append(leafOf(0)).then(
        () => false,
        (fault: unknown) => fault instanceof Error && 'code' in fault && fault.code === 'key-revoked',
      )
      await next.log.endKeys([end], at)
      await next.log.publish(2 * MINUTE)
      const conclusions = await next.log.conclusionsAfter('', 10)
      const audit = await auditBucket(name, await next.log.verifierKey(), [])
      const late = await next.log.append(leafOf(1)).catch((fault: unknown) => fault)
      return { isTold, isRefused, conclusions, audit, late, writes: crashing.writes, isDead: crashing.isDead() }
    })
  }

  test('is written in this order, and nothing else is written', async () => {
    expect((await run(null)).writes).toEqual(writes)
  })

  test.each(faultsOf(writes))('crash $mode $at', async (fault) => {
    const { isTold, isRefused, conclusions, audit, late, isDead } = await run(fault)
    expect(isDead).toBe(true)
    // Whoever was told that it ended can rely on it; whoever was not asks again.
    if (isTold) expect(isRefused).toBe(true)
    expect(late).toMatchObject({ code: 'key-revoked' })
    expect(conclusions).toHaveLength(1)
    expect(conclusions[0]).toMatchObject({ predicateType: KEY_REVOCATION_PREDICATE })
    expect(audit?.problems).toEqual([])
    expect(audit?.entries).toBe(isRefused ? 1 : 2)
  })
})
