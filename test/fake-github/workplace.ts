/** A fake with one repository and one clone of it: what most tests begin with. */
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SignJWT } from 'jose'
import { gitEnvironment } from './git/run.ts'
import { type FakeGitHub, type FakeGitHubOptions, startFakeGitHub } from './server.ts'
import type { Installation, PullRequestRecord } from './state.ts'

const run = promisify(execFile)

export const APP_ID = 4711
export const WEBHOOK_SECRET = "It's a Secret to Everybody"

/** A key pair as GitHub hands it out (PKCS#1) and as Octokit wants it (PKCS#8). */
export function newAppKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    privateKey,
    pkcs1: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spki: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

export type AppKey = ReturnType<typeof newAppKey>

interface JwtClaims {
  readonly issuer?: string
  /** Seconds since 1970. */
  readonly issuedAt?: number
  readonly expiresAt?: number
}

export function appJwt(key: AppKey, claims: JwtClaims = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(claims.issuer ?? String(APP_ID))
    .setIssuedAt(claims.issuedAt ?? now - 30)
    .setExpirationTime(claims.expiresAt ?? now + 300)
    .sign(key.privateKey)
}

interface Received {
  readonly event: string
  readonly headers: Headers
  readonly body: string
  readonly payload: Record<string, unknown>
}

export interface Workplace {
  readonly github: FakeGitHub
  readonly key: AppKey
  readonly installation: Installation
  /** Every delivery that arrived, in order of arrival. */
  readonly received: Received[]
  /** Status with which the receiver answers from now on. */
  readonly answerWith: (status: number) => void
  readonly folder: string
  readonly git: (...args: readonly string[]) => Promise<string>
  /** Writes files and commits them; null removes one. Returns the new commit's id. */
  readonly commit: (message: string, files: Readonly<Record<string, string | Uint8Array | null>>) => Promise<string>
  /** Branches from main, commits and pushes, and opens a pull request. */
  readonly propose: (branch: string, files: Readonly<Record<string, string>>) => Promise<PullRequestRecord>
  /** Asks the API with an installation token. */
  readonly api: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>
  readonly asApp: (method: string, path: string, body?: unknown) => Promise<Answered>
  readonly close: () => Promise<void>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of every shape
  readonly body: any
}

export async function ask(url: string, init: RequestInit): Promise<Answered> {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text }
}

export async function openWorkplace(options: Partial<FakeGitHubOptions> = {}): Promise<Workplace> {
  const key = newAppKey()
  const received: Received[] = []
  let status = 202
  const webhookUrl = async (request: Request): Promise<Response> => {
    const body = await request.text()
    const event = request.headers.get('x-github-event') ?? ''
    received.push({ event, headers: request.headers, body, payload: JSON.parse(body) })
    return new Response('', { status })
  }
  const github = await startFakeGitHub({
    appId: APP_ID,
    publicKey: key.spki,
    webhookSecret: WEBHOOK_SECRET,
    webhookUrl,
    ...options,
  })
  github.createAccount({ login: 'acme', type: 'Organization' })
  github.createAccount({ login: 'ada', name: 'Ada', email: 'ada@example.com' })
  await github.createRepository({ owner: 'acme', name: 'shop' })
  const installation = github.install({ account: 'acme' })

  const folder = await mkdtemp(join(tmpdir(), 'workplace-'))
  const env = {
    ...gitEnvironment(),
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', [...args], { cwd: folder, env, maxBuffer: 50_000_000 })).stdout

  const commit: Workplace['commit'] = async (message, files) => {
    for (const [name, content] of Object.entries(files)) {
      if (content === null) await rm(join(folder, name))
      else {
        await mkdir(dirname(join(folder, name)), { recursive: true })
        await writeFile(join(folder, name), content)
      }
    }
    await git('add', '--all')
    await git('commit', '--quiet', '--message', message)
    return (await git('rev-parse', 'HEAD')).trim()
  }
  const askWith = (authorization: string, method: string, path: string, body?: unknown, headers = {}) =>
    ask(`${github.url}${path}`, {
      method,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const asApp: Workplace['asApp'] = async (method, path, body) =>
    askWith(`Bearer ${await appJwt(key)}`, method, path, body)
  let token: string | undefined
  const api: Workplace['api'] = async (method, path, body, headers) => {
    token ??= (await asApp('POST', `/app/installations/${installation.id}/access_tokens`)).body.token
    return askWith(`token ${token}`, method, path, body, headers)
  }

  await git('init', '--quiet', '--initial-branch=main')
  await git('remote', 'add', 'origin', github.remote('acme', 'shop'))
  await commit('Open the shop', { 'README.md': '# Shop\n', 'src/till.ts': 'one\ntwo\nthree\n' })
  await git('push', '--quiet', 'origin', 'main')
  await github.settled()

  return {
    github,
    key,
    installation,
    received,
    answerWith: (next) => {
      status = next
    },
    folder,
    git,
    commit,
    api,
    asApp,
    propose: async (branch, files) => {
      await git('checkout', '--quiet', '-b', branch, 'main')
      await commit(`Work on ${branch}`, files)
      await git('push', '--quiet', 'origin', branch)
      const pull = await github.createPullRequest({
        owner: 'acme',
        name: 'shop',
        title: `Work on ${branch}`,
        head: branch,
        author: 'ada',
      })
      await github.settled()
      return pull
    },
    close: async () => {
      await github.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
