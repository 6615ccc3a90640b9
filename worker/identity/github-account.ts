/** What GitHub says of an account: the device flow by which a person signs in, and the SSH keys that it publishes. */
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import type { Env } from '../env.ts'
import { appAuthorization } from '../github/app.ts'
import { askGitHub, readAnswer } from '../github/request.ts'
import { gitHubSettings } from '../github/settings.ts'
import type { GitHubAccount } from '../store/identity.ts'

const TIMEOUT_MS = 15_000
/** RFC 8628 section 3.4. */
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

const Started = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(1),
  verification_uri: z.url(),
  expires_in: z.int().positive(),
  interval: z.int().positive().default(5),
})

/** Begins the flow; throws unavailable where the operator has not switched it on. */
export async function startDeviceFlow(env: Env): Promise<z.infer<typeof Started>> {
  const answer = await askOAuth(env, '/login/device/code', { client_id: clientId(env) })
  const started = Started.safeParse(answer)
  if (started.success) return started.data
  throw new Fault('forge-unavailable', {
    message: `GitHub did not begin a sign-in: ${errorOf(answer)}.`,
    hint: 'See that the App has its device flow switched on, in its settings at https://github.com/settings/apps.',
  })
}

export type DeviceFlow =
  | { readonly status: 'pending'; readonly intervalSeconds: number }
  /** Of the person; it is used at once and never stored. */
  | { readonly status: 'granted'; readonly token: string }

const DEFAULT_INTERVAL_SECONDS = 5

/** Throws sign-in-denied where the person said no, or nothing for too long. */
export async function pollDeviceFlow(env: Env, deviceCode: string): Promise<DeviceFlow> {
  const answer = await askOAuth(env, '/login/oauth/access_token', {
    client_id: clientId(env),
    device_code: deviceCode,
    grant_type: GRANT_TYPE,
  })
  const { error, access_token: token, interval = DEFAULT_INTERVAL_SECONDS } = Polled.parse(answer)
  if (token !== undefined) return { status: 'granted', token }
  if (error === 'authorization_pending') return { status: 'pending', intervalSeconds: interval }
  // RFC 8628 section 3.5: five seconds more than before, where the new interval is not told.
  if (error === 'slow_down') return { status: 'pending', intervalSeconds: Math.max(interval, 10) }
  if (error === 'access_denied' || error === 'expired_token' || error === 'incorrect_device_code') {
    throw new Fault('sign-in-denied', {
      message: denials[error],
      hint: 'Begin again with `stemma login`.',
    })
  }
  throw new Fault('forge-unavailable', {
    message: `GitHub did not finish the sign-in: ${errorOf(answer)}.`,
    hint: 'Begin again with `stemma login`; where it stays so, ask for an enrolment token: `stemma login --token TOKEN`.',
  })
}

const Polled = z.object({
  access_token: z.string().min(1).optional(),
  error: z.string().optional(),
  interval: z.int().positive().optional(),
})

const denials = {
  access_denied: 'The sign-in was refused on GitHub.',
  expired_token: 'Nobody entered the code in time.',
  incorrect_device_code: 'GitHub does not know this sign-in, or it was finished before.',
} as const

const User = z.object({ id: z.int().positive(), login: z.string().min(1), name: z.string().nullish() })
const Installations = z.object({ installations: z.array(z.object({ id: z.int() })) })

/** Who holds the token, and the installations of our App that GitHub lets this person see. */
export async function accountOf(
  env: Env,
  token: string,
): Promise<{ readonly account: GitHubAccount; readonly installations: readonly number[] }> {
  const settings = { apiUrl: env.GITHUB_API_URL.replace(/\/+$/, ''), appId: '', privateKey: '' }
  const authorization = `Bearer ${token}`
  const ask = (path: string) => askGitHub(settings, { method: 'GET', path, authorization })
  const { id, login, name } = readAnswer(User, await ask('/user'))
  const installations: number[] = []
  for (let path: string | null = '/user/installations?per_page=100'; path !== null; ) {
    const page = await ask(path)
    installations.push(...readAnswer(Installations, page).installations.map((one) => one.id))
    path = page.next
  }
  return { account: { id, login, name: (name || login).slice(0, 100) }, installations }
}

const InstallationToken = z.object({ token: z.string().min(1) })
const PublishedKeys = z.array(z.object({ key: z.string() }))

/** Lines of the SSH keys on the account now; null where no App is connected. Throws forge-unavailable or rate-limited. */
export async function publishedKeys(
  env: Env,
  { login, installation }: { readonly login: string; readonly installation: number },
): Promise<readonly string[] | null> {
  const settings = gitHubSettings(env)
  if (settings === null) return null
  const issued = await askGitHub(settings, {
    method: 'POST',
    path: `/app/installations/${installation}/access_tokens`,
    authorization: await appAuthorization(settings),
    body: { permissions: { metadata: 'read' } },
  })
  const { token } = readAnswer(InstallationToken, issued)
  const path = `/users/${encodeURIComponent(login)}/keys?per_page=100`
  const answer = await askGitHub(settings, { method: 'GET', path, authorization: `token ${token}` })
  return readAnswer(PublishedKeys, answer).map(({ key }) => key)
}

const Installation = z.object({ account: z.object({ id: z.int() }).nullable() })

/** Whose the installation is, by id; null where no App is connected. */
export async function ownerOfInstallation(env: Env, installation: number): Promise<number | null> {
  const settings = gitHubSettings(env)
  if (settings === null) return null
  const answer = await askGitHub(settings, {
    method: 'GET',
    path: `/app/installations/${installation}`,
    authorization: await appAuthorization(settings),
  })
  return readAnswer(Installation, answer).account?.id ?? null
}

function clientId({ GITHUB_CLIENT_ID }: Env): string {
  if (GITHUB_CLIENT_ID) return GITHUB_CLIENT_ID
  throw new Fault('unavailable', {
    message: 'This platform is not set up for signing in with GitHub.',
    hint: 'Ask an administrator for an enrolment token: `stemma login --token TOKEN`.',
  })
}

/** GitHub answers refusals with status 200 and a field `error`. */
async function askOAuth(env: Env, path: string, body: Readonly<Record<string, string>>): Promise<unknown> {
  const address = (env.GITHUB_URL ?? 'https://github.com').replace(/\/+$/, '')
  try {
    const response = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'stemma' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) throw new TypeError(`status ${response.status}`)
    return z.record(z.string(), z.unknown()).parse(await response.json())
  } catch (cause) {
    throw new Fault('forge-unavailable', {
      message: `GitHub did not answer POST ${path} as it should.`,
      hint: 'Try again in a moment: `stemma login`.',
      cause,
    })
  }
}

function errorOf(answer: unknown): string {
  return (Polled.safeParse(answer).data?.error ?? 'an answer of another form').slice(0, 100)
}
