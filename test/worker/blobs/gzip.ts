import type { Bytes } from '#core/evidence/bytes.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { request } from '#test/workerd/organisation.ts'

export async function gzip(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

export function putGzip(token: string, sha256: string, body: Bytes): Promise<Response> {
  return request(`/v1/blobs/${sha256}`, {
    method: 'PUT',
    token,
    headers: {
      'content-type': SESSION_MEDIA_TYPE,
      'content-encoding': 'gzip',
      'content-length': String(body.length),
    },
    body,
  })
}
