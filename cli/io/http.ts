/** Requests to the Stemma server: a deadline for each, the device's token, and problem+json read back into a Fault. */
import { z } from 'zod'
import { PROBLEM_MEDIA_TYPE, ProblemDetails } from '#core/api/problem.ts'
import { Fault, type FaultCode, faultCodes } from '#core/fault.ts'
import { USER_AGENT } from '../version.ts'

/** A slow uplink needs about 10 s for the 5 MB that a large compressed transcript has. */
const REQUEST_MILLISECONDS = 30_000

interface ApiRequest<Answer> {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'DELETE'
  /** Begins with `/`; joined to the server's address. */
  readonly path: string
  readonly token?: string
  readonly body?: Uint8Array<ArrayBuffer> | string
  readonly headers?: Readonly<Record<string, string>>
  readonly answer: z.ZodType<Answer>
  /** For the sum of several requests; the request ends at whichever limit comes first. */
  readonly signal?: AbortSignal
  readonly milliseconds?: number
}

/**
 * Throws server-unreachable where no answer came in time, the server's own fault where it answered with a problem, and
 * `unavailable` where something else answered in its place (a proxy's error page).
 */
export async function callApi<Answer>(server: string, request: ApiRequest<Answer>): Promise<Answer> {
  const response = await send(server, request)
  const text = await readBody(server, response)
  if (!response.ok) throw faultOf(server, response, text)
  const parsed = request.answer.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Fault('unavailable', {
    message: `${server} answered ${request.method} ${request.path} with something that this version does not understand.`,
    hint: 'Check the address in .stemma.yml, or update: `npm install -g stemma`.',
    cause: parsed.error,
  })
}

/** Bytes as they are served; null where there is nothing under the path. Throws as `callApi`. */
export async function download(
  server: string,
  request: { readonly path: string; readonly token?: string },
): Promise<Uint8Array<ArrayBuffer> | null> {
  const response = await send(server, { ...request, method: 'GET', answer: z.unknown() })
  if (response.status === 404) return null
  if (!response.ok) throw faultOf(server, response, await readBody(server, response))
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (problem) {
    throw unreachable(server, problem)
  }
}

async function send<Answer>(server: string, request: ApiRequest<Answer>): Promise<Response> {
  const own = AbortSignal.timeout(request.milliseconds ?? REQUEST_MILLISECONDS)
  try {
    return await fetch(`${server}${request.path}`, {
      method: request.method,
      headers: {
        accept: `application/json, ${PROBLEM_MEDIA_TYPE}`,
        'user-agent': USER_AGENT,
        ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      // Evidence and token go to the address that was configured and to no other.
      redirect: 'manual',
      signal: request.signal === undefined ? own : AbortSignal.any([own, request.signal]),
    })
  } catch (problem) {
    throw unreachable(server, problem)
  }
}

async function readBody(server: string, response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (problem) {
    throw unreachable(server, problem)
  }
}

function faultOf(server: string, response: Response, text: string): Fault {
  const problem = ProblemDetails.safeParse(parseJson(text))
  if (problem.success && isFaultCode(problem.data.code)) {
    return new Fault(problem.data.code, {
      message: `${problem.data.detail} (request ${problem.data.requestId})`,
      hint: problem.data.hint,
    })
  }
  if (response.status >= 300 && response.status < 400) {
    return new Fault('unavailable', {
      message: `${server} redirects to ${response.headers.get('location') ?? 'another address'}; evidence is not sent there.`,
      hint: 'Put the address itself into .stemma.yml: `stemma init --server URL`.',
    })
  }
  return new Fault(response.status === 429 ? 'rate-limited' : response.status === 404 ? 'not-found' : 'unavailable', {
    message: `${server} answered with status ${response.status} and no explanation.`,
    hint: 'Check the address in .stemma.yml, then `stemma doctor`.',
  })
}

function isFaultCode(code: string): code is FaultCode {
  return code in faultCodes
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function unreachable(server: string, cause: unknown): Fault {
  const isLate = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError')
  return new Fault('server-unreachable', {
    message: isLate ? `${server} did not answer in time.` : `${server} cannot be reached.`,
    hint: 'Evidence is kept; send it when the server is back: `stemma push --retry`.',
    cause,
  })
}
