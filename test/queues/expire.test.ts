import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { SessionView } from '#core/api/sessions.ts'
import { expireTranscripts } from '#queues/expire.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { settle } from '#test/workerd/queue.ts'

let organisation: TestOrganisation

beforeEach(async () => {
  organisation = await createOrganisation('acme')
})

const NOW = new Date('2026-12-31T00:00:00Z')
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString()

async function pushed(id: string, repository: string | null, days: number): Promise<void> {
  const accepted = await pushEvidence(organisation.machine, {
    session: smallSession({ id }),
    predicate: { repository },
  })
  await env.DB.prepare('update evidence set received_at = ? where id = ?').bind(daysAgo(days), accepted.id).run()
  await settle(organisation.id, accepted.id)
}

async function erasedIds(ids: readonly string[]): Promise<readonly string[]> {
  const views = await Promise.all(
    ids.map(async (id) =>
      SessionView.parse(await (await request(`/v1/sessions/${id}`, { token: organisation.token })).json()),
    ),
  )
  expect(views.every(({ erasure, transcript }) => (erasure === null) === transcript)).toBe(true)
  expect(views.every(({ erasure }) => erasure === null || erasure.by === 'retention')).toBe(true)
  return views.flatMap(({ session, erasure }) => (erasure === null ? [] : [session.id]))
}

describe('expireTranscripts', () => {
  test('erases nothing where nobody says how long transcripts stay', async () => {
    await pushed('codex:old', 'acme/parser', 3_000)
    expect(await expireTranscripts(env, NOW)).toBe(0)
    expect(await erasedIds(['codex:old'])).toEqual([])
  })

  test("erases what is older than the organisation's days", async () => {
    await pushed('codex:old', 'acme/parser', 31)
    await pushed('codex:nowhere', null, 31)
    await pushed('codex:new', 'acme/parser', 29)
    await sendJson('PUT', '/v1/retention', organisation.token, { days: 30 })
    expect(await expireTranscripts(env, NOW)).toBe(2)
    expect(await erasedIds(['codex:old', 'codex:nowhere', 'codex:new'])).toEqual(['codex:old', 'codex:nowhere'])
    expect(await expireTranscripts(env, NOW)).toBe(0)
  })

  test('takes the shorter of organisation and contract, which may speak of single repositories', async () => {
    await pushed('codex:secret', 'acme/secret', 8)
    await pushed('codex:parser', 'acme/parser', 8)
    await pushed('codex:older', 'acme/parser', 31)
    const text = [
      'apiVersion: stemma.dev/v1',
      'kind: Contract',
      'metadata: { name: secret }',
      'spec: { attach: { repositories: [acme/secret] }, privacy: { retention: 7 } }',
    ].join('\n')
    const written = await request('/v1/contract', {
      method: 'PUT',
      token: organisation.token,
      headers: { 'content-type': 'application/yaml' },
      body: text,
    })
    expect(written.status).toBe(200)
    expect(await expireTranscripts(env, NOW)).toBe(1)
    expect(await erasedIds(['codex:secret', 'codex:parser', 'codex:older'])).toEqual(['codex:secret'])
    await sendJson('PUT', '/v1/retention', organisation.token, { days: 30 })
    expect(await expireTranscripts(env, NOW)).toBe(1)
    expect(await erasedIds(['codex:secret', 'codex:parser', 'codex:older'])).toEqual(['codex:secret', 'codex:older'])
  })

  test('of one organisation leaves another alone', async () => {
    await pushed('codex:old', 'acme/parser', 31)
    const neighbour = await createOrganisation('neighbour')
    await sendJson('PUT', '/v1/retention', neighbour.token, { days: 1 })
    expect(await expireTranscripts(env, NOW)).toBe(0)
    expect(await erasedIds(['codex:old'])).toEqual([])
  })
})
