/** Waivers: ask for one, approve it as another person, list, revoke. */
import { createRoute, z } from '@hono/zod-openapi'
import { ConclusionView } from '#core/api/conclusions.ts'
import { WaiverPage, WaiverRequest } from '#core/api/waivers.ts'
import { Fault } from '#core/fault.ts'
import { policiesInForce } from '#core/policy/policies-in-force.ts'
import { Waiver, waiverStates } from '#core/policy/waiver.ts'
import { type WaiverDecision, waiverStatement } from '#core/policy/waiver-statement.ts'
import { createRouter } from '../context.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { contractsInForce } from '../store/contracts.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { attestWaiver, logWaiver } from '../store/log-waiver.ts'
import { approveWaiver, findWaiver, listWaivers, revokeWaiver, saveWaiver, touchScope } from '../store/waivers.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

/** An exception that outlives a year is a rule, and belongs into the contract. */
const MAX_DAYS = 366

const params = z.object({ id: z.string() })

const ask = createRoute({
  method: 'post',
  path: '/v1/waivers',
  summary: 'Ask that a policy be let pass: in a repository, on a pull request or for a session, until a given time',
  security: bearer,
  middleware: [authenticate, jsonBody] as const,
  request: { body: jsonRequest(WaiverRequest) },
  responses: {
    201: json('It waits for an administrator, and opens nothing until then.', Waiver),
    ...problems('request-malformed', ...credentialProblems, 'media-type-unsupported', 'body-too-large'),
  },
})

const list = createRoute({
  method: 'get',
  path: '/v1/waivers',
  summary: 'Waivers, newest first, those that ended included',
  security: bearer,
  middleware: [authenticate] as const,
  request: { query: z.object({ ...pageQuery, state: z.enum(waiverStates).optional() }) },
  responses: { 200: json('A page.', WaiverPage), ...problems('request-malformed', ...credentialProblems) },
})

const approve = createRoute({
  method: 'post',
  path: '/v1/waivers/{id}/approval',
  summary: 'Approve a waiver (administrator, other than who asked for it)',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  request: { params },
  responses: {
    200: json('It holds from now on; the pull requests that it covers are told.', Waiver),
    ...problems(...credentialProblems, 'not-found', 'conflict'),
  },
})

const revoke = createRoute({
  method: 'delete',
  path: '/v1/waivers/{id}',
  summary: 'End a waiver, or refuse one: your own, or any as administrator',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params },
  responses: { 200: json('It holds no more.', Waiver), ...problems(...credentialProblems, 'not-found') },
})

