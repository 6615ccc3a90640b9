/** What every handler has at hand, in the terms of Hono. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import type { Env } from './env.ts'
import type { Principal } from './store/credentials.ts'

export interface AppEnv {
  Bindings: Env
  Variables: {
    requestId: string
    /** Set by `authenticate`. */
    principal: Principal
  }
}

/** A router whose refusals of malformed input are problems like all others. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return
      throw new Fault('request-malformed', {
        message: `The ${result.target} of the request is malformed: ${z.prettifyError(result.error)}`.slice(0, 2_000),
        hint: 'Compare it with the description of this route at GET /openapi.json.',
        cause: result.error,
      })
    },
  })
}
