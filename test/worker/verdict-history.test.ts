import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { VerdictHistory } from '#core/api/verdicts.ts'
import { createOrganisation, pushEvidence, request, smallSession } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { deliver, settle } from '#test/workerd/queue.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findEvidence, isAboutSession } from '#worker/store/evidence.ts'
import { saveVerdicts, verdictsOf } from '#worker/store/verdicts.ts'

const session = 'claude-code:judged-often'
const contract = (policies: string) =>
  `apiVersion: stemma.dev/v1\nkind: Contract\nmetadata: {name: rules}\nspec: {policies: [${policies}]}\n`

test('every verdict is kept with the versions of rule and contract that reached it', async () => {
  const organisation = await createOrganisation('acme')
  const apply = (body: string) =>
    request('/v1/contract', {
      method: 'PUT',
      token: organisation.token,
      headers: { 'content-type': 'application/yaml' },
      body,
    })
  const history = async (query = '') => {
    const path = `/v1/sessions/${session}/verdict-history${query}`
    return VerdictHistory.parse(await (await request(path, { token: organisation.machine.token })).json())
  }
  const outcomes = async (policy: string) =>
    (await history(`?policy=${policy}`)).items.map((one) => [
      one.contractVersion,
      one.version,
      one.result,
      one.isPresent,
    ])

  const command = 'git commit --no-verify -m x'
  const call = { at: null, thread: 'main', callId: 'c1', tool: 'Bash', input: {}, paths: [] }
  const { id: evidenceId } = await pushEvidence(organisation.machine, {
    session: smallSession({
      id: session,
      eventCount: 1,
      events: [{ kind: 'toolCall', id: 'e1', category: 'shell', command, ...call }],
    }),
  })
  await settle(organisation.id, evidenceId)
  const again = () => deliver([{ type: 'evaluate', organisation: organisation.id, evidenceId }])
  expect(await outcomes('no-hook-bypass')).toEqual([[1, 1, 'fail', true]])

  expect(
    (await apply(contract('{policy: no-hook-bypass, with: {exempt: ["git commit --no-verify -m x"]}}'))).status,
  ).toBe(200)
  await again()
  await again()
  expect(await outcomes('no-hook-bypass')).toEqual([
    [2, 1, 'pass', true],
    [1, 1, 'fail', false],
  ])
  const { items, isCut } = await history('?policy=no-hook-bypass')
  expect(items.map(({ findings, contractAt }) => [findings, contractAt === null])).toEqual([
    [0, false],
    [1, true],
  ])
  expect(isCut).toBe(false)
  // What the new contract does not name is on record, and is nowhere else.
  expect((await history()).items.filter(({ isPresent }) => isPresent).map(({ policy }) => policy)).toEqual([
    'no-hook-bypass',
  ])
  expect((await outcomes('approved-models'))[0]?.[3]).toBe(false)

  // A rule that was improved judges anew under the same contract.
  const database = openDatabase(env.DB)
  const evidence = await findEvidence(organisation.id, database, evidenceId)
  if (evidence === null || !isAboutSession(evidence)) throw new TypeError('it was pushed above')
  const verdicts = (await verdictsOf(organisation.id, database, evidenceId)).map((one) => ({ ...one, version: 2 }))
  await saveVerdicts(organisation.id, database, { evidence, contractVersion: 2, verdicts })
  // One by an older contract and an older rule that comes late changes nothing.
  const late = verdicts.map((one) => ({ ...one, version: 1 }))
  await saveVerdicts(organisation.id, database, { evidence, contractVersion: 1, verdicts: late })
  expect(await outcomes('no-hook-bypass')).toEqual([
    [2, 2, 'pass', true],
    [2, 1, 'pass', false],
    [1, 1, 'fail', false],
  ])

  const newer = await pushEvidence(organisation.machine, { session: smallSession({ id: session }) })
  await settle(organisation.id, newer.id)
  expect((await history('?policy=no-hook-bypass')).items.map((one) => [one.evidenceId, one.isPresent])).toEqual([
    [newer.id, true],
    ...Array.from({ length: 3 }, () => [evidenceId, false]),
  ])

  const other = await createOrganisation('other')
  await expectProblem(await request(`/v1/sessions/${session}/verdict-history`, { token: other.token }), 'not-found')
})
