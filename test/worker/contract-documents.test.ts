import { beforeAll, describe, expect, test } from 'vitest'
import { ContractApplied, ContractTexts } from '#core/api/contract.ts'
import { SessionView } from '#core/api/sessions.ts'
import { Contract, defaultContract } from '#core/policy/contract.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const putYaml = (text: string, query = '', token = organisation.token) =>
  request(`/v1/contract${query}`, { method: 'PUT', token, headers: { 'content-type': 'application/yaml' }, body: text })
const get = async (query = '') =>
  Contract.parse(await (await request(`/v1/contract${query}`, { token: organisation.machine.token })).json())

const whole = `apiVersion: stemma.dev/v1
kind: Contract
metadata:
  name: everything
spec:
  policies:
    - policy: no-hook-bypass
      gate: true
`
const payments = `apiVersion: stemma.dev/v1
kind: Contract
metadata:
  name: payments
spec:
  attach:
    repositories: [acme/parser]
  policies:
    - policy: approved-agents
`

describe('contracts written as documents', () => {
  test('are tried without effect, applied, and read again', async () => {
    const tried = ContractApplied.parse(await (await putYaml(whole, '?dryRun=true')).json())
    expect(tried).toMatchObject({ version: 1, dryRun: true })
    expect(tried.changes).toContainEqual({
      document: 'Contract everything',
      what: 'policy no-hook-bypass',
      change: 'added',
      before: null,
      after: 'gate true',
    })
    expect(await get()).toEqual(defaultContract)

    const sources = [
      { file: 'whole.yaml', text: whole },
      { file: 'payments.yaml', text: payments },
    ]
    const response = await sendJson('PUT', '/v1/contract?version=1', organisation.token, { sources })
    expect(ContractApplied.parse(await response.json())).toMatchObject({ version: 2, dryRun: false })
    const policies = [{ policy: 'no-hook-bypass', with: {}, gate: true }]
    expect(await get()).toEqual({ name: 'everything', version: 2, policies, missingSession: 'success' })
    expect((await get('?repository=Acme/Parser')).policies).toEqual([
      { policy: 'approved-agents', with: {}, gate: false },
      ...policies,
    ])
    const texts = await request('/v1/contract/documents', { token: organisation.machine.token })
    expect(ContractTexts.parse(await texts.json())).toEqual({ version: 2, sources })
  })

  test('judge evidence by the contract of its repository', async () => {
    const judged = async (repository: string, sessionId: string) => {
      const { id } = await pushEvidence(organisation.machine, {
        session: smallSession({ id: sessionId }),
        predicate: { repository },
      })
      await settle(organisation.id, id)
      const response = await request(`/v1/sessions/${sessionId}`, { token: organisation.token })
      return SessionView.parse(await response.json()).verdicts.map(({ policy }) => policy)
    }
    expect(await judged('acme/parser', 'claude-code:in-parser')).toEqual(['approved-agents', 'no-hook-bypass'])
    expect(await judged('acme/other', 'claude-code:in-other')).toEqual(['no-hook-bypass'])
  })

  test('are no new version where nothing changes', async () => {
    const sources = [{ file: 'all.yaml', text: `${payments}---\n${whole}` }]
    const response = await sendJson('PUT', '/v1/contract', organisation.token, { sources })
    expect(ContractApplied.parse(await response.json())).toEqual({ version: 2, dryRun: false, changes: [] })
  })

  test('are refused as a whole with the lines, and what was in force stays', async () => {
    const problem = await expectProblem(await putYaml(`${whole}  polices: []\n---\n${whole}`), 'request-malformed')
    expect(problem.detail).toContain('contract.yaml:9:3: "polices" is no key of `spec`. (Did you mean `policies`?)')
    expect((await get()).version).toBe(2)
  })

  test('are refused where they change an older version, or come from no administrator', async () => {
    await expectProblem(await putYaml(whole, '?version=1'), 'conflict')
    await expectProblem(await putYaml(whole, '', organisation.machine.token), 'credential-insufficient')
    const text = await request('/v1/contract', {
      method: 'PUT',
      token: organisation.token,
      headers: { 'content-type': 'text/plain' },
      body: whole,
    })
    await expectProblem(text, 'media-type-unsupported')
    await expectProblem(await putYaml('a'.repeat(300_001)), 'body-too-large')
  })

  test('are read again as they were under a former version, so that it can be put in force again', async () => {
    const former = async (version: number) =>
      request(`/v1/contract/documents?version=${version}`, { token: organisation.machine.token })
    const second = ContractTexts.parse(await (await former(2)).json())
    expect(second).toMatchObject({ version: 2, sources: [{ file: 'whole.yaml', text: whole }, {}] })
    // The first was not written as documents, and by nobody.
    const first = ContractTexts.parse(await (await former(1)).json())
    const back = await sendJson('PUT', '/v1/contract?dryRun=true', organisation.token, { sources: first.sources })
    const { changes } = ContractApplied.parse(await back.json())
    expect(changes).toContainEqual(expect.objectContaining({ document: 'Contract default', change: 'added' }))
    expect(changes).toContainEqual(expect.objectContaining({ document: 'Contract everything', change: 'removed' }))
    await expectProblem(await former(9), 'not-found')
    await expectProblem(await former(0), 'request-malformed')
  })

  test('give way to one contract for everything', async () => {
    await sendJson('PUT', '/v1/contract', organisation.token, { ...defaultContract, version: 2 })
    expect(await get('?repository=acme/parser')).toEqual({ ...defaultContract, version: 3 })
    const texts = await request('/v1/contract/documents', { token: organisation.machine.token })
    expect(ContractTexts.parse(await texts.json())).toEqual({ version: 3, sources: null })
  })
})
