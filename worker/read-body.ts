/** Reads request bodies within limits: what is too large is refused before it is held in memory. */
import { gunzipSync } from 'node:zlib'
import { type Bytes, concatBytes } from '#core/evidence/bytes.ts'
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
  const reader = request.body.getReader()
  const chunks: Bytes[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit.bytes) {
      await reader.cancel()
      throw tooLarge(limit)
    }
    chunks.push(value)
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : concatBytes(...chunks)
}

/** Below this, expansion can hurt nobody; short texts full of repetition do compress a thousand times. */
const HARMLESS_BYTES = 1_000_000

/** The plain bytes of a gzip body. Expansion ends at the first byte beyond a limit, so a bomb never unfolds. */
export function expand(gzipped: Bytes, limit: Limit & { readonly ratio: number }): Bytes {
  const byRatio = Math.max(HARMLESS_BYTES, gzipped.length * limit.ratio)
  try {
    return new Uint8Array(gunzipSync(gzipped, { maxOutputLength: Math.min(limit.bytes, byRatio) }))
  } catch (cause) {
    // A RangeError is how workerd reports `maxOutputLength`; all else is about the data.
    if (!(cause instanceof RangeError)) {
      throw new Fault('request-malformed', {
        message: 'The body says `Content-Encoding: gzip` but is not whole gzip data.',
        hint: 'Compress it again (`gzip -c FILE`), or send it without `Content-Encoding`.',
        cause,
      })
    }
    if (limit.bytes <= byRatio) throw tooLarge(limit)
    throw new Fault('compression-ratio', {
      message: `The body expands more than ${limit.ratio} times (${gzipped.length} bytes hold over ${byRatio}).`,
      hint: limit.hint,
    })
  }
}

function tooLarge({ bytes, what, hint }: Limit): Fault {
  return new Fault('body-too-large', { message: `The ${what} is larger than ${bytes} bytes.`, hint })
}
