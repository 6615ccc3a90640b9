/**
 * A strict, stateful GitHub on this machine: REST, git over HTTP, webhooks and pages, over real bare git repositories.
 *
 * @example
 * const github = await startFakeGitHub({ appId: 7, privateKeyPem, webhookSecret: 'secret', webhookUrl })
 * await github.createRepository({ owner: 'acme', name: 'shop' })
 * github.install({ account: 'acme' })
 * // git push http://127.0.0.1:PORT/acme/shop.git main feature
 * await github.createPullRequest({ owner: 'acme', name: 'shop', title: 'Add a till', head: 'feature' })
 * await github.settled()
 */
import { createPublicKey } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from './app.ts'
import type { Context, RegisteredApp } from './context.ts'
import { createDeviceFlow, type DeviceFlow } from './device-flow.ts'
import { createFaults, type Faults, type RequestAim, type RequestFault } from './faults.ts'
import { sendResponse, toRequest } from './http.ts'
import { loadSpecification } from './openapi.ts'
import { type People, people } from './people.ts'
import { loadState, persistence } from './persistence.ts'
import { followPushes } from './pushes.ts'
import {
  createAccount,
  createRepository,
  install,
  type NewAccount,
  type NewInstallation,
  type NewRepository,
  selectRepositories,
  suspend,
  uninstall,
} from './setup.ts'
import { matchGitRequest, serveGit } from './smart-http.ts'
import {
  type Account,
  type DeliveryRecord,
  type Installation,
  type PermissionLevel,
  type Repository,
  type State,
  timestamp,
} from './state.ts'
import { createWebhooks, type WebhookTarget } from './webhooks.ts'

/** The least with which an App of this kind works: checks and comments written, commits, queues and reviews read. */
const APP_PERMISSIONS: Readonly<Record<string, PermissionLevel>> = {
  checks: 'write',
  contents: 'read',
  merge_queues: 'read',
  metadata: 'read',
  pull_requests: 'write',
}

const APP_EVENTS = [
  'check_run',
  'check_suite',
  'issue_comment',
  'merge_group',
  'pull_request',
  'pull_request_review',
  'push',
  'repository',
]

/** GitHub's tokens live for an hour. */
const TOKEN_LIFETIME_SECONDS = 3600

export interface FakeGitHubOptions {
  /** Any free port when left out. */
  readonly port?: number
  readonly appId: number | string
  readonly appSlug?: string
  readonly appName?: string
  /** Of the App's device flow; `Iv23stemma` when left out. */
  readonly clientId?: string
  /** The App's key, either half, PEM: PKCS#1 or PKCS#8 or SPKI. Only the public half is kept. */
  readonly privateKeyPem?: string
  readonly publicKey?: string
  readonly webhookSecret: string
  /** Address, or a function in the same process; may be set later. */
  readonly webhookUrl?: WebhookTarget
  /** Events that the App subscribed to; those of installations always come. */
  readonly events?: readonly string[]
  readonly permissions?: Readonly<Record<string, PermissionLevel>>
  /** An installation to begin with; the same as calling `install`. */
  readonly installation?: NewInstallation
  /** Folder that keeps repositories and state between runs. A temporary one, removed on close, when left out. */
  readonly persistPath?: string
  readonly faults?: readonly (RequestFault & RequestAim)[]
  readonly tokenLifetimeSeconds?: number
  /** Requests an hour for each installation; 5,000 when left out. */
  readonly rateLimit?: number
  /** Whether limits on bursts of mutations are enforced; off when left out. */
  readonly secondaryLimits?: boolean
  /** Milliseconds since 1970; the machine's clock when left out. */
  readonly now?: () => number
}

export interface FakeGitHub extends People {
  /** Without a slash at the end: the base URL of the REST API, of `/graphql`, of git remotes and of pages. */
  readonly url: string
  readonly port: number
  /** Live: read it freely, change it through functions. */
  readonly state: State
  readonly faults: Faults
  /** Where people enter the codes with which programs sign in. */
  readonly deviceFlow: DeviceFlow
  readonly remote: (owner: string, name: string) => string
  readonly createAccount: (asked: NewAccount) => Account
  readonly createRepository: (asked: NewRepository) => Promise<Repository>
  readonly install: (asked: NewInstallation) => Installation
  readonly uninstall: (account: string) => void
  readonly suspend: (account: string, isSuspended: boolean) => void
  readonly selectRepositories: (
    installation: Installation,
    asked: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ) => void
  readonly setWebhook: (target: WebhookTarget | null) => void
  /** Every token that was issued is refused from now on. */
  readonly expireTokens: () => void
  /** Sends a delivery of the log again, under the same GUID. */
  readonly redeliver: (delivery: DeliveryRecord) => DeliveryRecord
  /** Resolves once no push is being noticed and no delivery is under way. */
  readonly settled: () => Promise<void>
  /** Throws with every request, answer and webhook that GitHub's description does not allow. */
  readonly assertNoViolations: () => void
  readonly close: () => Promise<void>
}

