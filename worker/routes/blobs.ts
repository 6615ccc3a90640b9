/** `PUT /v1/blobs/{sha256}`: redacted transcripts, stored under the digest of their bytes. */
import { createRoute, z } from '@hono/zod-openapi'
import { BlobStored, MAX_BLOB_BYTES, MAX_COMPRESSION_RATIO } from '#core/api/evidence.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { Fault } from '#core/fault.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { expand, readBody } from '../read-body.ts'
import { blobsOf } from '../store/blobs.ts'
import { transcriptErased } from '../transcript-erased.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const putBlob = createRoute({
  method: 'put',
  path: '/v1/blobs/{sha256}',
  summary: 'Store a redacted transcript under the digest of its bytes',
  description: `The body is ${SESSION_MEDIA_TYPE}, plain or with \`Content-Encoding: gzip\`; digest and limit are of the plain bytes.`,
  security: bearer,
  middleware: [authenticate] as const,
  request: { params: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) },
  responses: {
    200: json('The same bytes were there already.', BlobStored),
    201: json('Stored.', BlobStored),
    ...problems(
      'request-malformed',
      'digest-mismatch',
      ...credentialProblems,
      'transcript-erased',
      'length-required',
      'body-too-large',
      'compression-ratio',
      'media-type-unsupported',
    ),
  },
})

const limit = {
  bytes: MAX_BLOB_BYTES,
  ratio: MAX_COMPRESSION_RATIO,
  what: 'transcript',
  hint: 'Send the session without its transcript: set `tier: metadata` in .stemma.yml, then `stemma push`.',
}

export const blobs = createRouter().openapi(putBlob, async (context) => {
  const request = context.req.raw
  const { sha256: announced } = context.req.valid('param')
  const encoding = encodingOf(request)
  requireLength(request)

  const received = await readBody(request, limit)
  const plain = encoding === 'gzip' ? expand(received, limit) : received
  const sha256 = await sha256Hex(plain)
  if (sha256 !== announced) {
    throw new Fault('digest-mismatch', {
      message: `The bytes have the digest ${sha256}, not the announced ${announced}.`,
      hint: 'Send the file whole and unchanged: run `stemma push` again.',
    })
  }

  const { organisation } = context.get('principal')
  const stored = blobsOf(organisation.id, context.env.BLOBS)
  const outcome = await stored.putEncoded(sha256, received, { mediaType: SESSION_MEDIA_TYPE, encoding })
  // The conditional write has left a tombstone where it was; only a repeated upload has to look for one.
  const erasure = outcome === 'present' ? await stored.erasure(sha256) : null
  if (erasure !== null) throw transcriptErased(erasure)
  const created = outcome === 'created'
  return context.json({ sha256, bytes: plain.length, created }, created ? 201 : 200)
})

function encodingOf(request: Request): 'identity' | 'gzip' {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== SESSION_MEDIA_TYPE) {
    throw new Fault('media-type-unsupported', {
      message: `Transcripts are ${SESSION_MEDIA_TYPE}, not ${JSON.stringify(type.slice(0, 100))}.`,
      hint: `Send the header \`Content-Type: ${SESSION_MEDIA_TYPE}\`.`,
    })
  }
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === 'gzip') return encoding
  throw new Fault('media-type-unsupported', {
    message: `The content encoding ${JSON.stringify(encoding.slice(0, 100))} is not accepted.`,
    hint: 'Send the bytes plain, or with `Content-Encoding: gzip`.',
  })
}

function requireLength(request: Request): void {
  if (/^\d+$/.test(request.headers.get('content-length') ?? '')) return
  throw new Fault('length-required', {
    message: 'The request does not say how long its body is.',
    hint: 'Send the header `Content-Length`, for example with `curl --data-binary @FILE`.',
  })
}
