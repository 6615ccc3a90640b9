import { beforeAll, describe, expect, test } from 'vitest'
import {
  createOrganisation,
  enrolMachine,
  type Machine,
  pushEvidence,
  putBlob,
  request,
  sendJson,
  signEvidence,
  smallSession,
  type TestEvidence,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'

let organisation: TestOrganisation
let other: Machine
let evidence: TestEvidence
let path: string

beforeAll(async () => {
  organisation = await createOrganisation('acme')
  other = await enrolMachine(organisation.token, { name: 'Rowan', login: 'rowan' })
  evidence = await signEvidence(organisation.machine.signer)
  const { id, sessionId } = await pushEvidence(organisation.machine)
  await settle(organisation.id, id)
  path = `/v1/sessions/${encodeURIComponent(sessionId)}`
})

describe('403', () => {
  test("nobody erases a colleague's transcript", async () => {
    const response = await request(`${path}/transcript`, { method: 'DELETE', token: other.token })
    await expectProblem(response, 'credential-insufficient')
    expect((await request(`${path}/events`, { token: other.token })).status).toBe(200)
  })

  test('a member does not say how long transcripts stay', async () => {
    await expectProblem(await sendJson('PUT', '/v1/retention', other.token, { days: 1 }), 'credential-insufficient')
  })
})

describe('401', () => {
  test("an auditor's token reads who read, and nothing more", async () => {
    const issued = await sendJson('POST', '/v1/log/auditor-tokens', organisation.token, {})
    const { token } = await issued.json<{ token: string }>()
    expect((await request('/v1/transcript-reads', { token })).status).toBe(200)
    await expectProblem(await request(`${path}/events`, { token }), 'credential-invalid')
    await expectProblem(await request(`${path}/transcript`, { method: 'DELETE', token }), 'credential-invalid')
  })
})

describe('400', () => {
  test.each([{ days: 0 }, { days: -1 }, { days: 1.5 }, { days: 100_000 }, { days: '30' }, {}])(
    'is no retention: %j',
    async (body) => {
      await expectProblem(await sendJson('PUT', '/v1/retention', organisation.token, body), 'request-malformed')
    },
  )
})

describe('404', () => {
  test('there is no such session, or it came without a transcript', async () => {
    const none = await request('/v1/sessions/nobody:1/transcript', { method: 'DELETE', token: organisation.token })
    await expectProblem(none, 'not-found')
    const { id, sessionId } = await pushEvidence(organisation.machine, {
      session: smallSession({ id: 'codex:without' }),
      predicate: { transcript: null },
    })
    await settle(organisation.id, id)
    const without = `/v1/sessions/${encodeURIComponent(sessionId)}/transcript`
    await expectProblem(await request(without, { method: 'DELETE', token: organisation.token }), 'not-found')
  })
})

describe('410', () => {
  test('an erased transcript is neither read nor taken again', async () => {
    expect((await request(`${path}/transcript`, { method: 'DELETE', token: organisation.token })).status).toBe(200)
    await expectProblem(await request(`${path}/events`, { token: organisation.token }), 'transcript-erased')
    for (const machine of [organisation.machine, other]) {
      await expectProblem(await putBlob(machine.token, evidence), 'transcript-erased')
    }
  })
})
