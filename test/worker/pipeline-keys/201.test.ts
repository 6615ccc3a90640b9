import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { PipelineKey, PipelineOwnerList } from '#core/api/identity.ts'
import { createIssuer, type FakeIssuer } from '#test/fake-issuer.ts'
import {
  createOrganisation,
  postEvidence,
  pushEvidence,
  putBlob,
  request,
  signEvidence,
  smallCommit,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { askForKey, exchange, keyRequest, letIn } from '#test/workerd/pipeline.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let acme: TestOrganisation
let issuer: FakeIssuer
beforeAll(async () => {
  acme = await createOrganisation('acme')
  await letIn(acme)
  issuer = await createIssuer('https://stemma.test')
})
beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async (input, init) => issuer.answer(new Request(input, init)) ?? new Response('', { status: 404 }),
  )
})
afterEach(() => void vi.restoreAllMocks())

async function pipeline() {
  const token = await issuer.token()
  const { signer, body } = await keyRequest(token)
  const response = await askForKey(body)
  expect(response.status).toBe(201)
  return { signer, key: PipelineKey.parse(await response.json()) }
}

describe('POST /v1/pipeline-keys, 201', () => {
  test('gives a run a key for an hour, of the organisation that takes its owner, and keeps what GitHub said', async () => {
    const { key } = await pipeline()
    expect(key.organisation).toEqual({ id: acme.id, name: 'acme' })
    expect(key.person.name).toBe('acme/parser (GitHub Actions)')
    const minutes = (Date.parse(key.expiresAt) - Date.now()) / 60_000
    expect(minutes).toBeGreaterThan(50)
    expect(minutes).toBeLessThanOrEqual(60)
    const row = await env.DB.prepare('select * from keys where id = ?').bind(key.keyId).first<Record<string, string>>()
    expect(JSON.parse(row?.['pipeline'] ?? '')).toMatchObject({
      repositoryId: 4711,
      ownerId: 815,
      runId: '99',
      event: 'push',
      workflow: 'acme/parser/.github/workflows/ci.yml@refs/heads/main',
    })
    const me = await request('/v1/me', { token: key.token })
    expect(await me.json()).toMatchObject({ role: 'member' })
  })

  test('its evidence is taken for its own repository, and refused for another', async () => {
    const { signer, key } = await pipeline()
    const machine = { token: key.token, keyId: key.keyId, personId: key.person.id, signer }
    expect((await pushEvidence(machine)).id).toMatch(/^[0-9a-f]{64}$/)
    const other = await signEvidence(signer, { predicate: { repository: 'acme/shop' } })
    await putBlob(key.token, other)
    await expectProblem(await postEvidence(key.token, other.envelope), 'repository-mismatch')
  })

  test('after its hour neither token nor key are worth anything', async () => {
    const { signer, key } = await pipeline()
    await env.DB.prepare("update keys set expires_at = '2026-01-01T00:00:00.000Z' where id = ?").bind(key.keyId).run()
    const attribution = [smallCommit('b'.repeat(40), 'claude-code:0b5f1e0a-0001')]
    const late = await signEvidence(signer, { attribution })
    await putBlob(key.token, late)
    await expectProblem(await postEvidence(key.token, late.envelope), 'key-revoked')
    await env.DB.prepare("update credentials set expires_at = '2026-01-01T00:00:00.000Z' where key_id = ?")
      .bind(key.keyId)
      .run()
    // Remembered for a moment, with the time at which it ends.
    const { forgetCredentials } = await import('#worker/middleware/authenticate.ts')
    forgetCredentials()
    await expectProblem(await request('/v1/me', { token: key.token }), 'credential-invalid')
  })

  test('a pipeline does not rotate its key into one that stays', async () => {
    const { key } = await pipeline()
    const body = JSON.stringify({ publicKey: 'AAAA', proof: 'AAAA', endorsement: 'AAAA', name: 'x' })
    const response = await request('/v1/keys/rotation', {
      method: 'POST',
      token: key.token,
      headers: { 'content-type': 'application/json' },
      body,
    })
    await expectProblem(response, 'credential-insufficient')
  })

  test('a renamed repository keeps its id, and is let in by it', async () => {
    await letIn(acme, { ownerId: 815, repositories: [4711] })
    expect((await exchange(await issuer.token({ repository: 'acme/renamed' }))).status).toBe(201)
    await letIn(acme)
  })

  test("reads the issuer's keys once for many runs", async () => {
    await pipeline()
    const before = issuer.reads()
    await pipeline()
    expect(issuer.reads()).toBe(before)
  })
})

describe('/v1/pipeline-owners', () => {
  test('lists, changes and removes', async () => {
    const other = await createOrganisation('of-owners')
    const put = await letIn(other, { ownerId: 900, repositories: [1, 2] })
    expect(PipelineOwnerList.parse(await put.json())).toMatchObject({
      audience: 'https://stemma.test',
      items: [{ ownerId: 900, repositories: [1, 2] }],
    })
    await expectProblem(await letIn(acme, { ownerId: 900 }), 'conflict')
    const remove = () => request('/v1/pipeline-owners/900', { method: 'DELETE', token: other.token })
    expect(await (await remove()).json()).toMatchObject({ items: [] })
    await expectProblem(await remove(), 'not-found')
  })
})
