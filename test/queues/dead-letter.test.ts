import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DeadLetter } from '#core/api/account.ts'
import type { EvidenceView } from '#core/api/evidence.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { deliver, eventually } from '#test/workerd/queue.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

async function letters(token = organisation.token): Promise<readonly DeadLetter[]> {
  const response = await request('/v1/dead-letters', { token })
  return ((await response.json()) as { items: DeadLetter[] }).items
}

async function stateOf(id: string): Promise<EvidenceView> {
  return (await request(`/v1/evidence/${id}`, { token: organisation.token })).json()
}

const dead = 'stemma-dead-letters'

describe('a message that fails each time', () => {
  test('goes through the real queue to the dead letters and, repaired, back', { timeout: 60_000 }, async () => {
    const { id, ...accepted } = await pushEvidence(organisation.machine)
    const key = `org/${organisation.id}/evidence/${id}`
    const envelope = await (await env.BLOBS.get(key))?.text()
    await env.BLOBS.delete(key)

    const letter = await eventually(async () => {
      const found = (await letters()).find(({ message }) => (message as { evidenceId: string }).evidenceId === id)
      return found ?? null
    })
    expect(letter).toMatchObject({ message: { type: 'index', evidenceId: id }, attempts: 3, replayedAt: null })

    await env.BLOBS.put(key, envelope ?? '')
    expect(await stateOf(id)).toMatchObject({ state: 'failed', reason: expect.stringContaining(letter.id) })
    const replayed = await request(`/v1/dead-letters/${letter.id}/replay`, {
      method: 'POST',
      token: organisation.token,
    })
    expect(replayed.status).toBe(202)
    await eventually(async () => ((await stateOf(id)).state === 'indexed' ? true : null))
    const response = await request(`/v1/sessions/${accepted.sessionId}`, { token: organisation.token })
    expect(response.status).toBe(200)
    expect((await letters()).find((found) => found.id === letter.id)?.replayedAt).not.toBeNull()
  })
})

describe('dead letters', () => {
  test('are kept once, however often they are delivered', async () => {
    const { id } = await pushEvidence(organisation.machine, { session: smallSession({ id: 'claude-code:once' }) })
    const body = { type: 'evaluate', organisation: organisation.id, evidenceId: id }
    await deliver([body], dead)
    const before = (await letters()).length
    const { results } = await env.DB.prepare('select id from dead_letters').all<{ id: string }>()
    const again = { id: results[0]?.id ?? '', timestamp: new Date(), body }
    const { onDeadLetter } = await import('#queues/dead-letter.ts')
    await onDeadLetter(again, env)
    expect((await letters()).length).toBe(before)
  })

  test('of no organisation are shown to none', async () => {
    const before = await letters()
    await deliver([{ type: 'nonsense' }, 'text', null], dead)
    expect(await letters()).toEqual(before)
    const { results } = await env.DB.prepare('select * from dead_letters where organisation is null').all()
    expect(results).toHaveLength(3)
  })

  test('are for administrators, of their own organisation', async () => {
    await expectProblem(
      await request('/v1/dead-letters', { token: organisation.machine.token }),
      'credential-insufficient',
    )
    const other = await createOrganisation('umbrella')
    expect(await letters(other.token)).toEqual([])
    const [letter] = await letters()
    const replay = { method: 'POST', token: other.token }
    await expectProblem(await request(`/v1/dead-letters/${letter?.id}/replay`, replay), 'not-found')
  })
})
