/**
 * One REST operation: the caller is authenticated, the body held against GitHub's schema, the work done, and the answer
 * held against GitHub's schema before it leaves.
 */
import { createHash } from 'node:crypto'
import type { Hono, Context as HonoContext } from 'hono'
import type { Context } from './context.ts'
import type { RateLimits } from './rate-limit.ts'
import { rateHeaders } from './rate-limit.ts'
import { notFound, Refusal, refusalBody } from './refusal.ts'
import {
  findRepository,
  formerRepository,
  type PullRequestRecord,
  pullRequestsOf,
  type Repository,
  type Token,
} from './state.ts'
import { grants, type Need, reaches, requireApp, requireToken } from './tokens.ts'

export interface Answer {
  readonly status: number
  /** Undefined: an answer without a body. */
  readonly body?: unknown
  /** Set for the media types that are not JSON. */
  readonly text?: { readonly type: string; readonly content: string | Uint8Array<ArrayBuffer> }
  readonly headers?: Readonly<Record<string, string>>
}

export interface Asked {
  readonly request: Request
  readonly url: URL
  readonly param: (name: string) => string
  readonly query: (name: string) => string | undefined
  /** Accepted by the operation's schema. */
  readonly body: unknown
}

interface AskedByInstallation extends Asked {
  readonly token: Token
}

export interface AskedOfRepository extends AskedByInstallation {
  readonly repository: Repository
}

type Handler<T> = (asked: T) => Answer | Promise<Answer>

export interface Router {
  /** An operation that needs no credential. */
  readonly forAnyone: (operation: string, handler: Handler<Asked>) => void
  /** An operation for the App itself, with its JWT. */
  readonly forApp: (operation: string, handler: Handler<Asked>) => void
  /** An operation for an installation token that names no repository. */
  readonly forInstallation: (operation: string, handler: Handler<AskedByInstallation>) => void
  /** An operation on a repository that the token reaches, with one of the needed permissions. */
  readonly forRepository: (operation: string, need: Need, handler: Handler<AskedOfRepository>) => void
}

/** Parameters that may contain slashes, where nothing follows them. */
const deepParameters = /\{(path|ref|basehead)\}$/

/** `{name}` becomes `:name`; a file's path may be left out altogether, for the root folder. */
function honoPaths(path: string): string[] {
  const whole = path.replace(deepParameters, ':$1{.+}').replaceAll(/\/\{(\w+)\}/g, '/:$1')
  return whole.endsWith('/:path{.+}') ? [whole, whole.replace('/:path{.+}', '')] : [whole]
}

async function readBody(request: Request): Promise<unknown> {
  const text = await request.text()
  if (text === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    return body
  } catch {
    throw new Refusal(400, 'Problems parsing JSON')
  }
}

interface RouterParts {
  readonly app: Hono
  readonly context: Context
  readonly rates: RateLimits
}

/** Requests that GitHub answers although they are wrong are recorded, too: tests assert that there are none. */
function checkedBody(context: Context, id: string, body: unknown): unknown {
  const { specification, state } = context
  const problems = specification.checkRequest(id, body)
  const ignored = specification
    .unknownProperties(id, body)
    .map((name) => `/${name} is not a property that GitHub knows`)
  const all = [...problems, ...ignored]
  if (all.length > 0) state.violations.push({ direction: 'request', operation: id, problems: all })
  if (problems.length > 0) throw new Refusal(422, 'Invalid request.', { errors: problems })
  return body
}

function checkQuery(context: Context, id: string, url: URL): void {
  const { query } = context.specification.operation(id)
  const problems = [...url.searchParams.keys()]
    .filter((name) => !(name in query))
    .map((name) => `?${name} is not a parameter that GitHub knows`)
  if (Number(url.searchParams.get('per_page') ?? '1') > 100) problems.push('?per_page is more than 100')
  if (problems.length > 0) context.state.violations.push({ direction: 'request', operation: id, problems })
}

function checkAnswer(context: Context, id: string, answer: Answer): void {
  if (answer.text !== undefined) return
  const sent: unknown = answer.body === undefined ? null : JSON.parse(JSON.stringify(answer.body))
  const problems = context.specification.checkAnswer(id, answer.status, sent)
  if (problems.length === 0) return
  context.state.violations.push({ direction: 'answer', operation: id, problems })
  throw new Error(`The fake's answer to ${id} is not GitHub's: ${problems.join('; ')}`)
}

function toResponse(answer: Answer, extra: Readonly<Record<string, string>>): Response {
  const headers = { ...extra, ...answer.headers }
  if (answer.text !== undefined)
    return new Response(answer.text.content, {
      status: answer.status,
      headers: { ...headers, 'content-type': answer.text.type },
    })
  if (answer.body === undefined) return new Response(null, { status: answer.status, headers })
  return new Response(JSON.stringify(answer.body), {
    status: answer.status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
  })
}

