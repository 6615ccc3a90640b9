import { expect, test } from 'vitest'
import { createOrganisation, postEvidence, putBlob, signEvidence } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

test('evidence whose transcript was not uploaded is refused until it was', async () => {
  const { machine } = await createOrganisation('acme')
  const evidence = await signEvidence(machine.signer)
  const problem = await expectProblem(await postEvidence(machine.token, evidence.envelope), 'transcript-missing')
  expect(problem.hint).toContain(evidence.sha256)

  await putBlob(machine.token, evidence)
  expect((await postEvidence(machine.token, evidence.envelope)).status).toBe(202)
})

test("another organisation's transcript does not count", async () => {
  const [one, other] = [await createOrganisation('one'), await createOrganisation('other')]
  const evidence = await signEvidence(one.machine.signer)
  await putBlob(other.machine.token, evidence)
  await expectProblem(await postEvidence(one.machine.token, evidence.envelope), 'transcript-missing')
})
