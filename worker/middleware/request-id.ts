/** Gives each request an id, which its answer and its log lines carry. */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'

export const requestId = createMiddleware<AppEnv>(async (context, next) => {
  // Always our own: a caller's id could be made to collide in the logs.
  context.set('requestId', crypto.randomUUID())
  await next()
  context.res.headers.set('x-request-id', context.get('requestId'))
})
