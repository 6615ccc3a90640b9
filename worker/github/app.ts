/** Authentication of the GitHub App: a JWT for the App itself, narrow and short-lived tokens for its installations. */
import { createPrivateKey } from 'node:crypto'
import { importPKCS8, SignJWT } from 'jose'
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import { askGitHub, readAnswer } from './request.ts'
import type { GitHubSettings } from './settings.ts'

/** GitHub accepts at most 10 minutes; a clock that is a minute ahead must not spoil it. */
const JWT_SECONDS = 540
const CLOCK_SKEW_SECONDS = 60

/** An installation token lives for an hour. */
const TOKEN_CACHE_MS = 50 * 60_000

const permissionsOf = {
  read: { contents: 'read', metadata: 'read', pull_requests: 'read' },
  /** For the set-up page: which repositories there are, and their rules. */
  look: { metadata: 'read' },
  write: { checks: 'write', metadata: 'read', pull_requests: 'write' },
} as const

export type Access = keyof typeof permissionsOf

export interface TokenScope {
  readonly installation: number
  /** `owner/name`; the token reaches this repository only. null: all of the installation. */
  readonly repository: string | null
  readonly access: Access
}

interface CachedToken {
  readonly token: string
  readonly usableUntil: number
}

/** Lives as long as the isolate and holds nothing that a new isolate could not ask for again. */
const tokens = new Map<string, CachedToken>()
/** An isolate serves many repositories; beyond this the oldest token goes first. */
const MAX_CACHED_TOKENS = 500

const privateKeys = new Map<string, Promise<CryptoKey>>()

export async function appAuthorization(settings: GitHubSettings): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const jwt = await new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(settings.appId)
    .setIssuedAt(now - CLOCK_SKEW_SECONDS)
    .setExpirationTime(now + JWT_SECONDS - CLOCK_SKEW_SECONDS)
    .sign(await privateKeyOf(settings.privateKey))
  return `Bearer ${jwt}`
}

const AccessToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) })

export async function installationAuthorization(settings: GitHubSettings, scope: TokenScope): Promise<string> {
  const key = keyOf(settings, scope)
  const cached = tokens.get(key)
  if (cached !== undefined && cached.usableUntil > Date.now()) return `token ${cached.token}`
  const answer = await askGitHub(settings, {
    method: 'POST',
    path: `/app/installations/${scope.installation}/access_tokens`,
    authorization: await appAuthorization(settings),
    body: {
      ...(scope.repository === null ? {} : { repositories: [nameOf(scope.repository)] }),
      permissions: permissionsOf[scope.access],
    },
  })
  const { token, expires_at } = readAnswer(AccessToken, answer)
  const usableUntil = Math.min(Date.now() + TOKEN_CACHE_MS, Date.parse(expires_at) - 60_000)
  tokens.delete(key)
  tokens.set(key, { token, usableUntil })
  const [oldest] = tokens.keys()
  if (tokens.size > MAX_CACHED_TOKENS && oldest !== undefined) tokens.delete(oldest)
  return `token ${token}`
}

/** After GitHub refused a token before its time: the installation may have been changed. */
export function forgetToken(settings: GitHubSettings, scope: TokenScope): void {
  tokens.delete(keyOf(settings, scope))
}

function keyOf({ apiUrl, appId }: GitHubSettings, { installation, repository, access }: TokenScope): string {
  return [apiUrl, appId, installation, repository ?? '*', access].join(' ')
}

function nameOf(repository: string): string {
  return repository.slice(repository.indexOf('/') + 1)
}

/** The download is PKCS#1, WebCrypto reads PKCS#8 only; an administrator can paste the file unchanged. */
function privateKeyOf(pem: string): Promise<CryptoKey> {
  const known = privateKeys.get(pem)
  if (known !== undefined) return known
  const key = importPKCS8(toPkcs8(pem), 'RS256')
  privateKeys.set(pem, key)
  return key
}

function toPkcs8(pem: string): string {
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (cause) {
    throw new Fault('configuration-malformed', {
      message: 'The private key of the GitHub App cannot be read.',
      hint: 'Set the downloaded .pem file unchanged: `npx wrangler secret put GITHUB_PRIVATE_KEY < FILE.pem`.',
      cause,
    })
  }
}
