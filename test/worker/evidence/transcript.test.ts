import { expect, test } from 'vitest'
import { sha256Hex } from '#core/evidence/digest.ts'
import { createOrganisation, pushEvidence, request } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'

test('the transcript of evidence is given byte for byte, on record, until it is erased', async () => {
  const { id: organisation, machine, token } = await createOrganisation('transcripts')
  const accepted = await pushEvidence(machine)
  await settle(organisation, accepted.id)
  const path = `/v1/evidence/${accepted.id}`
  const { transcript } = await (await request(path, { token })).json<{ transcript: string }>()
  const bytes = new Uint8Array(await (await request(`${path}/transcript`, { token })).arrayBuffer())
  expect(await sha256Hex(bytes)).toBe(transcript)
  const { items } = await (await request('/v1/transcript-reads', { token })).json<{ items: { route: string }[] }>()
  expect(items).toMatchObject([{ route: 'GET /v1/evidence/{id}/transcript' }])
  await expectProblem(await request(`/v1/evidence/${'0'.repeat(64)}/transcript`, { token }), 'not-found')
  const session = encodeURIComponent(accepted.sessionId ?? '')
  expect((await request(`/v1/sessions/${session}/transcript`, { method: 'DELETE', token })).status).toBe(200)
  await expectProblem(await request(`${path}/transcript`, { token }), 'transcript-erased')
})
