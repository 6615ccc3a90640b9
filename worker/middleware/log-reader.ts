/** Who may read a log: the organisation's people always, auditors and strangers as its administrators chose. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { LogReaders } from '#core/api/log.ts'
import { Fault } from '#core/fault.ts'
import type { AppEnv } from '../context.ts'
import { digestOf } from '../secrets.ts'
import { findPrincipal, type Principal } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'
import { findLogReaders } from '../store/organisations.ts'
import { authenticate, bearerOf } from './authenticate.ts'

/** Tiles are read by the hundred; a changed choice is seen after this time at the latest. */
const MEMORY_MS = 5_000
const MAX_REMEMBERED = 1_000

const remembered = new Map<string, { readonly readers: LogReaders | null; readonly until: number }>()

export function forgetLogReaders(): void {
  remembered.clear()
}

/** `/v1/log/...`: the caller's own log. As `authenticate`, and with an auditor's token where auditors may read. */
export const authenticateReader = createMiddleware<AppEnv>(async (context, next) => {
  const principal = await auditorOf(context)
  if (principal === null) return authenticate(context, next)
  if ((await readersOf(context, principal.organisation.id)) === 'members') {
    throw new Fault('credential-insufficient', {
      message: 'The organisation does not let auditors read its log for now.',
      hint: 'Ask an administrator to choose `auditors` or `public` with `PUT /v1/log`.',
    })
  }
  context.set('principal', principal)
  await next()
})

/** As `authenticate`, and with an auditor's token: for what auditors see whoever may read the log. */
export const authenticateWithAuditors = createMiddleware<AppEnv>(async (context, next) => {
  const principal = await auditorOf(context)
  if (principal === null) return authenticate(context, next)
  context.set('principal', principal)
  await next()
})

async function auditorOf(context: Context<AppEnv>): Promise<Principal | null> {
  const secret = bearerOf(context)
  if (secret?.startsWith('stemma_auditor_') !== true) return null
  const principal = await findPrincipal(openDatabase(context.env.DB), await digestOf(secret), new Date().toISOString())
  return principal?.kind === 'auditor' ? principal : null
}

/** `/log/{organisation}/...`: anybody's log that is public, else as above and only the caller's own. */
export const requireReader = createMiddleware<AppEnv>(async (context, next) => {
  const organisation = context.req.param('organisation') ?? ''
  const readers = await readersOf(context, organisation)
  if (readers === 'public') return next()
  if (bearerOf(context) === null) throw notFound()
  await authenticateReader(context, async () => {
    if (context.get('principal').organisation.id !== organisation) throw notFound()
    await next()
  })
})

export async function readersOf(context: Context<AppEnv>, organisation: string): Promise<LogReaders | null> {
  const known = remembered.get(organisation)
  if (known !== undefined && known.until > Date.now()) return known.readers
  const readers = await findLogReaders(organisation, openDatabase(context.env.DB))
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(organisation, { readers, until: Date.now() + MEMORY_MS })
  return readers
}

/** The same for a log that is not public and for one that does not exist. */
function notFound(): Fault {
  return new Fault('not-found', {
    message: 'There is no log here that you may read.',
    hint: 'Send a credential of its organisation, or ask it to make the log public with `PUT /v1/log`.',
  })
}
