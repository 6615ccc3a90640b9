/** What becomes of heads and events. */
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { createOrganisation } from '#test/workerd/organisation.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { findPullRequest, pullRequestsWithoutReport } from '#worker/store/pull-requests.ts'
import { json, until } from './github.ts'
import { commentsOf, database, repository, shaOf } from './opened-pull-request.ts'
import { checkOf, freshForEachTest, giveEvidence, openPull, world } from './pull-request-world.ts'

freshForEachTest()

describe('a new head', () => {
  test('has its check in progress at once, and a completed one after the pause', async () => {
    const one = await openPull(world)
    await one.observe()
    expect(await checkOf(one, world.pull.head)).toMatchObject({
      name: 'Stemma',
      status: 'in_progress',
      conclusion: null,
    })
    await one.turn()
    expect(await checkOf(one, world.pull.head)).toMatchObject({ status: 'completed', conclusion: 'success' })
  })

  test('without any session is told so by the check alone: no comment', async () => {
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    expect(await commentsOf(one)).toEqual([])
    expect(await findPullRequest(world.organisation.id, database, one.key)).toMatchObject({
      pullRequest: { head: world.pull.head, conclusion: 'success', sessions: 0 },
      report: { head: world.pull.head, sessions: [] },
    })
  })

  test('with evidence gets one comment, and a report that names session and lines', async () => {
    const { session } = await giveEvidence(world, world.pull.head)
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    expect(await commentsOf(one)).toHaveLength(1)
    const view = await findPullRequest(world.organisation.id, database, one.key)
    expect(view?.report?.sessions).toMatchObject([{ id: session.id, person: 'Grace', lines: { ai: 8 } }])
    expect(view?.report?.signatures).toEqual({ verified: 1, total: 1 })
    // The evidence, and what was concluded of it.
    expect(view?.report?.checkpoint?.size).toBe(3)
    expect((await checkOf(one, world.pull.head))?.summary).toContain(view?.report?.conclusions?.summary)
    expect((await checkOf(one, world.pull.head))?.status).toBe('completed')
  })

  test('counts what commits without evidence add as unknown, and asks for each commit once', async () => {
    const { session } = await giveEvidence(world, world.pull.head)
    world.pull.commits = [shaOf('d'), world.pull.head]
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    const { report } = (await findPullRequest(world.organisation.id, database, one.key)) ?? {}
    expect(report?.lines).toMatchObject({ ai: 8, unknown: 5 })
    expect(report?.unobservedCommits.map(({ commit }) => commit)).toEqual([shaOf('d')])
    expect(report?.sessions.map(({ id }) => id)).toEqual([session.id])
    await one.observe()
    await one.turn()
    expect(world.github.asked.filter(({ path }) => path.includes(`/commits/${shaOf('d')}`))).toHaveLength(1)
  })

  test('overtakes the older one, whose result is written nowhere', async () => {
    const one = await openPull(world)
    await one.observe()
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
    let isHeld = false
    world.github.answer(async ({ path }) => {
      if (isHeld || !/\/pulls\/\d+\/commits/.test(path)) return null
      isHeld = true
      await isReleased
      return json([{ sha: shaOf('a'), parents: [], commit: { message: 'old' }, author: null }])
    })
    const turned = one.turn()
    await until(() => isHeld)
    world.pull = {
      ...world.pull,
      head: shaOf('b'),
      commits: [shaOf('a'), shaOf('b')],
      updated_at: '2026-11-22T11:00:00Z',
    }
    await one.observe()
    release()
    await turned
    expect((await checkOf(one, shaOf('a')))?.status).toBe('in_progress')
    await one.turn()
    expect(await checkOf(one, shaOf('b'))).toMatchObject({ status: 'completed' })
    expect((await findPullRequest(world.organisation.id, database, one.key))?.report?.head).toBe(shaOf('b'))
  })
})

