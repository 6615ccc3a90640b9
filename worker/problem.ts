/** Fault -> RFC 9457 problem details. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { PROBLEM_MEDIA_TYPE, type ProblemDetails } from '#core/api/problem.ts'
import { Fault, faultCodes, isFault } from '#core/fault.ts'
import type { AppEnv } from './context.ts'

/** Where the table of codes is published. */
const CODE_REFERENCE = 'https://stemma.dev/reference/errors'

export function problemResponse(context: Context<AppEnv>, error: unknown): Response {
  const fault = faultOf(error)
  // By the table: a fault out of a durable object arrives without its getters.
  const { title, status } = faultCodes[fault.code]
  const requestId = context.get('requestId')
  // Only what is ours to repair is logged with its cause; refusals are the caller's.
  if (status >= 500) console.error(JSON.stringify({ requestId, code: fault.code, cause: causeOf(error) }))
  const problem: ProblemDetails = {
    type: `${CODE_REFERENCE}#${fault.code}`,
    title,
    status,
    detail: fault.message,
    code: fault.code,
    hint: fault.hint,
    requestId,
  }
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      'content-type': PROBLEM_MEDIA_TYPE,
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="stemma"' } : {}),
      ...(status === 429 ? { 'retry-after': '60' } : {}),
    },
  })
}

function faultOf(error: unknown): Fault {
  if (isFault(error)) return error
  // Hono throws these for bodies that it cannot read.
  if (error instanceof HTTPException && error.status === 400) {
    return new Fault('request-malformed', {
      message: 'The body of the request cannot be read as JSON.',
      hint: 'Send one JSON value in UTF-8; check it with `jq . FILE`.',
      cause: error,
    })
  }
  return new Fault('internal', {
    message: 'The request failed on our side.',
    hint: 'Send the same request again; nothing that was acknowledged is lost. If it fails again, report the request id.',
    cause: error,
  })
}

function causeOf(error: unknown): string {
  return error instanceof Error
    ? `${error.stack ?? error.message}${error.cause ? ` <- ${error.cause}` : ''}`
    : String(error)
}
