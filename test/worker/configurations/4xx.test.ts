import { beforeAll, test } from 'vitest'
import { exampleFile } from '#core/policy/subject.ts'
import { collected, pushConfiguration, signConfiguration } from '#test/workerd/configurations.ts'
import { createOrganisation, postEvidence, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { deliver } from '#test/workerd/queue.ts'

let organisation: TestOrganisation
let stranger: TestOrganisation
let id: string
const agents = [collected({ files: [exampleFile('CLAUDE.md', 'instructions')] })]

beforeAll(async () => {
  organisation = await createOrganisation('acme')
  stranger = await createOrganisation('stranger')
  id = (await pushConfiguration(organisation.machine, agents)).id
  await deliver([{ type: 'index', organisation: organisation.id, evidenceId: id }])
})

test('400: a hash that is not that of the configuration, whoever signed it', async () => {
  const envelope = await signConfiguration(organisation.machine.signer, agents, { hash: 'f'.repeat(64) })
  await expectProblem(await postEvidence(organisation.machine.token, envelope), 'statement-malformed')
})

test('400: a cursor that no page gave out', async () => {
  const response = await request('/v1/configurations?cursor=x', { token: organisation.token })
  await expectProblem(response, 'request-malformed')
})

test('401: without a credential', async () => {
  for (const path of ['', `/${id}`, `/${id}/drift`]) {
    await expectProblem(await request(`/v1/configurations${path}`), 'credential-missing')
  }
})

test('404: what is not there, or another organisation’s, also as what to compare with', async () => {
  for (const path of [id, `${id}/drift`]) {
    await expectProblem(await request(`/v1/configurations/${path}`, { token: stranger.token }), 'not-found')
  }
  await expectProblem(await request(`/v1/configurations/${'0'.repeat(64)}`, { token: organisation.token }), 'not-found')
  const own = (await pushConfiguration(stranger.machine, [collected()])).id
  await deliver([{ type: 'index', organisation: stranger.id, evidenceId: own }])
  const response = await request(`/v1/configurations/${own}/drift?since=${id}`, { token: stranger.token })
  await expectProblem(response, 'not-found')
})
