import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { onWebhook } from '#queues/webhook.ts'
import { scriptGitHub } from '#test/durable-objects/github.ts'
import { createOrganisation } from '#test/workerd/organisation.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { openDatabase } from '#worker/store/database.ts'
import { organisationOfInstallation } from '#worker/store/installations.ts'
import { pullRequestName, savePullRequest } from '#worker/store/pull-requests.ts'
import { findDelivery, receiveDelivery, settleDelivery } from '#worker/store/webhook-deliveries.ts'

const database = openDatabase(env.DB)
const repository = 'octo/widgets'
const head = 'a'.repeat(40)
const now = '2026-11-22T10:00:00.000Z'
let installation = 500

/** Stores the event as the route does and works it off. */
async function work(id: string, event: unknown): Promise<void> {
  await receiveDelivery(database, { id, event: 'x', payload: event, state: 'received', reason: null, now })
  await onWebhook({ type: 'webhook', deliveryId: id }, env)
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
  scriptGitHub()
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

  test('an uninstalled App loses its claim', async () => {
    await createOrganisation('five', installation)
    await work('removed', { kind: 'installation-removed', installation })
    expect(await organisationOfInstallation(database, installation)).toBeNull()
    expect(await stateOf('removed')).toBe('done')
  })
})
