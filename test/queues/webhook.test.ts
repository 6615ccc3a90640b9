import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { buildReport } from '#core/report/build.ts'
import { onWebhook } from '#queues/webhook.ts'
import { sample } from '#test/core/report/sample.ts'
import { json, type ScriptedGitHub, scriptGitHub } from '#test/durable-objects/github.ts'
import { connection } from '#test/workerd/github-app.ts'
import { createOrganisation, pushEvidence, smallCommit, smallSession } from '#test/workerd/organisation.ts'
import { settle } from '#test/workerd/queue.ts'
import { recomputedRollups, storedRollups } from '#test/workerd/rollups.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { openDatabase } from '#worker/store/database.ts'
import { organisationOfInstallation } from '#worker/store/installations.ts'
import { findPullRequest, pullRequestName, savePullRequest, saveReport } from '#worker/store/pull-requests.ts'
import { findDelivery, receiveDelivery, settleDelivery } from '#worker/store/webhook-deliveries.ts'

const database = openDatabase(env.DB)
const repository = 'octo/widgets'
const head = 'a'.repeat(40)
const now = '2026-11-22T10:00:00.000Z'
let installation = 500
let github: ScriptedGitHub

/** Stores the event as the route does and works it off. */
async function work(id: string, event: unknown, bindings = env): Promise<void> {
  await receiveDelivery(database, { id, event: 'x', payload: event, state: 'received', reason: null, now })
  await onWebhook({ type: 'webhook', deliveryId: id }, bindings)
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await findDelivery(database, id))?.state
}

/** How often the pull request's object was told something. */
function told(organisation: string, number: number): Promise<number> {
  return runInDurableObject(
    env.PULL_REQUEST.getByName(pullRequestName(organisation, { repository, number })),
    (_, state) => state.storage.kv.get<{ revision: number }>('state')?.revision ?? 0,
  )
}

beforeEach(() => {
  github = scriptGitHub()
  installation++
})
afterEach(() => {
  vi.restoreAllMocks()
})

const opened = (number: number): ForgeEvent => ({
  kind: 'pull-request',
  installation,
  repository,
  number,
  action: 'opened',
})

describe('a delivery', () => {
  test('reaches the object of its pull request, once', async () => {
    const { id: organisation } = await createOrganisation('one', installation)
    await work('reaches', opened(1))
    expect(await stateOf('reaches')).toBe('done')
    expect(await told(organisation, 1)).toBe(1)
    await onWebhook({ type: 'webhook', deliveryId: 'reaches' }, env)
    expect(await told(organisation, 1)).toBe(1)
  })

  test('of an installation that nobody claimed is ignored', async () => {
    await work('unclaimed', opened(1))
    expect(await stateOf('unclaimed')).toBe('ignored')
  })

  test('that fails says why, and is worked off when the queue brings it again', async () => {
    const { id: organisation } = await createOrganisation('two', installation)
    const broken = vi.spyOn(env.PULL_REQUEST, 'getByName').mockImplementation(() => {
      throw new Error('no object today')
    })
    await expect(work('fails', opened(2))).rejects.toThrow('no object today')
    expect(await stateOf('fails')).toBe('failed')
    broken.mockRestore()
    await onWebhook({ type: 'webhook', deliveryId: 'fails' }, env)
    expect(await stateOf('fails')).toBe('done')
    expect(await told(organisation, 2)).toBe(1)
  })

  test('that is not stored, or was ignored, does nothing', async () => {
    await onWebhook({ type: 'webhook', deliveryId: 'nobody knows' }, env)
    const { id: organisation } = await createOrganisation('three', installation)
    await receiveDelivery(database, { id: 'old', event: 'x', payload: opened(3), state: 'received', reason: null, now })
    await settleDelivery(database, { id: 'old', state: 'ignored', reason: 'x', now })
    await onWebhook({ type: 'webhook', deliveryId: 'old' }, env)
    expect(await told(organisation, 3)).toBe(0)
  })
})

