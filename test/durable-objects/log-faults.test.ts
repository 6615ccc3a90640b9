/**
 * A crash at every write of the append path, before it, after it and in the middle of it: every acknowledged leaf
 * survives under its index, nothing is logged twice, and no two roots exist for one size.
 */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { LogEntry, LogLeaf } from '#core/ports.ts'
import { type Fault, type Instance, modesOf, startInstance } from './log-faults.ts'
import { auditBucket, bucketOf, checkpointOf, leafOf } from './log-reading.ts'

interface Scenario {
  readonly title: string
  /** Leaves that were logged and published before. */
  readonly before: number
  /** Leaves that are sent at once when the crash comes. */
  readonly sent: number
  /** Every write, in the order in which it first happens. A write without a line here fails the test below. */
  readonly writes: readonly string[]
}

const scenarios: readonly Scenario[] = [
  {
    title: 'the first leaves of a log',
    before: 0,
    sent: 2,
    writes: [
      'row log_key',
      'transaction',
      'row leaf',
      'row node',
      'row checkpoint',
      'alarm',
      'put tile/entries/000.p/2',
      'put tile/0/000.p/2',
      'put checkpoint',
      'row publication.size',
    ],
  },
  {
    title: 'leaves that fill a tile and begin the next',
    before: 254,
    sent: 4,
    writes: [
      'transaction',
      'row leaf',
      'row node',
      'row checkpoint',
      'alarm',
      'put tile/entries/000',
      'put tile/0/000',
      'row publication.uploaded',
      'put tile/entries/001.p/2',
      'put tile/0/001.p/2',
      'put tile/1/000.p/1',
      'put checkpoint',
      'row publication.size',
      'delete',
    ],
  },
]

/** Publications lie minutes apart, so that the interval between them never matters here. */
const MINUTE = 60_000

interface Given {
  readonly leaf: LogLeaf
  readonly entry: LogEntry
}