/** GET answers carry an ETag; when the caller has that version already, it gets 304, which costs no request. */
async function conditional(request: Request, response: Response): Promise<Response> {
  if (request.method !== 'GET' || response.status !== 200) return response
  const bytes = Buffer.from(await response.arrayBuffer())
  const etag = `W/"${createHash('sha256').update(bytes).digest('hex')}"`
  response.headers.set('etag', etag)
  const isSame = request.headers.get('if-none-match') === etag
  return new Response(isSame ? null : bytes, { status: isSame ? 304 : 200, headers: response.headers })
}

export function createRouter({ app, context, rates }: RouterParts): Router {
  /** Answers with rate headers; a Refusal thrown by `work` becomes GitHub's error answer. */
  const answered = async (
    { id, request, caller }: { id: string; request: Request; caller: string },
    work: () => Promise<Answer>,
  ): Promise<Response> => {
    try {
      // Asking how much is left is free.
      if (id !== 'rate-limit/get') rates.count(caller, request.method)
      const answer = await work()
      checkAnswer(context, id, answer)
      const response = await conditional(request, toResponse(answer, {}))
      if (response.status === 304) rates.uncount(caller)
      for (const [name, value] of Object.entries(rateHeaders(rates.state(caller)))) response.headers.set(name, value)
      return response
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      const { documentation } = context.specification.operation(id)
      return toResponse(
        { status: cause.status, body: refusalBody(cause, documentation), headers: cause.headers },
        rateHeaders(rates.state(caller)),
      )
    }
  }

  const asked = async (id: string, { req }: HonoContext): Promise<Asked> => {
    const url = new URL(req.url)
    checkQuery(context, id, url)
    const hasBody = context.specification.operation(id).body !== null
    return {
      request: req.raw,
      url,
      param: (name) => req.param(name) ?? '',
      query: (name) => url.searchParams.get(name) ?? undefined,
      body: hasBody ? checkedBody(context, id, await readBody(req.raw)) : undefined,
    }
  }

  const register = (id: string, handle: (hono: HonoContext) => Promise<Response>): void => {
    const { method, path } = context.specification.operation(id)
    app.on(method, honoPaths(path), handle)
  }

  const withToken = (id: string, handler: (hono: HonoContext, token: Token) => Promise<Answer>): void =>
    register(id, (hono) => {
      const request = hono.req.raw
      const token = ((): Token | Refusal => {
        try {
          return requireToken(context, request)
        } catch (cause) {
          if (cause instanceof Refusal) return cause
          throw cause
        }
      })()
      const caller = token instanceof Refusal ? 'anonymous' : `installation ID ${token.installationId}`
      return answered({ id, request, caller }, async () => {
        if (token instanceof Refusal) throw token
        return handler(hono, token)
      })
    })

  return {
    forAnyone: (id, handler) =>
      register(id, (hono) =>
        answered({ id, request: hono.req.raw, caller: 'anonymous' }, async () => handler(await asked(id, hono))),
      ),
    forApp: (id, handler) =>
      register(id, (hono) =>
        answered({ id, request: hono.req.raw, caller: `app ID ${context.app.id}` }, async () => {
          await requireApp(context, hono.req.raw)
          return handler(await asked(id, hono))
        }),
      ),
    forInstallation: (id, handler) =>
      withToken(id, async (hono, token) => handler({ ...(await asked(id, hono)), token })),
    forRepository: (id, need, handler) =>
      withToken(id, async (hono, token) => {
        const [owner, name] = [hono.req.param('owner') ?? '', hono.req.param('repo') ?? '']
        const repository = findRepository(context.state, owner, name)
        const moved = repository === undefined ? formerRepository(context.state, owner, name) : undefined
        if (moved !== undefined && reaches(context, token, moved)) throw movedPermanently(context, hono, moved)
        if (repository === undefined || !reaches(context, token, repository)) throw notFound()
        if (!grants(token.permissions, need)) throw new Refusal(403, 'Resource not accessible by integration')
        return handler({ ...(await asked(id, hono)), token, repository })
      }),
  }
}

/** Under a former name GitHub names the id, and does nothing. */
function movedPermanently(context: Context, { req }: HonoContext, { id }: Repository): Refusal {
  const { pathname, search } = new URL(req.url)
  const rest = pathname.replace(/^.*?\/repos\/[^/]+\/[^/]+/, '')
  const location = `${context.url()}/repositories/${id}${rest}${search}`
  return new Refusal(req.method === 'GET' ? 301 : 307, 'Moved Permanently', { headers: { location } })
}

/** The pull request of a numbered parameter; 404 as GitHub answers. */
export function pullOf(context: Context, { repository, param }: AskedOfRepository, name: string): PullRequestRecord {
  const number = Number(param(name))
  const pull = pullRequestsOf(context.state, repository).find((candidate) => candidate.number === number)
  if (pull === undefined) throw notFound()
  return pull
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  body,
  headers,
})
