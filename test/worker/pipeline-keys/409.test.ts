import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FakeIssuer } from '#test/fake-issuer.ts'
import { createOrganisation } from '#test/workerd/organisation.ts'
import { askForKey, exchange, keyRequest, letIn, standInIssuer } from '#test/workerd/pipeline.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let issuer: FakeIssuer
beforeAll(async () => {
  issuer = await standInIssuer()
  await letIn(await createOrganisation('acme'))
})
afterAll(() => void vi.restoreAllMocks())

describe('POST /v1/pipeline-keys, 409', () => {
  test('a token is used once, also by who stole it', async () => {
    const token = await issuer.token()
    expect((await exchange(token)).status).toBe(201)
    await expectProblem(await exchange(token), 'identity-token-replayed')
  })

  test('one of two racing requests gets a key, never both', async () => {
    const token = await issuer.token()
    const answers = await Promise.all([exchange(token), exchange(token)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  test('a proof by another key, or for another token, leaves the token unused', async () => {
    const token = await issuer.token()
    const { body } = await keyRequest(token)
    const other = await keyRequest(token)
    await expectProblem(await askForKey({ ...body, proof: other.body.proof }), 'proof-invalid')
    await expectProblem(await askForKey({ ...body, token: await issuer.token() }), 'proof-invalid')
    expect((await askForKey(body)).status).toBe(201)
  })
})
