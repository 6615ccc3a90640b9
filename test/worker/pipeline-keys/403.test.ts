import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import type { FakeIssuer } from '#test/fake-issuer.ts'
import { createOrganisation, type TestOrganisation } from '#test/workerd/organisation.ts'
import { exchange, letIn, standInIssuer } from '#test/workerd/pipeline.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let issuer: FakeIssuer
let acme: TestOrganisation
beforeAll(async () => {
  issuer = await standInIssuer()
  acme = await createOrganisation('acme')
  await letIn(acme, { ownerId: 815, repositories: [4711] })
})
afterAll(() => void vi.restoreAllMocks())

describe('POST /v1/pipeline-keys, 403', () => {
  test('another repository of the owner', async () => {
    const token = await issuer.token({ repository_id: '4712', repository: 'acme/parser' })
    await expectProblem(await exchange(token), 'pipeline-not-allowed')
  })

  test('a repository with the same name, of whoever has the name now', async () => {
    await expectProblem(await exchange(await issuer.token({ repository_owner_id: '816' })), 'pipeline-not-allowed')
  })

  test('only administrators choose owners', async () => {
    const member = { ...acme, token: acme.machine.token }
    await expectProblem(await letIn(member), 'credential-insufficient')
  })
})