function serialiser(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}

function registeredApp(options: FakeGitHubOptions, createdAt: string): RegisteredApp {
  const pem = options.publicKey ?? options.privateKeyPem
  if (pem === undefined) throw new Error('The fake needs publicKey or privateKeyPem of the App.')
  const slug = options.appSlug ?? 'stemma'
  return {
    id: Number(options.appId),
    slug,
    name: options.appName ?? 'Stemma',
    owner: 'stemma-owner',
    permissions: options.permissions ?? APP_PERMISSIONS,
    events: options.events ?? APP_EVENTS,
    publicKey: createPublicKey(pem),
    createdAt,
  }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

export async function startFakeGitHub(options: FakeGitHubOptions): Promise<FakeGitHub> {
  const folder = options.persistPath ?? (await mkdtemp(join(tmpdir(), 'fake-github-')))
  const state = await loadState(folder)
  const kept = persistence(options.persistPath, state)
  const now = options.now ?? Date.now
  const specification = loadSpecification()
  const faults = createFaults()
  for (const fault of options.faults ?? []) faults.inject(fault)
  const app = registeredApp(options, timestamp(now()))
  const webhooks = createWebhooks({
    state,
    specification,
    faults,
    secret: options.webhookSecret,
    appId: app.id,
    now,
    changed: kept.changed,
    target: options.webhookUrl ?? null,
  })

  let url = ''
  const context: Context = {
    app,
    state,
    specification,
    faults,
    webhooks,
    deviceFlow: createDeviceFlow({ clientId: options.clientId ?? 'Iv23stemma', now, site: () => url }),
    repositoriesFolder: join(folder, 'repositories'),
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? TOKEN_LIFETIME_SECONDS,
    rateLimit: options.rateLimit ?? 5000,
    secondaryLimits: options.secondaryLimits ?? false,
    url: () => url,
    now,
    changed: kept.changed,
    serially: serialiser(),
  }
  createAccount(context, { login: app.owner, type: 'Organization' })
  createAccount(context, { login: `${app.slug}[bot]`, type: 'Bot' })

  const application = createApp(context)
  const answer = async ({ incoming, outgoing }: Exchange): Promise<void> => {
    const asked = matchGitRequest(state, incoming)
    if (asked === 'unknown') {
      outgoing.writeHead(404).end('Repository not found.\n')
    } else if (asked !== null) {
      await serveGit(asked, { incoming, outgoing }, () => {
        if (!asked.rest.endsWith('git-receive-pack')) return
        void webhooks.track(context.serially(() => followPushes(context, asked.repository, asked.user)))
      })
    } else {
      await sendResponse(await application.fetch(toRequest(incoming, url)), outgoing)
    }
  }
  const server = createServer((incoming, outgoing) => {
    answer({ incoming, outgoing }).catch((cause: unknown) => {
      process.stderr.write(`fake GitHub: ${cause instanceof Error ? cause.stack : String(cause)}\n`)
      outgoing.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  url = `http://127.0.0.1:${port}`
  if (options.installation !== undefined) install(context, options.installation)

  return {
    ...people(context),
    url,
    port,
    state,
    faults,
    deviceFlow: context.deviceFlow,
    remote: (owner, name) => `${url}/${owner}/${name}.git`,
    createAccount: (asked) => createAccount(context, asked),
    createRepository: (asked) => context.serially(() => createRepository(context, asked)),
    install: (asked) => install(context, asked),
    uninstall: (account) => uninstall(context, account),
    suspend: (account, isSuspended) => suspend(context, account, isSuspended),
    selectRepositories: (installation, asked) => selectRepositories(context, installation, asked),
    setWebhook: (target) => {
      webhooks.target = target
    },
    expireTokens: () => {
      for (const token of state.tokens) token.expiresAt = 0
    },
    redeliver: webhooks.redeliver,
    settled: webhooks.settled,
    assertNoViolations: () => {
      if (state.violations.length > 0)
        throw new Error(`GitHub would object: ${JSON.stringify(state.violations, null, 2)}`)
    },
    close: async () => {
      await webhooks.settled()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await kept.flush()
      if (options.persistPath === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}
