/** Slows down whoever tries out credentials that were handed out: set-up, enrolment and sign-in. */
import { createMiddleware } from 'hono/factory'
import { Fault } from '#core/fault.ts'
import type { AppEnv } from '../context.ts'

export const limitAttempts = createMiddleware<AppEnv>(async (context, next) => {
  // Cloudflare sets the address itself; without it (local runs) all share one budget.
  const address = context.req.header('cf-connecting-ip') ?? 'unknown'
  const { success } = await context.env.ATTEMPTS.limit({ key: address })
  if (!success) {
    throw new Fault('rate-limited', {
      message: 'Too many attempts from this address within a minute.',
      hint: 'Wait a minute, then send the request again.',
    })
  }
  await next()
})