describe('events', () => {
  test('repeated, late and in any order give the same end', async () => {
    const one = await openPull(world)
    const events = ['synchronize', 'opened', 'opened', 'synchronize'] as const
    for (const action of events) {
      await one.observe({
        kind: 'pull-request',
        installation: one.installation,
        repository,
        number: one.number,
        action,
      })
    }
    await one.turn()
    const handed = await one.handed()
    expect(handed).toHaveLength(1)
    expect(await checkOf(one, world.pull.head)).toMatchObject({ status: 'completed' })
  })

  test('a stream of them does not put the report off', async () => {
    const one = await openPull(world)
    await one.observe()
    const planned = await one.plannedAt()
    await one.observe()
    expect(await one.plannedAt()).toBe(planned)
  })

  test('evidence that comes later replaces check and comment', async () => {
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    expect(await commentsOf(one)).toEqual([])
    await giveEvidence(world, world.pull.head)
    // Evaluation has touched the pull request by itself.
    expect(await one.plannedAt()).not.toBeNull()
    await one.turn()
    expect(await commentsOf(one)).toHaveLength(1)
    expect((await findPullRequest(world.organisation.id, database, one.key))?.pullRequest.sessions).toBe(1)
  })

  test('a closed pull request is noted and gets no report', async () => {
    world.pull = { ...world.pull, state: 'closed', merged_at: '2026-11-22T12:00:00Z' }
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    expect(await one.handed()).toEqual([])
    expect(await findPullRequest(world.organisation.id, database, one.key)).toMatchObject({
      pullRequest: { state: 'merged', conclusion: null },
      report: null,
    })
  })

  test('"Re-run" opens a new run; of another App it is none of our business', async () => {
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    const rerun = {
      kind: 'check-rerequested' as const,
      installation: one.installation,
      repository,
      head: world.pull.head,
      numbers: [one.number],
    } satisfies Partial<ForgeEvent>
    await one.observe({ ...rerun, app: 7 })
    expect((await checkOf(one, world.pull.head))?.status).toBe('completed')
    await one.observe({ ...rerun, app: 42 })
    expect(await one.handed()).toMatchObject([{ kind: 'check', isNew: true, run: { status: 'in_progress' } }])
    await one.turn()
    expect(await one.handed()).toMatchObject([{ kind: 'check', isNew: true, run: { status: 'completed' } }])
  })

  test('a commit of the merge queue gets the verdict of its pull request', async () => {
    const one = await openPull(world)
    await one.observe({
      kind: 'merge-group',
      installation: one.installation,
      repository,
      head: shaOf('f'),
      number: one.number,
    })
    expect((await checkOf(one, shaOf('f')))?.status).toBe('in_progress')
    await one.turn()
    const [onHead, onQueue] = [await checkOf(one, world.pull.head), await checkOf(one, shaOf('f'))]
    expect(onQueue).toEqual({ ...onHead, head: shaOf('f') })
    expect(onQueue?.status).toBe('completed')
  })
})

describe('organisations', () => {
  test("another organisation's evidence for the same commit is not seen", async () => {
    await giveEvidence(world, world.pull.head)
    world.organisation = await createOrganisation('strangers')
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    expect((await findPullRequest(world.organisation.id, database, one.key))?.report?.sessions).toEqual([])
  })

  test('the clock finds a head without report', async () => {
    const one = await openPull(world)
    await one.observe()
    await one.turn()
    const window = { before: '2027-01-01T00:00:00Z', limit: 100 }
    const has = async () =>
      (await pullRequestsWithoutReport(database, window)).some(({ number }) => number === one.number)
    expect(await has()).toBe(false)
    world.pull = { ...world.pull, head: shaOf('b'), commits: [shaOf('c')], updated_at: '2026-11-22T11:00:00Z' }
    await env.DB.prepare('UPDATE pull_requests SET head = ? WHERE number = ?').bind(shaOf('b'), one.number).run()
    expect(await has()).toBe(true)
  })
})