const attestation = createRoute({
  method: 'get',
  path: '/v1/waivers/{id}/attestation',
  summary: "A decision about a waiver, signed by the organisation's server, with its receipt from the log",
  description: 'Check the answer with `stemma verify FILE`.',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params, query: z.object({ decision: z.enum(['approved', 'revoked']).optional() }) },
  responses: {
    200: json('The newest decision, or the one that is named.', ConclusionView),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

export const waivers = createRouter()
  .openapi(ask, async (context) => {
    const wanted = context.req.valid('json')
    const { organisation, person } = context.get('principal')
    const now = new Date().toISOString()
    const { documents } = await contractsInForce(organisation.id, openDatabase(context.env.DB))
    checkRequest(wanted, { now, known: policiesInForce(documents).map(({ id }) => id) })
    const id = crypto.randomUUID()
    const database = openDatabase(context.env.DB)
    // One form of time, so that texts compare as times do.
    const expiresAt = new Date(wanted.expiresAt).toISOString()
    await saveWaiver(organisation.id, database, { ...wanted, id, person: person.id, createdAt: now, expiresAt })
    return context.json(await existing(organisation.id, database, id), 201)
  })
  .openapi(list, async (context) => {
    const { cursor, limit, state } = context.req.valid('query')
    const { organisation } = context.get('principal')
    const page = { cursor: cursor ?? null, limit }
    const found = await listWaivers(organisation.id, openDatabase(context.env.DB), { state: state ?? null, page })
    return context.json({ items: [...found.items], next: found.next }, 200)
  })
  .openapi(attestation, async (context) => {
    const { organisation } = context.get('principal')
    const waiver = await existing(organisation.id, openDatabase(context.env.DB), context.req.valid('param').id)
    const decided = decisionOf(waiver, context.req.valid('query').decision)
    if (decided === null) {
      throw new Fault('not-found', {
        message: 'There is no such decision about this waiver, so nothing is signed.',
        hint: `Decide it with \`stemma waivers approve ${waiver.id}\`, as an administrator who did not ask for it.`,
      })
    }
    const statement = await statementOf(waiver, decided)
    return context.json(await attestWaiver(organisation.id, context.env, { statement, at: decided.at }), 200)
  })
  .openapi(approve, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation, person } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const waiver = await existing(organisation.id, database, id)
    if (waiver.requestedBy.id === person.id) {
      throw new Fault('credential-insufficient', {
        message: 'You asked for this waiver, so another administrator has to approve it.',
        hint: `Ask one to type \`stemma waivers approve ${waiver.id}\`.`,
      })
    }
    const now = new Date().toISOString()
    const statement = await statementOf(waiver, { decision: 'approved', by: person.id, at: now })
    if (!(await approveWaiver(organisation.id, database, { id, person: person.id, now, statement }))) {
      throw new Fault('conflict', {
        message: `The waiver is ${waiver.expiresAt <= now ? 'expired' : waiver.state}, and does not wait for approval.`,
        hint: 'Ask for a new one: `stemma waivers request POLICY --reason "why"`.',
      })
    }
    await logWaiver(organisation.id, context.env, { id, statement, at: now })
    await touchScope(context.env, organisation.id, waiver.scope)
    return context.json(await existing(organisation.id, database, id), 200)
  })
  .openapi(revoke, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation, person, role } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const waiver = await existing(organisation.id, database, id)
    if (role !== 'administrator' && waiver.requestedBy.id !== person.id) throw unknownWaiver()
    if (waiver.state === 'revoked') return context.json(waiver, 200)
    const now = new Date().toISOString()
    const statement = await statementOf(waiver, { decision: 'revoked', by: person.id, at: now })
    await revokeWaiver(organisation.id, database, { id, person: person.id, now, statement })
    await logWaiver(organisation.id, context.env, { id, statement, at: now })
    await touchScope(context.env, organisation.id, waiver.scope)
    return context.json(await existing(organisation.id, database, id), 200)
  })

/** Made of the row again, since a revocation takes the place of the approval's statement there. */
function decisionOf(
  { approvedBy, approvedAt, revokedBy, revokedAt }: Waiver,
  wanted: WaiverDecision['decision'] | undefined,
): Omit<WaiverDecision, 'waiver'> | null {
  if (revokedBy && revokedAt && wanted !== 'approved') return { decision: 'revoked', by: revokedBy.id, at: revokedAt }
  if (approvedBy && approvedAt && wanted !== 'revoked')
    return { decision: 'approved', by: approvedBy.id, at: approvedAt }
  return null
}

function statementOf({ requestedBy, ...waiver }: Waiver, rest: Omit<WaiverDecision, 'waiver'>): Promise<string> {
  return waiverStatement({ waiver: { ...waiver, requestedBy: requestedBy.id }, ...rest })
}

function checkRequest(
  { policy, expiresAt }: WaiverRequest,
  { now, known }: { readonly now: string; readonly known: readonly string[] },
): void {
  if (!known.includes(policy)) {
    throw new Fault('request-malformed', {
      message: `There is no policy ${JSON.stringify(policy.slice(0, 60))}.`,
      hint: 'List them with `GET /v1/policies`.',
    })
  }
  const days = (Date.parse(expiresAt) - Date.parse(now)) / 86_400_000
  if (days > 0 && days <= MAX_DAYS) return
  throw new Fault('request-malformed', {
    message: `A waiver ends in the future and within ${MAX_DAYS} days, and this one would end at ${expiresAt}.`,
    hint: 'Send another `expiresAt`, or change the contract: `stemma apply -f FILE`.',
  })
}

async function existing(organisation: string, database: Database, id: string): Promise<Waiver> {
  const found = await findWaiver(organisation, database, id)
  if (found === null) throw unknownWaiver()
  return found
}

function unknownWaiver(): Fault {
  return new Fault('not-found', {
    message: 'Your organisation has no such waiver, or it is not yours to end.',
    hint: 'List them: `stemma waivers list`.',
  })
}
