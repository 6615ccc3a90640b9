/** One request to GitLab's REST API (v4); every refusal becomes a Fault that says when to come again. */
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import type { ForgeRefusal } from '#core/forge-refusal.ts'
import type { GitLabSettings } from './settings.ts'

const TIMEOUT_MS = 15_000

/** Limits of GitLab are counted by the minute; its answers name the time, proxies before it do not always. */
const LIMIT_MS = 60_000

/** Longer lists than this are cut by nothing that people look at; the bound keeps a hostile server from going on. */
const MAX_PAGES = 100

export interface GitLabRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Below `/api/v4`, with a leading slash. */
  readonly path: string
  readonly body?: unknown
}

/** Throws not-found for 404, rate-limited with the time to wait, and forge-unavailable for everything else but 2xx. */
export async function askGitLab(settings: GitLabSettings, request: GitLabRequest): Promise<unknown> {
  return (await send(settings, request)).json
}

/** All pages of a list, in the order of the forge. */
export async function readGitLabPages<T>(
  settings: GitLabSettings,
  path: string,
  schema: z.ZodType<T>,
): Promise<readonly T[]> {
  const items: T[] = []
  let page: string | null = '1'
  for (let count = 0; page !== null && count < MAX_PAGES; count++) {
    const query: string = `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${encodeURIComponent(page)}`
    const { json, response } = await send(settings, { method: 'GET', path: query })
    items.push(...readGitLab(z.array(schema), json))
    page = response.headers.get('x-next-page') || null
  }
  return items
}

async function send({ apiUrl, token }: GitLabSettings, { method, path, body }: GitLabRequest) {
  const what = `${method} ${path.replace(/\?.*$/, '')}`
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        'private-token': token,
        accept: 'application/json',
        'user-agent': 'stemma',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A token is never sent to another host.
      redirect: 'manual',
      signal: controller.signal,
    })
    const text = await response.text()
    if (!response.ok) throw refusal(response, text, what)
    return { response, json: parse(text, what) }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw unavailable(`GitLab did not answer ${what}.`, { status: null, waitMs: null, cause })
  } finally {
    clearTimeout(timer)
  }
}

function refusal({ status, headers }: Response, text: string, what: string): Fault {
  const said = messageOf(text)
  const message = `GitLab answered ${status} to ${what}${said === '' ? '' : `: ${said}`}`
  const asked = Number(headers.get('retry-after') ?? Number.NaN)
  const waitMs = asked >= 0 ? asked * 1_000 : null
  const movedTo = movedProject(headers.get('location'))
  if (status >= 300 && status < 400 && movedTo !== null) {
    return unavailable(`${message}: the project bears another name.`, { status, waitMs: null, movedTo })
  }
  if (status === 404) {
    return new Fault('not-found', {
      message,
      hint: "See that Stemma's account is a member of the project: open the project, Manage, Members.",
      cause: { status, waitMs: null } satisfies ForgeRefusal,
    })
  }
  if (status === 429) {
    return new Fault('rate-limited', {
      message,
      hint: 'Nothing to do: what is to be written waits in the outbox and is sent by itself.',
      cause: { status, waitMs: waitMs ?? LIMIT_MS } satisfies ForgeRefusal,
    })
  }
  if (status !== 401 && status !== 403) return unavailable(message, { status, waitMs })
  return new Fault('forge-unavailable', {
    message,
    hint: 'The token is expired, or may do too little: set one with `npx wrangler secret put GITLAB_TOKEN`.',
    cause: { status, waitMs } satisfies ForgeRefusal,
  })
}

/** Id in the address to which GitLab sends who asks by a former name; never followed, since a token goes to no other host. */
function movedProject(location: string | null): number | null {
  const id = /\/api\/v4\/projects\/([1-9][0-9]{0,14})(?:[/?.]|$)/.exec(location ?? '')?.[1]
  return id === undefined ? null : Number(id)
}

function unavailable(message: string, cause: ForgeRefusal): Fault {
  return new Fault('forge-unavailable', { message, hint: 'Nothing to do: it is tried again by itself.', cause })
}

function parse(text: string, what: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch (cause) {
    throw unavailable(`GitLab's answer to ${what} is not JSON.`, { status: null, waitMs: null, cause })
  }
}

/** Throws forge-unavailable where the answer lacks what we read of it. */
export function readGitLab<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problem = z.prettifyError(parsed.error).slice(0, 300)
  throw unavailable(`GitLab's answer has another form than expected: ${problem}`, { status: null, waitMs: null })
}

/** GitLab says why under `message`, as a text or by field, or under `error`. */
function messageOf(text: string): string {
  try {
    const body = z.object({ message: z.unknown().optional(), error: z.unknown().optional() }).parse(JSON.parse(text))
    const said = body.message ?? body.error ?? ''
    return (typeof said === 'string' ? said : JSON.stringify(said)).slice(0, 300)
  } catch {
    return ''
  }
}