describe('who is told', () => {
  test('of a push the open pull requests of the branch; of a re-run those of the head', async () => {
    const { id: organisation } = await createOrganisation('four', installation)
    for (const [number, state] of [
      [11, 'open'],
      [12, 'closed'],
    ] as const) {
      await savePullRequest(organisation, database, {
        key: { repository, number },
        installation,
        pull: { number, title: 't', state, head, base: head, headRef: 'feature', authorLogin: null, updatedAt: now },
        commits: [head],
      })
    }
    await work('push', { kind: 'push', installation, repository, branch: 'feature', head })
    expect([await told(organisation, 11), await told(organisation, 12)]).toEqual([1, 0])
    await work('other branch', { kind: 'push', installation, repository, branch: 'main', head })
    expect(await stateOf('other branch')).toBe('ignored')
    await work('re-run', {
      kind: 'check-rerequested',
      installation,
      repository,
      head,
      app: null,
      numbers: [],
    })
    expect(await told(organisation, 11)).toBe(2)
  })

  test('of "Re-evaluate" the open pull requests of the head, whose evidence is judged anew, also when it comes twice', async () => {
    const { id: organisation, machine } = await createOrganisation('ten', installation)
    const session = 'claude-code:judged'
    const attribution = [smallCommit(head, session)]
    const { id: evidence } = await pushEvidence(machine, { session: smallSession({ id: session }), attribution })
    await settle(organisation, evidence)
    const key = { repository, number: 41 }
    const pull = { number: 41, title: 't', state: 'open', head, base: head, headRef: 'f', authorLogin: null } as const
    await savePullRequest(organisation, database, {
      key,
      installation,
      pull: { ...pull, updatedAt: now },
      commits: [head],
    })
    const made = buildReport(sample())
    const [first] = made.sessions
    const sessions = first === undefined ? [] : [{ ...first, evidenceId: evidence }]
    await saveReport(organisation, database, { report: { ...made, ...key, head, sessions }, now })
    const send = vi.spyOn(env.JOBS, 'send')
    const connected = { ...env, GITHUB_APP_ID: '42' }
    const clicked = { kind: 'evaluation-requested', installation, repository, head, app: null, numbers: [] }
    for (const id of ['clicked', 'clicked again']) await work(id, clicked, connected)
    expect(await stateOf('clicked')).toBe('done')
    const message = { type: 'evaluate', organisation, evidenceId: evidence }
    expect(send.mock.calls.filter(([one]) => one.type === 'evaluate')).toEqual([[message], [message]])
    expect(await told(organisation, 41)).toBeGreaterThanOrEqual(2)

    send.mockClear()
    await work('of another App', { ...clicked, app: 7 }, connected)
    expect(await stateOf('of another App')).toBe('ignored')
    expect(send).not.toHaveBeenCalled()
    // A pull request of which no report is known yet is told all the same; there is nothing to judge anew.
    await work('unknown', { ...clicked, numbers: [42] }, connected)
    expect(await stateOf('unknown')).toBe('done')
    expect(send).not.toHaveBeenCalledWith(expect.objectContaining({ type: 'evaluate' }))
  })

  test('of repositories that the App reaches from now on: what is open in them', async () => {
    const { id: organisation } = await createOrganisation('six', installation)
    github.answer(({ path }) => {
      if (path.includes('/repos/octo/gone/pulls')) return json({ message: 'Not Found' }, 404)
      return path.includes('/repos/octo/widgets/pulls?state=open') ? json([{ number: 21 }, { number: 22 }]) : null
    })
    const connected = { ...env, ...connection }
    const event = { kind: 'installation-changed', installation, repositories: ['octo/gone', repository] }
    await work('changed', event, connected)
    expect(await stateOf('changed')).toBe('done')
    expect([await told(organisation, 21), await told(organisation, 22)]).toEqual([1, 1])
  })

  test('an uninstalled App loses its claim', async () => {
    await createOrganisation('five', installation)
    await work('removed', { kind: 'installation-removed', installation })
    expect(await organisationOfInstallation(database, installation)).toBeNull()
    expect(await stateOf('removed')).toBe('done')
  })
})

