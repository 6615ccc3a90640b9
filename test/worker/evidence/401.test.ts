import { beforeAll, describe, expect, test } from 'vitest'
import {
  createOrganisation,
  enrolmentToken,
  postEvidence,
  request,
  signEvidence,
  type TestEvidence,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let organisation: TestOrganisation
let evidence: TestEvidence
beforeAll(async () => {
  organisation = await createOrganisation('acme')
  evidence = await signEvidence(organisation.machine.signer)
})

describe('POST /v1/evidence without a valid credential', () => {
  test('none', async () => {
    const response = await request('/v1/evidence', { method: 'POST', body: evidence.envelope })
    await expectProblem(response, 'credential-missing')
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
  })

  test('an unknown one', async () => {
    await expectProblem(await postEvidence('stemma_device_unknown', evidence.envelope), 'credential-invalid')
  })

  test('an enrolment token, which opens another route only', async () => {
    const token = await enrolmentToken(organisation.token, { name: 'Joan', login: 'joan' })
    await expectProblem(await postEvidence(token, evidence.envelope), 'credential-invalid')
  })

  test("a device's token after its key was revoked", async () => {
    const { machine } = organisation
    await request(`/v1/keys/${machine.keyId}`, { method: 'DELETE', token: machine.token })
    await expectProblem(await postEvidence(machine.token, evidence.envelope), 'credential-invalid')
  })
})
