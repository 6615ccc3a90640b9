/** A check is always completed, and never by accident. */

import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { sendJson } from '#test/workerd/organisation.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findPullRequest, pullRequestsWithoutReport } from '#worker/store/pull-requests.ts'
import { json } from './github.ts'
import { database, repository, shaOf } from './opened-pull-request.ts'
import {
  checkOf,
  checksOf,
  freshForEachTest,
  giveEvidence,
  type OpenPull,
  openPull,
  world,
} from './pull-request-world.ts'

freshForEachTest()

describe('a required check never hangs and never passes by accident', () => {
  test('evidence whose policies were not evaluated is waited for', async () => {
    const { evaluate } = await giveEvidence(world, world.pull.head, { isEvaluated: false })
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('in_progress')
    const planned = (await one.plannedAt()) ?? 0
    expect(planned).toBeGreaterThan(Date.now())
    expect(planned).toBeLessThan(Date.now() + 610_000)
    await evaluate()
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('completed')
  })

  test('and after the deadline it counts as an error of each policy', async () => {
    await giveEvidence(world, world.pull.head, { isEvaluated: false })
    const one = await openPull(world)
    await one.observe()
    await runInDurableObject(one.stub, (_, state) => {
      const held = state.storage.kv.get<object>('state')
      state.storage.kv.put('state', { ...held, headSince: Date.now() - 3_600_000 })
    })
    await one.turn()
    expect(await checkOf(one, world.pull.head)).toMatchObject({ status: 'completed', conclusion: 'failure' })
    const { report } = (await findPullRequest(world.organisation.id, database, one.key)) ?? {}
    expect(report?.sessions[0]?.verdicts.every(({ result }) => result === 'error')).toBe(true)
  })

  test('a lasting failure ends in a completed check that names it, and heals by itself', async () => {
    const one = await openPull(world)
    await one.observe()
    let isBroken = true
    world.github.answer(({ path }) => (isBroken && /\/commits/.test(path) ? json({ message: 'oh no' }, 502) : null))
    await one.turn()
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('in_progress')
    await one.turn()
    const failed = await checkOf(one, world.pull.head)
    expect(failed).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(failed?.summary).toContain('forge-unavailable')
    expect(await one.plannedAt()).not.toBeNull()
    isBroken = false
    await one.turn()
    expect(await checkOf(one, world.pull.head)).toMatchObject({ status: 'completed', conclusion: 'success' })
  })

  test('a head that GitHub names only later is opened then', async () => {
    let isBroken = true
    world.github.answer(({ path }) => (isBroken && /\/pulls\//.test(path) ? json({ message: 'oh no' }, 500) : null))
    const one = await openPull(world)
    await one.observe()
    expect(await one.handed()).toEqual([])
    isBroken = false
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('completed')
  })

  test('commits and head that were read at different times give no report', async () => {
    const one = await openPull(world)
    await one.observe()
    world.pull.commits = [shaOf('c')]
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('in_progress')
    world.pull.commits = [world.pull.head]
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('completed')
  })

  test('work that was under way survives the death of the object', async () => {
    const one = await openPull(world)
    await one.observe()
    await evictDurableObject(one.stub)
    await one.prepare()
    expect(await one.plannedAt()).not.toBeNull()
    await one.turn()
    expect((await checkOf(one, world.pull.head))?.status).toBe('completed')
  })
})

describe('checks of frameworks', () => {
  const ask = async (checks: readonly string[]) => {
    const policies = [{ policy: 'no-hook-bypass', gate: true }, { policy: 'no-force-push' }]
    const head = { apiVersion: 'stemma.dev/v1', kind: 'Contract', metadata: { name: 'all' } }
    const sources = [{ file: 'a.yaml', text: JSON.stringify({ ...head, spec: { policies, checks } }) }]
    return sendJson('PUT', '/v1/contract', world.organisation.token, { sources })
  }
  const [whole, slsa] = ['Stemma', 'Stemma / SLSA source track']
  const standing = async (one: OpenPull, head = world.pull.head) =>
    Object.fromEntries((await checksOf(one, head)).map(({ name, conclusion }) => [name, conclusion ?? 'in progress']))

  test('are opened and completed beside the one of the contract, on queues and after "Re-run" too', async () => {
    expect((await ask(['slsa-source'])).status).toBe(200)
    await giveEvidence(world, world.pull.head)
    const one = await openPull(world)
    await one.observe()
    const place = { installation: one.installation, repository }
    await one.observe({ kind: 'merge-group', ...place, head: shaOf('f'), number: one.number })
    const opened = { [whole]: 'in progress', [slsa]: 'in progress' }
    expect(await standing(one)).toEqual(opened)
    expect(await standing(one, shaOf('f'))).toEqual(opened)
    await one.turn()
    // Policies of the framework that the contract lacks were not judged.
    const completed = { [whole]: 'success', [slsa]: 'neutral' }
    expect(await standing(one)).toEqual(completed)
    expect(await standing(one, shaOf('f'))).toEqual(completed)
    // What waits is what is written: two checks, the comment, and the checks of the queue's commit.
    expect((await one.handed()).map(({ kind }) => kind).sort()).toEqual(['check', 'check', 'check', 'check', 'comment'])

    const rerun = {
      kind: 'check-rerequested' as const,
      ...place,
      head: world.pull.head,
      app: 42,
      numbers: [one.number],
    }
    await one.observe(rerun)
    expect(await standing(one)).toEqual(opened)
    const isNew = (await one.handed()).flatMap((write) =>
      write.kind === 'check' && write.run.head === world.pull.head ? [write.isNew] : [],
    )
    expect(isNew).toEqual([true, true])
  })

  test('do not hang where nothing can be read, nor where the contract drops them', async () => {
    await ask(['slsa-source'])
    const one = await openPull(world)
    await one.observe()
    let isBroken = true
    world.github.answer(({ path }) => (isBroken && /\/commits/.test(path) ? json({ message: 'oh no' }, 502) : null))
    for (let turn = 0; turn < 3; turn++) await one.turn()
    expect(await standing(one)).toEqual({ [whole]: 'failure', [slsa]: 'failure' })
    isBroken = false
    await ask([])
    await one.turn()
    expect(await standing(one)).toEqual({ [whole]: 'success', [slsa]: 'neutral' })
    const dropped = (await checksOf(one, world.pull.head)).find(({ name }) => name === slsa)
    expect(dropped?.title).toBe('The contract does not ask for this check')
  })

  test('come with the clock to a pull request that has no evidence', async () => {
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    const has = async () =>
      (await pullRequestsWithoutReport(openDatabase(env.DB), { before: '2027-01-01T00:00:00Z', limit: 100 })).some(
        ({ number }) => number === one.number,
      )
    expect(await has()).toBe(false)
    await ask(['slsa-source'])
    expect(await has()).toBe(true)
    await one.stub.touch('clock')
    await one.turn()
    expect(await standing(one)).toEqual({ [whole]: 'success', [slsa]: 'success' })
    expect(await has()).toBe(false)
  })

  test.each([
    [['slsa-sauce'], 'a.yaml:1', 'There is no framework \\"slsa-sauce\\". (Did you mean `slsa-source`?)'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'a.yaml:1', '`spec.checks`'],
  ])('%j are refused', async (checks, place, message) => {
    const refused = await ask(checks)
    expect(refused.status).toBe(400)
    const text = await refused.text()
    expect(text).toContain(place)
    expect(text).toContain(message)
  })
})
