/** The bucket: content-addressed transcripts, tombstones of those that were erased, and the envelopes as they were received, below the organisation's prefix. */
import { gunzipSync } from 'node:zlib'
import { MAX_BLOB_BYTES } from '#core/api/evidence.ts'
import { Erasure } from '#core/api/retention.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import type { Blobs } from '#core/ports.ts'

/** How the bytes lie in the bucket; a compressed upload is stored as it came, after it was checked. */
type StoredEncoding = 'identity' | 'gzip'

/** What lies under a key. */
export type StoredBlob =
  | { readonly state: 'present'; readonly bytes: Bytes }
  | { readonly state: 'erased'; readonly erasure: Erasure }
  | { readonly state: 'missing' }

export interface BlobStore extends Blobs {
  read(key: string): Promise<StoredBlob>
  /** null where the blob is there, or never was. */
  erasure(key: string): Promise<Erasure | null>
  /**
   * Puts a tombstone of no bytes in the place of the blob. R2 keeps no versions and no backups, so what was there is gone,
   * and the condition under which blobs are written refuses it for good. The first erasure stays.
   */
  erase(key: string, erasure: Erasure): Promise<void>
  /** As `put`, with bytes that are already compressed. */
  putEncoded(
    key: string,
    bytes: Bytes,
    form: { mediaType: string; encoding: StoredEncoding },
  ): Promise<'created' | 'present'>
}

/**
 * Blobs that this isolate saw in the bucket a moment ago: a push sends its transcript just before the evidence that names
 * it, and need not ask the bucket for it. No key is ever empty again: what is erased leaves a tombstone.
 */
const seen = new Map<string, number>()
const SEEN_MS = 60_000
/** Some hundred bytes each; when the memory is full it is emptied. */
const MAX_SEEN = 10_000

function remember(path: string): void {
  if (seen.size >= MAX_SEEN) seen.clear()
  seen.set(path, Date.now() + SEEN_MS)
}

export function blobsOf(organisation: string, bucket: R2Bucket): BlobStore {
  const path = (key: string): string => `org/${organisation}/blobs/${key}`
  const put = async (key: string, bytes: Bytes, metadata: R2HTTPMetadata): Promise<'created' | 'present'> => {
    const outcome = await putOnce(bucket, path(key), bytes, metadata)
    remember(path(key))
    return outcome
  }
  const read = async (key: string): Promise<StoredBlob> => {
    const object = await bucket.get(path(key))
    if (object === null) return { state: 'missing' }
    const erased = erasureOf(object)
    if (erased !== null) return { state: 'erased', erasure: erased }
    const stored = new Uint8Array(await object.arrayBuffer())
    const bytes =
      object.httpMetadata?.contentEncoding === 'gzip'
        ? new Uint8Array(gunzipSync(stored, { maxOutputLength: MAX_BLOB_BYTES }))
        : stored
    return { state: 'present', bytes }
  }
  const erasure = async (key: string): Promise<Erasure | null> => {
    const object = await bucket.head(path(key))
    return object === null ? null : erasureOf(object)
  }
  return {
    put: (key, bytes, mediaType) => put(key, bytes, { contentType: mediaType }),
    putEncoded: (key, bytes, { mediaType, encoding }) =>
      put(key, bytes, {
        contentType: mediaType,
        ...(encoding === 'gzip' ? { contentEncoding: 'gzip' } : {}),
      }),
    get: async (key) => {
      const found = await read(key)
      return found.state === 'present' ? found.bytes : null
    },
    read,
    erasure,
    erase: async (key, { at, by }) => {
      if ((await erasure(key)) !== null) return
      await bucket.put(path(key), new Uint8Array(), { customMetadata: { [ERASED_AT]: at, [ERASED_BY]: by } })
    },
    has: async (key) => {
      if ((seen.get(path(key)) ?? 0) > Date.now()) return true
      const isPresent = (await bucket.head(path(key))) !== null
      if (isPresent) remember(path(key))
      return isPresent
    },
  }
}

const ERASED_AT = 'erased-at'
const ERASED_BY = 'erased-by'

function erasureOf({ customMetadata }: R2Object): Erasure | null {
  return Erasure.safeParse({ at: customMetadata?.[ERASED_AT], by: customMetadata?.[ERASED_BY] }).data ?? null
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
