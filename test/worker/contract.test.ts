import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { PolicyCatalogue } from '#core/api/policies.ts'
import { SessionView } from '#core/api/sessions.ts'
import { Contract, defaultContract } from '#core/policy/contract.ts'
import { policies } from '#core/policy/registry.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  smallCommit,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { eventually, settle } from '#test/workerd/queue.ts'
import { openDatabase } from '#worker/store/database.ts'
import { savePullRequest } from '#worker/store/pull-requests.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const put = (contract: unknown, token = organisation.token) => sendJson('PUT', '/v1/contract', token, contract)
const get = async () =>
  Contract.parse(await (await request('/v1/contract', { token: organisation.machine.token })).json())

describe('the contract', () => {
  test('is the default until an administrator writes another', async () => {
    expect(await get()).toEqual(defaultContract)
    await expectProblem(await put(defaultContract, organisation.machine.token), 'credential-insufficient')
  })

  test('gets the next version, and refuses a change of an older one', async () => {
    const wanted = { ...(await get()), name: 'strict', missingSession: 'failure' }
    const response = await put(wanted)
    expect(response.status).toBe(200)
    expect(await get()).toEqual({ ...wanted, version: 2 })
    await expectProblem(await put(wanted), 'conflict')
  })

  test('of two changes of the same version takes one', async () => {
    const wanted = await get()
    const answers = await Promise.all([put({ ...wanted, name: 'one' }), put({ ...wanted, name: 'two' })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect((await get()).version).toBe(wanted.version + 1)
  })

  test('judges open pull requests again', async () => {
    const commit = 'c'.repeat(40)
    const { id, sessionId } = await pushEvidence(organisation.machine, {
      attribution: [smallCommit(commit, 'claude-code:0b5f1e0a-0001')],
    })
    await settle(organisation.id, id)
    await savePullRequest(organisation.id, openDatabase(env.DB), {
      key: { repository: 'acme/parser', number: 1 },
      installation: 1,
      pull: {
        number: 1,
        title: 'Accept empty input',
        state: 'open',
        head: commit,
        base: 'b'.repeat(40),
        headRef: 'topic',
        authorLogin: null,
        updatedAt: '2026-11-20T12:00:00Z',
      },
      commits: [commit],
    })
    await put({ ...(await get()), policies: [{ policy: 'no-hook-bypass', with: {}, gate: true }] })
    const verdicts = await eventually(async () => {
      const response = await request(`/v1/sessions/${sessionId}`, { token: organisation.token })
      const view = SessionView.parse(await response.json())
      return view.verdicts.length === 1 ? view.verdicts : null
    })
    expect(verdicts).toMatchObject([{ policy: 'no-hook-bypass', result: 'pass', gate: true }])
  })

  test('refuses what cannot be evaluated, all problems at once', async () => {
    const entry = { policy: 'approved-agents', with: {}, gate: true }
    const problem = await expectProblem(
      await put({
        ...(await get()),
        policies: [
          entry,
          entry,
          { ...entry, policy: 'made-up' },
          { ...entry, policy: 'approved-models', with: { allow: 3 } },
        ],
      }),
      'request-malformed',
    )
    for (const part of ['named twice', 'made-up', 'approved-models:']) expect(problem.detail).toContain(part)
  })
})

describe('GET /v1/policies', () => {
  test('gives the registry with the parameters as JSON Schema', async () => {
    const response = await request('/v1/policies', { token: organisation.machine.token })
    const { items } = PolicyCatalogue.parse(await response.json())
    expect(items.map(({ id }) => id)).toEqual(policies.map(({ id }) => id))
    expect(items.find(({ id }) => id === 'approved-agents')?.parameters).toMatchObject({
      type: 'object',
      properties: { allow: { type: 'array' } },
    })
  })
})
