/** Bodies of the small JSON routes: of the right type and of bounded size before anything reads them. */
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { Fault } from '#core/fault.ts'
import type { AppEnv } from '../context.ts'

/** A contract with a hundred policies is about 20 kB. */
const MAX_JSON_BYTES = 100_000

export const jsonBody = createMiddleware<AppEnv>(async (context, next) => {
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Fault('media-type-unsupported', {
      message: `This route takes application/json, not ${JSON.stringify(type.slice(0, 100))}.`,
      hint: 'Send the header `Content-Type: application/json`.',
    })
  }
  return limit(context, next)
})

const limit = bodyLimit({
  maxSize: MAX_JSON_BYTES,
  onError: () => {
    throw new Fault('body-too-large', {
      message: `The body is larger than ${MAX_JSON_BYTES} bytes.`,
      hint: 'Send less at once; see the description of this route at GET /openapi.json.',
    })
  },
})