async function send(instance: Instance, seeds: readonly number[]): Promise<Given[]> {
  const settled = await Promise.allSettled(
    // A promise of its own for each: an instance that is dead throws at once.
    seeds.map(async (seed) => ({ leaf: leafOf(seed), entry: await instance.log.append(leafOf(seed)) })),
  )
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

const range = (start: number, length: number) => Array.from({ length }, (_, at) => start + at)

async function run(name: string, { before, sent }: Scenario, fault: Fault | null) {
  const stub = env.EVIDENCE_LOG.getByName(name)
  return runInDurableObject(stub, async (_, state) => {
    const given: Given[] = []
    const seeds = range(before, sent)
    if (before > 0) {
      const first = startInstance(state, null)
      given.push(...(await send(first, range(0, before))))
      await first.log.publish(MINUTE)
    }
    const crashing = startInstance(state, fault)
    given.push(...(await send(crashing, seeds)))
    await crashing.log.publish(2 * MINUTE).catch(() => undefined)

    const next = startInstance(state, null)
    const logKey = await next.log.verifierKey()
    // What is published at the moment of the crash can be re-derived, whatever is missing yet.
    const published = (await bucketOf(name).checkpoint())?.note ?? null
    const atCrash = await auditBucket(name, logKey, given)
    const again = await send(next, seeds)
    await next.log.publish(3 * MINUTE)
    return { given, again, logKey, published, atCrash, writes: crashing.writes, isDead: crashing.isDead() }
  })
}

describe.each(scenarios)('$title', (scenario) => {
  const { before, sent, writes } = scenario

  test('are written in this order, and nothing else is written', async () => {
    const whole = await run(`faults-none-${before}`, scenario, null)
    expect(whole.given).toHaveLength(before + sent)
    expect(whole.writes).toEqual(writes)
  })

  test.each(writes.flatMap((at) => modesOf(at).map((mode) => ({ at, mode }))))('crash $mode $at', async (fault) => {
    const name = `faults-${before}-${fault.mode}-${fault.at.replaceAll(/\W/g, '-')}`
    const { given, again, logKey, published, atCrash, isDead } = await run(name, scenario, fault)
    expect(isDead).toBe(true)
    expect(atCrash?.problems ?? []).toEqual([])

    expect(again).toHaveLength(sent)
    for (const { leaf, entry } of given) {
      const repeated = again.find((one) => one.leaf.evidenceId === leaf.evidenceId)
      if (repeated !== undefined) expect(repeated.entry.index, leaf.evidenceId).toBe(entry.index)
    }
    const all = [...given, ...again]
    expect(new Set(all.map(({ entry }) => entry.index)).size).toBe(before + sent)
    const audit = await auditBucket(name, logKey, all)
    expect(audit?.problems).toEqual([])
    expect(audit?.entries).toBe(before + sent)
    expect([audit?.consistent, audit?.included]).toEqual([all.length, all.length])
    if (published !== null) expect(checkpointOf(published).size).toBeLessThanOrEqual(before + sent)
  })
})

describe('a log that would fork', () => {
  test('appends nothing after its storage was set back behind what it published', async () => {
    const name = 'faults-set-back'
    await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const first = startInstance(state, null)
      await send(first, range(0, 3))
      await first.log.publish(MINUTE)
      state.storage.sql.exec('DELETE FROM leaf WHERE position > 0')
      state.storage.sql.exec('DELETE FROM node WHERE position > 0 OR level > 0')
      state.storage.sql.exec('UPDATE checkpoint SET size = 1')
      const second = startInstance(state, null)
      for (const attempt of [1, 2]) {
        const refused = second.log.append(leafOf(9))
        await expect(refused, `attempt ${attempt}`).rejects.toThrow('that the log with its 1 leaves does not contain')
      }
    })
    expect(checkpointOf((await bucketOf(name).checkpoint())?.note ?? '').size).toBe(3)
  })

  test('two instances at once: one of them is refused, and nothing is lost', async () => {
    const name = 'faults-two'
    await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const [one, two] = [startInstance(state, null), startInstance(state, null)]
      const given = (await Promise.all(range(0, 30).map((seed) => send(seed % 2 === 0 ? one : two, [seed])))).flat()
      expect(given).toHaveLength(30)
      await Promise.allSettled([one.log.publish(MINUTE), two.log.publish(MINUTE)])
      await one.log.publish(2 * MINUTE)
      const audit = await auditBucket(name, await one.log.verifierKey(), given)
      expect(audit?.problems).toEqual([])
      expect(audit?.entries).toBe(30)
    })
  })

  test('an object of the bucket that was changed is not overwritten', async () => {
    const name = 'faults-changed'
    await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
      const { log } = startInstance(state, null)
      await env.BLOBS.put(`org/${name}/log/tile/0/000.p/1`, new Uint8Array(32))
      await log.append(leafOf(0))
      await expect(log.publish(MINUTE)).rejects.toMatchObject({ code: 'immutable-conflict' })
    })
    expect(await bucketOf(name).checkpoint()).toBeNull()
  })
})

test('the checkpoint is written at most once a second, and tiles no more often than they change', async () => {
  const name = 'faults-interval'
  await runInDurableObject(env.EVIDENCE_LOG.getByName(name), async (_, state) => {
    const instance = startInstance(state, null)
    const size = async () => checkpointOf((await bucketOf(name).checkpoint())?.note ?? '').size
    await send(instance, [0])
    expect(await instance.log.publish(MINUTE)).toEqual({ waitMs: null })
    await send(instance, [1])
    expect(await instance.log.publish(MINUTE + 400)).toEqual({ waitMs: 600 })
    expect(await size()).toBe(1)
    expect(await instance.log.publish(MINUTE + 1_000)).toEqual({ waitMs: null })
    expect(await size()).toBe(2)
    // A clock that was set back delays nothing for longer than the interval.
    await send(instance, [2])
    await instance.log.publish(0)
    expect(await size()).toBe(3)
  })
})
