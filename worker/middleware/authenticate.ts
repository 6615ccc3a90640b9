/** Who asks, by bearer token or by the browser's cookie. The organisation comes from here and from nowhere else. */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { Fault } from '#core/fault.ts'
import type { AppEnv } from '../context.ts'
import { digestOf } from '../secrets.ts'
import { findPrincipal, type Principal } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'

export const SESSION_COOKIE = 'stemma_session'

/**
 * For so long an isolate trusts what it read about a credential, so that a push of many sessions asks the database once.
 * A revocation takes effect at once in the isolate that did it and after this time, at the latest, in all others.
 */
export const CREDENTIAL_MEMORY_MS = 5_000
/** Entries are a few hundred bytes; when the memory is full it is emptied, and the next requests ask again. */
const MAX_REMEMBERED = 1_000

const remembered = new Map<string, { readonly principal: Principal; readonly until: number }>()

export function forgetCredentials(): void {
  remembered.clear()
}

/** Kinds that act as their person. Enrolment tokens and sign-in links open one route each and nothing else. */
const actingKinds: readonly Principal['kind'][] = ['token', 'device', 'browser']

export const authenticate = createMiddleware<AppEnv>(async (context, next) => {
  const { secret, fromCookie } = credentialOf(context)
  if (secret === null) throw missing()
  const principal = await principalOf(context, secret)
  if (principal === null || !actingKinds.includes(principal.kind)) throw invalid()
  if (fromCookie !== (principal.kind === 'browser')) throw invalid()
  if (fromCookie) requireSameOrigin(context)
  context.set('principal', principal)
  await next()
})

/** For `POST /v1/keys` only. Never remembered: it is used once. */
export const authenticateEnrolment = createMiddleware<AppEnv>(async (context, next) => {
  const { secret, fromCookie } = credentialOf(context)
  if (secret === null) throw missing()
  const principal = fromCookie ? null : await findPrincipal(openDatabase(context.env.DB), await digestOf(secret), now())
  if (principal?.kind !== 'enrolment') throw invalid()
  context.set('principal', principal)
  await next()
})

export const requireAdministrator = createMiddleware<AppEnv>(async (context, next) => {
  if (context.get('principal').role !== 'administrator') {
    throw new Fault('credential-insufficient', {
      message: "Only an administrator's API token may do this.",
      hint: 'Use the token that `POST /v1/setup` gave, or ask an administrator of your organisation.',
    })
  }
  await next()
})

/** The token of an `Authorization: Bearer` header; null where there is none. */
export function bearerOf(context: Context<AppEnv>): string | null {
  return /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? null
}

function credentialOf(context: Context<AppEnv>): { readonly secret: string | null; readonly fromCookie: boolean } {
  if (context.req.header('authorization') !== undefined) return { secret: bearerOf(context), fromCookie: false }
  const cookie = getCookie(context, SESSION_COOKIE)
  return { secret: cookie ?? null, fromCookie: cookie !== undefined }
}

async function principalOf(context: Context<AppEnv>, secret: string): Promise<Principal | null> {
  const digest = await digestOf(secret)
  const known = remembered.get(digest)
  if (known !== undefined && known.until > Date.now()) {
    return known.principal.expiresAt === null || known.principal.expiresAt > now() ? known.principal : null
  }
  const principal = await findPrincipal(openDatabase(context.env.DB), digest, now())
  if (principal === null) {
    remembered.delete(digest)
    return null
  }
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(digest, { principal, until: Date.now() + CREDENTIAL_MEMORY_MS })
  return principal
}

/** A browser sends its cookie along with requests that other sites make; such a request must not change anything. */
function requireSameOrigin(context: Context<AppEnv>): void {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return
  const origin = context.req.header('origin')
  if (origin === new URL(context.req.url).origin || origin === new URL(context.env.PUBLIC_URL).origin) return
  throw new Fault('credential-insufficient', {
    message: 'A request that changes something was sent from another site.',
    hint: `Open ${context.env.PUBLIC_URL} and do it there, or send the request with an API token.`,
  })
}

function missing(): Fault {
  return new Fault('credential-missing', {
    message: 'The request carries neither a bearer token nor a session cookie.',
    hint: 'Send `Authorization: Bearer TOKEN`; a machine gets its own with `stemma init --token TOKEN`.',
  })
}

function invalid(): Fault {
  return new Fault('credential-invalid', {
    message: 'The credential is unknown, expired, revoked or not meant for this route.',
    hint: 'Ask an administrator for a new enrolment token, then run `stemma init --token TOKEN`.',
  })
}

function now(): string {
  return new Date().toISOString()
}
