/** The bucket: content-addressed transcripts and the envelopes as they were received, below the organisation's prefix. */
import type { Bytes } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import type { Blobs } from '#core/ports.ts'

/** How the bytes lie in the bucket; a compressed upload is stored as it came, after it was checked. */
export type StoredEncoding = 'identity' | 'gzip'

export interface BlobStore extends Blobs {
  /** As `put`, with bytes that are already compressed. */
  putEncoded(
    key: string,
    bytes: Bytes,
    form: { mediaType: string; encoding: StoredEncoding },
  ): Promise<'created' | 'present'>
}

export function blobsOf(organisation: string, bucket: R2Bucket): BlobStore {
  const path = (key: string): string => `org/${organisation}/blobs/${key}`
  return {
    put: (key, bytes, mediaType) => putOnce(bucket, path(key), bytes, { contentType: mediaType }),
    putEncoded: (key, bytes, { mediaType, encoding }) =>
      putOnce(bucket, path(key), bytes, {
        contentType: mediaType,
        ...(encoding === 'gzip' ? { contentEncoding: 'gzip' } : {}),
      }),
    get: async (key) => {
      const object = await bucket.get(path(key))
      if (object === null) return null
      if (object.httpMetadata?.contentEncoding !== 'gzip') return new Uint8Array(await object.arrayBuffer())
      const plain = object.body.pipeThrough(new DecompressionStream('gzip'))
      return new Uint8Array(await new Response(plain).arrayBuffer())
    },
    has: async (key) => (await bucket.head(path(key))) !== null,
  }
}

export interface Envelopes {
  /** The first envelope of a payload stays; a second signature over the same payload changes nothing. */
  put(evidenceId: string, text: string): Promise<'created' | 'present'>
  /** Throws unavailable where the bucket lost what was acknowledged. */
  get(evidenceId: string): Promise<string>
}

export function envelopesOf(organisation: string, bucket: R2Bucket): Envelopes {
  const path = (id: string): string => `org/${organisation}/evidence/${id}`
  return {
    put: (id, text) => putOnce(bucket, path(id), text, { contentType: 'application/vnd.in-toto+json' }),
    get: async (id) => {
      const object = await bucket.get(path(id))
      if (object === null) {
        throw new Fault('unavailable', {
          message: `The envelope of evidence ${id} is not in the bucket.`,
          hint: 'Restore the bucket from its backup, then send the same request again.',
        })
      }
      return object.text()
    },
  }
}

/** One round trip: the condition makes the bucket itself say whether the object was there. */
async function putOnce(
  bucket: R2Bucket,
  path: string,
  body: Bytes | string,
  httpMetadata: R2HTTPMetadata,
): Promise<'created' | 'present'> {
  const object = await bucket.put(path, body, { httpMetadata, onlyIf: { etagDoesNotMatch: '*' } })
  return object === null ? 'present' : 'created'
}
