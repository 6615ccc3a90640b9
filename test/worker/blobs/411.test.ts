import { test } from 'vitest'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { createOrganisation, request } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

test('a body of unannounced length is refused', async () => {
  const { machine } = await createOrganisation('acme')
  const response = await request(`/v1/blobs/${'a'.repeat(64)}`, {
    method: 'PUT',
    token: machine.token,
    headers: { 'content-type': SESSION_MEDIA_TYPE },
    body: new ReadableStream({ pull: (controller) => controller.close() }),
  })
  await expectProblem(response, 'length-required')
})
