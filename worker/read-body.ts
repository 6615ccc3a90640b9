/** Reads request bodies within limits: what is too large is refused before it is held in memory. */
import { type Bytes, concatBytes, toHex } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'

interface Limit {
  readonly bytes: number
  /** What the body is, for the message: "envelope", "transcript". */
  readonly what: string
  readonly hint: string
}

/** Throws body-too-large as soon as the limit is passed, announced or real. */
export async function readBody(request: Request, limit: Limit): Promise<Bytes> {
  if (Number(request.headers.get('content-length') ?? 0) > limit.bytes) throw tooLarge(limit)
  if (request.body === null) return new Uint8Array()
  const chunks: Bytes[] = []
  let length = 0
  for await (const chunk of chunksOf(request.body)) {
    length += chunk.length
    if (length > limit.bytes) throw tooLarge(limit)
    chunks.push(chunk)
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : concatBytes(...chunks)
}

export interface Expanded {
  readonly bytes: number
  /** Hex SHA-256 of the expanded bytes. */
  readonly sha256: string
}

/** Below this, expansion can hurt nobody; short texts full of repetition do compress a thousand times. */
const HARMLESS_BYTES = 1_000_000

/** Counts and hashes what a gzip body expands to, without ever holding it; stops at the first byte beyond a limit. */
export async function measureGzip(gzipped: Bytes, limit: Limit & { readonly ratio: number }): Promise<Expanded> {
  const digest = new crypto.DigestStream('SHA-256')
  const writer = digest.getWriter()
  // Cut short, the stream of the digest fails too; the refusal below says why.
  digest.digest.catch(() => undefined)
  let length = 0
  try {
    const expanded = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream('gzip'))
    for await (const chunk of chunksOf(expanded)) {
      length += chunk.length
      if (length > limit.bytes) throw tooLarge(limit)
      if (length > HARMLESS_BYTES && length > gzipped.length * limit.ratio) {
        throw new Fault('compression-ratio', {
          message: `The body expands more than ${limit.ratio} times (${gzipped.length} bytes hold over ${length}).`,
          hint: limit.hint,
        })
      }
      await writer.write(chunk)
    }
    await writer.close()
  } catch (cause) {
    await writer.abort().catch(() => undefined)
    if (cause instanceof Fault) throw cause
    throw new Fault('request-malformed', {
      message: 'The body says `Content-Encoding: gzip` but is not whole gzip data.',
      hint: 'Compress it again (`gzip -c FILE`), or send it without `Content-Encoding`.',
      cause,
    })
  }
  return { bytes: length, sha256: toHex(new Uint8Array(await digest.digest)) }
}

/** Chunks of bytes; leaving the loop early cancels the source. */
async function* chunksOf(stream: ReadableStream): AsyncGenerator<Bytes> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) {
        throw new TypeError('a body is read as bytes')
      }
      yield new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function tooLarge({ bytes, what, hint }: Limit): Fault {
  return new Fault('body-too-large', { message: `The ${what} is larger than ${bytes} bytes.`, hint })
}
