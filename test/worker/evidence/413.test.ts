import { expect, test } from 'vitest'
import { MAX_ENVELOPE_BYTES } from '#core/evidence/envelope.ts'
import { createOrganisation, request } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

test('an envelope beyond 1 MB is refused, announced or not', async () => {
  const { machine } = await createOrganisation('acme')
  const body = new Uint8Array(MAX_ENVELOPE_BYTES + 1).fill(0x20)
  const announced = await request('/v1/evidence', {
    method: 'POST',
    token: machine.token,
    headers: { 'content-length': String(body.length) },
    body,
  })
  await expectProblem(announced, 'body-too-large')

  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 100_000
      controller.enqueue(new Uint8Array(100_000).fill(0x20))
    },
  })
  const streamed = await request('/v1/evidence', { method: 'POST', token: machine.token, body: endless })
  await expectProblem(streamed, 'body-too-large')
  expect(sent).toBeLessThan(2 * MAX_ENVELOPE_BYTES)
})
