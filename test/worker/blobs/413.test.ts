import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { MAX_BLOB_BYTES } from '#core/api/evidence.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { createOrganisation, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { gzip, putGzip } from './gzip.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const put = (length: number, body: BodyInit) =>
  request(`/v1/blobs/${'a'.repeat(64)}`, {
    method: 'PUT',
    token: organisation.machine.token,
    headers: { 'content-type': SESSION_MEDIA_TYPE, 'content-length': String(length) },
    body,
  })

describe('PUT /v1/blobs/{sha256} refuses', () => {
  test('a body that announces more than 32 MB', async () => {
    await expectProblem(await put(MAX_BLOB_BYTES + 1, 'x'), 'body-too-large')
  })

  test('a body that is longer than it announces', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_000_000
        controller.enqueue(new Uint8Array(1_000_000))
      },
    })
    await expectProblem(await put(10, endless), 'body-too-large')
    expect(sent).toBeLessThan(MAX_BLOB_BYTES + 5_000_000)
  })

  test('a gzip bomb, by its ratio, long before it is expanded', async () => {
    const bomb = await gzip(new Uint8Array(64_000_000))
    expect(bomb.length).toBeLessThan(100_000)
    await expectProblem(await putGzip(organisation.machine.token, 'a'.repeat(64), bomb), 'compression-ratio')
  })

  test('what expands beyond 32 MB at an honest ratio', async () => {
    // Noise of 6 bits a byte compresses by a quarter, so that only the size can be the reason.
    const noise = new Uint8Array(MAX_BLOB_BYTES + 1)
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536))
    for (let at = 0; at < noise.length; at++) noise[at] = (noise[at] ?? 0) & 0x3f
    await expectProblem(await putGzip(organisation.machine.token, 'a'.repeat(64), await gzip(noise)), 'body-too-large')
    expect((await env.BLOBS.list()).objects).toEqual([])
  })
})