describe('a repository that is renamed', () => {
  const renamed = (former: string, present: string) => ({
    kind: 'repository-renamed',
    installation,
    repository: present,
    former,
  })
  const repositoriesOf = async (organisation: string) => {
    const { sessions, lines } = await storedRollups(organisation)
    return new Set([...sessions, ...lines].map((row) => (row as { repository: string }).repository))
  }

  test('takes its pull requests, sessions and sums along, and late evidence under its former name too', async () => {
    const { id: organisation, machine } = await createOrganisation('seven', installation)
    const send = async (session: string, digit: string, name: string) => {
      const attribution = [smallCommit(digit.repeat(40), session, { patchId: digit.repeat(40) })]
      const { id } = await pushEvidence(machine, {
        session: smallSession({ id: session }),
        attribution,
        predicate: { repository: name },
      })
      await settle(organisation, id)
    }
    await send('claude-code:one', '1', 'octo/widgets')
    await send('claude-code:two', '2', 'octo/gadgets')
    // The same change under both names counts once.
    await send('claude-code:three', '2', 'octo/widgets')
    await savePullRequest(organisation, database, {
      key: { repository, number: 31 },
      installation,
      pull: {
        number: 31,
        title: 't',
        state: 'open',
        head,
        base: head,
        headRef: 'f',
        authorLogin: null,
        updatedAt: now,
      },
      commits: [head],
    })
    await work('known', { ...opened(31) })

    await work('renamed', renamed('octo/widgets', 'octo/gadgets'))
    expect(await stateOf('renamed')).toBe('done')
    expect(await repositoriesOf(organisation)).toEqual(new Set(['octo/gadgets']))
    expect(await storedRollups(organisation)).toEqual(await recomputedRollups(organisation))
    expect(await findPullRequest(organisation, database, { repository, number: 31 })).toBeNull()
    const moved = { repository: 'octo/gadgets', number: 31 }
    expect(await findPullRequest(organisation, database, moved)).not.toBeNull()
    expect(await told(organisation, 31)).toBe(0)
    const object = env.PULL_REQUEST.getByName(pullRequestName(organisation, moved))
    const state = await runInDurableObject(object, (_, { storage }) => storage.kv.get<{ subject: object }>('state'))
    expect(state?.subject).toMatchObject(moved)

    await send('claude-code:late', '4', 'octo/widgets')
    expect(await repositoriesOf(organisation)).toEqual(new Set(['octo/gadgets']))
    await work('again', renamed('octo/gadgets', 'octo/things'))
    await send('claude-code:later', '5', 'octo/widgets')
    expect(await repositoriesOf(organisation)).toEqual(new Set(['octo/things']))
    expect(await storedRollups(organisation)).toEqual(await recomputedRollups(organisation))
  })

  test('twice ends at its present name, in whatever order that is told, and another one may take the first name', async () => {
    const { id: organisation } = await createOrganisation('eleven', installation)
    const connected = { ...env, ...connection }
    const names = new Map([
      [77, 'octo/third'],
      [78, 'octo/first'],
    ])
    github.answer(({ path }) => {
      if (!path.startsWith('/installation/repositories')) return null
      return json({ repositories: [...names].map(([id, full_name]) => ({ id, full_name })) })
    })
    const known = (name: string) => findPullRequest(organisation, database, { repository: name, number: 51 })
    const pull = { number: 51, title: 't', state: 'open', head, base: head, headRef: 'f', authorLogin: null } as const
    const first = { repository: 'octo/first', number: 51 }
    await work('opened at first', { ...opened(51), repository: 'octo/first', repositoryId: 77 }, connected)
    const read = { key: first, installation, pull: { ...pull, updatedAt: now }, commits: [head] }
    await savePullRequest(organisation, database, read)

    // Of the two, the later rename comes first.
    const told77 = { kind: 'repository-renamed', installation, repositoryId: 77 }
    await work('to third', { ...told77, repository: 'octo/third', former: 'octo/second' }, connected)
    expect(await known('octo/third')).not.toBeNull()
    await work('to second', { ...told77, repository: 'octo/second', former: 'octo/first' }, connected)
    await work('late', { ...opened(51), repository: 'octo/first', repositoryId: 77 }, connected)
    expect([await known('octo/first'), await known('octo/second')]).toEqual([null, null])
    expect(await known('octo/third')).not.toBeNull()

    // The new bearer of the first name keeps what is its own, also when the rename is told once more.
    await work('of another', { ...opened(51), repository: 'octo/first', repositoryId: 78 }, connected)
    await savePullRequest(organisation, database, read)
    // One that bore the third name once, and of which we never heard, takes nothing from who bears it now.
    names.set(79, 'octo/fourth')
    await work('of a stranger', { ...opened(52), repository: 'octo/third', repositoryId: 79 }, connected)
    await work('third again', { ...opened(51), repository: 'octo/third', repositoryId: 77 }, connected)
    expect(await known('octo/fourth')).toBeNull()
    expect(await known('octo/third')).not.toBeNull()
    await work('told again', { ...told77, repository: 'octo/second', former: 'octo/first' }, connected)
    expect(await known('octo/first')).not.toBeNull()
    expect(await known('octo/third')).not.toBeNull()
  })

  test('leaves the repository of that name of another organisation alone', async () => {
    const other = await createOrganisation('eight', installation + 10_000)
    const { id } = await pushEvidence(other.machine, { predicate: { repository: 'octo/widgets' } })
    await settle(other.id, id)
    await createOrganisation('nine', installation)
    await work('foreign', renamed('octo/widgets', 'octo/gadgets'))
    expect(await repositoriesOf(other.id)).toEqual(new Set(['octo/widgets']))
  })
})
