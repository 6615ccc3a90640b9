import { beforeAll, describe, test } from 'vitest'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { createOrganisation, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

describe('PUT /v1/blobs/{sha256} refuses', () => {
  test.each([
    ['another type', { 'content-type': 'text/html' }],
    ['no type', {}],
    ['another encoding', { 'content-type': SESSION_MEDIA_TYPE, 'content-encoding': 'br' }],
    ['two encodings', { 'content-type': SESSION_MEDIA_TYPE, 'content-encoding': 'gzip, gzip' }],
  ])('%s', async (_, headers) => {
    const response = await request(`/v1/blobs/${'a'.repeat(64)}`, {
      method: 'PUT',
      token: organisation.machine.token,
      headers: { 'content-length': '1', ...headers },
      body: new Uint8Array(1),
    })
    await expectProblem(response, 'media-type-unsupported')
  })
})
