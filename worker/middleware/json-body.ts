/** Bodies of the small JSON routes: of the right type and of bounded size before anything reads them. */
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { Fault } from '#core/fault.ts'
import { MAX_DOCUMENT_CHARACTERS } from '#core/policy/document.ts'
import type { AppEnv } from '../context.ts'

/** A contract with a hundred policies is about 20 kB. */
const MAX_JSON_BYTES = 100_000

/** Documents have at most MAX_DOCUMENT_CHARACTERS; as JSON text each may take a few bytes more. */
const MAX_DOCUMENT_BYTES = 3 * MAX_DOCUMENT_CHARACTERS

export const jsonBody = bodyOf({ types: ['application/json'], maxBytes: MAX_JSON_BYTES })
export const documentBody = bodyOf({
  types: ['application/json', 'application/yaml'],
  maxBytes: MAX_DOCUMENT_BYTES,
})

function bodyOf({ types, maxBytes }: { readonly types: readonly string[]; readonly maxBytes: number }) {
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new Fault('body-too-large', {
        message: `The body is larger than ${maxBytes} bytes.`,
        hint: 'Send less at once; see the description of this route at GET /openapi.json.',
      })
    },
  })
  return createMiddleware<AppEnv>(async (context, next) => {
    const type = context.req.header('content-type') ?? ''
    if (!types.includes(mediaType(type))) {
      throw new Fault('media-type-unsupported', {
        message: `This route takes ${types.join(' or ')}, not ${JSON.stringify(type.slice(0, 100))}.`,
        hint: `Send the header \`Content-Type: ${types[0]}\`.`,
      })
    }
    return limit(context, next)
  })
}

/** `application/json` of `Application/JSON; charset=utf-8`. */
export function mediaType(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase()
}
