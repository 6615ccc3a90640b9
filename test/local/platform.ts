/** The whole platform on loopback: the Worker under wrangler, and a stateful GitHub for it to talk to. */
import { join } from 'node:path'
import { type FakeGitHub, startFakeGitHub } from '../fake-github/server.ts'
import { choosePort } from './port.ts'
import type { Progress } from './progress.ts'
import { newSettings, readSettings, type Settings, writeSettings } from './settings.ts'
import { migrate, type RunningWorker, startWorker } from './worker.ts'

export interface Platform {
  readonly url: string
  readonly github: FakeGitHub
  readonly administratorToken: string
  readonly hasSample: boolean
  readonly keepSample: () => void
  readonly enrolmentToken: (person: {
    readonly name: string
    readonly login: string
  }) => Promise<{ readonly token: string }>
  readonly signInLink: () => Promise<string>
  /** Makes another organisation on the same platform; the answer is its administrator's token. */
  readonly setUpOther: (organisation: string) => Promise<string>
  /** Any route of the API, as the administrator. */
  readonly ask: (path: string, options?: { readonly method?: string; readonly body?: unknown }) => Promise<unknown>
  readonly close: () => Promise<void>
}

interface Options {
  /** Kept between starts; a second start finds organisation, evidence and pull requests again. */
  readonly directory: string
  readonly port: number | null
  readonly organisation: string
  /** How long a pull request waits for more news before it is scored. */
  readonly debounceMilliseconds: number
  readonly progress: Progress
}

const INSTALLATION = 1001
const ACCOUNT = 'example'
/** Of the App's device flow; public, as everybody's is. */
const CLIENT_ID = 'Iv23stemma'

export async function startPlatform(options: Options): Promise<Platform> {
  const { directory, progress } = options
  const known = readSettings(directory) ?? newSettings()
  const port = await choosePort(options.port ?? known.port, 'the platform', { progress })
  const githubPort = await choosePort(known.githubPort, 'the local GitHub', { progress, taken: [port] })
  let settings = writeSettings(directory, { ...known, port, githubPort })

  const github = await progress.step('local GitHub', () =>
    startFakeGitHub({
      port: githubPort,
      appId: settings.appId,
      clientId: CLIENT_ID,
      publicKey: settings.publicKey,
      webhookSecret: settings.webhookSecret,
      persistPath: join(directory, 'github'),
    }),
  )
  const run = async (): Promise<RunningWorker> => {
    await progress.step('database migrations', () => migrate(directory))
    return progress.step('Worker, database, bucket, objects and queues', () =>
      startWorker({
        directory,
        port,
        variables: {
          PUBLIC_URL: `http://127.0.0.1:${port}`,
          GITHUB_API_URL: github.url,
          GITHUB_URL: github.url,
          GITHUB_CLIENT_ID: CLIENT_ID,
          SETUP_TOKEN: settings.setupToken,
          GITHUB_APP_ID: String(settings.appId),
          GITHUB_PRIVATE_KEY: settings.privateKey,
          GITHUB_WEBHOOK_SECRET: settings.webhookSecret,
          GITHUB_WRITE_INTERVAL_MS: '0',
          PULL_REQUEST_DEBOUNCE_MS: String(options.debounceMilliseconds),
        },
      }),
    )
  }
  const worker = await run().catch(async (cause: unknown) => {
    await github.close()
    throw cause
  })
  if (settings.administratorToken === null) {
    settings = writeSettings(directory, {
      ...settings,
      administratorToken: await setUp(worker.url, settings, options.organisation, [
        { id: INSTALLATION, account: ACCOUNT },
      ]),
    })
  }
  const token = settings.administratorToken ?? ''
  // Only now somebody listens; before that every delivery would fail.
  github.setWebhook(`${worker.url}/webhooks/github`)
  github.install({ id: INSTALLATION, account: ACCOUNT })
  // `stemma login` lets in whom the local GitHub knows: there is nobody on this machine who is not meant.
  await askAs(worker.url, token, '/v1/sign-up', { method: 'PUT', body: { signUp: 'installation' } })
  // Nothing else rings the clock on loopback: what was lost while the platform was down is asked for again.
  const clock = setInterval(() => void ring(worker.url), CLOCK_MILLISECONDS)
  await ring(worker.url)
  const ask: Platform['ask'] = (path, request = {}) => askAs(worker.url, token, path, request)
  return {
    url: worker.url,
    github,
    administratorToken: token,
    hasSample: settings.hasSample,
    keepSample: () => void writeSettings(directory, { ...settings, hasSample: true }),
    enrolmentToken: async (person) =>
      (await ask('/v1/enrolment-tokens', { method: 'POST', body: { person } })) as { token: string },
    signInLink: async () => ((await ask('/v1/sign-in-links', { method: 'POST' })) as { url: string }).url,
    ask,
    setUpOther: (organisation) => setUp(worker.url, settings, organisation, []),
    close: async () => {
      clearInterval(clock)
      // Deliveries under way are still answered; what comes later finds nobody and is asked for again by the clock.
      await github.settled()
      await worker.close()
      await github.close()
    },
  }
}

const CLOCK_MILLISECONDS = 60_000

/** Runs the Worker's scheduled handler, as Cloudflare does by the cron of wrangler.toml. */
async function ring(url: string): Promise<void> {
  await fetch(`${url}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*`).catch(() => undefined)
}

async function setUp(
  url: string,
  settings: Settings,
  organisation: string,
  installations: readonly { readonly id: number; readonly account: string }[],
): Promise<string> {
  const body = { organisation, administrator: { name: 'Administrator', login: 'administrator' }, installations }
  const { token } = (await askAs(url, settings.setupToken, '/v1/setup', { method: 'POST', body })) as { token: string }
  return token
}

interface Request {
  readonly method?: string
  readonly body?: unknown
}

async function askAs(url: string, token: string, path: string, { method = 'GET', body }: Request): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}
