/** One request to GitHub's REST API; every refusal becomes a Fault that says when to come again. */
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import type { ForgeRefusal } from '#core/forge-refusal.ts'
import type { GitHubSettings } from './settings.ts'

/** GitHub answers within 10 s or gives up itself. */
const TIMEOUT_MS = 15_000

/** GitHub asks for at least a minute after a secondary limit without a `retry-after`. */
const SECONDARY_LIMIT_MS = 60_000

export interface GitHubRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** From the API's root, with a leading slash, or a whole address out of a `Link` header. */
  readonly path: string
  /** null where GitHub asks for none: what is in the path proves enough. */
  readonly authorization: string | null
  readonly body?: unknown
  /** Media type of the answer; JSON unless told otherwise. */
  readonly accept?: string
}

export interface GitHubAnswer {
  readonly status: number
  readonly json: unknown
  /** Address of the next page, null on the last one. */
  readonly next: string | null
}

/** As `askGitHub`, where the answer is a text or a file. */
export async function askGitHubForBytes(
  settings: GitHubSettings,
  request: GitHubRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const { response, bytes } = await send(settings, request)
  if (response.ok) return bytes
  throw refusal(response, new TextDecoder().decode(bytes), `${request.method} ${pathOf(request.path)}`)
}

/** Throws not-found for 404, rate-limited with the time to wait, and forge-unavailable for everything else but 2xx. */
export async function askGitHub(settings: GitHubSettings, request: GitHubRequest): Promise<GitHubAnswer> {
  const { response, bytes } = await send(settings, request)
  const text = new TextDecoder().decode(bytes)
  const what = `${request.method} ${pathOf(request.path)}`
  if (!response.ok) throw refusal(response, text, what)
  return { status: response.status, json: text === '' ? null : parse(text, what), next: nextPage(response, settings) }
}

async function send(
  settings: GitHubSettings,
  { method, path, authorization, body, accept = 'application/vnd.github+json' }: GitHubRequest,
): Promise<{ readonly response: Response; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const url = path.startsWith('/') ? `${settings.apiUrl}${path}` : path
  // Not AbortSignal.timeout: its timer goes on after the answer and would keep a durable object awake for as long.
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(authorization === null ? {} : { authorization }),
        accept,
        'user-agent': 'stemma',
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: controller.signal,
    })
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
  } catch (cause) {
    throw unavailable(`GitHub did not answer ${method} ${pathOf(path)}.`, { status: null, waitMs: null, cause })
  } finally {
    clearTimeout(timer)
  }
}

function refusal(response: Response, text: string, what: string): Fault {
  const { status, headers } = response
  const said = messageOf(text)
  const message = `GitHub answered ${status} to ${what}${said === '' ? '' : `: ${said}`}`
  if (status === 404) {
    return new Fault('not-found', {
      message,
      hint: 'See that the GitHub App is installed on the repository: open `/setup/github` of this deployment.',
      cause: { status, waitMs: null } satisfies ForgeRefusal,
    })
  }
  const movedTo = repositoryIn(status, headers.get('location'))
  if (movedTo !== null) {
    return unavailable(`${message}: the repository bears another name.`, { status, waitMs: null, movedTo })
  }
  const waitMs = limitWait(status, headers, said)
  if (waitMs === null) return unavailable(message, { status, waitMs: secondsOf(headers.get('retry-after')) })
  return new Fault('rate-limited', {
    message,
    hint: 'Nothing to do: what is to be written waits in the outbox and is sent by itself.',
    cause: { status, waitMs } satisfies ForgeRefusal,
  })
}

/** Id in the address to which GitHub sends who asks by a former name (docs, "Follow redirects"). It is never followed: a token goes to no other host. */
function repositoryIn(status: number, location: string | null): number | null {
  if (![301, 302, 307, 308].includes(status)) return null
  const id = /\/repositories\/([1-9][0-9]{0,14})(?:[/?]|$)/.exec(location ?? '')?.[1]
  return id === undefined ? null : Number(id)
}

/** null where the refusal has nothing to do with rates. */
function limitWait(status: number, headers: Headers, said: string): number | null {
  if (status !== 403 && status !== 429) return null
  const asked = secondsOf(headers.get('retry-after'))
  if (asked !== null) return asked
  const reset = Number(headers.get('x-ratelimit-reset'))
  if (headers.get('x-ratelimit-remaining') === '0' && reset > 0) return Math.max(1_000, reset * 1_000 - Date.now())
  return status === 429 || /rate limit/i.test(said) ? SECONDARY_LIMIT_MS : null
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header)
  return header === null || header === '' || !(seconds >= 0) ? null : seconds * 1_000
}

function unavailable(message: string, cause: ForgeRefusal): Fault {
  return new Fault('forge-unavailable', {
    message,
    hint: 'Nothing to do: it is tried again; GitHub tells about incidents at https://www.githubstatus.com.',
    cause,
  })
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unavailable(`GitHub's answer to ${what} is not JSON.`, { status: null, waitMs: null, cause })
  }
}

/** Throws forge-unavailable where the answer lacks what we read of it. */
export function readAnswer<T>(schema: z.ZodType<T>, { json }: GitHubAnswer): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problem = z.prettifyError(parsed.error).slice(0, 300)
  throw unavailable(`GitHub's answer has another form than expected: ${problem}`, { status: null, waitMs: null })
}

function messageOf(text: string): string {
  try {
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(text))
    return message.slice(0, 300)
  } catch {
    return ''
  }
}

/** Only pages of the API itself: a token is never sent to another host. */
function nextPage(response: Response, { apiUrl }: GitHubSettings): string | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  return next?.startsWith(`${apiUrl}/`) ? next : null
}

function pathOf(path: string): string {
  return path.startsWith('/') ? path : new URL(path).pathname
}
