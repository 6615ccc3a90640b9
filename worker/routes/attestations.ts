/** Attestations: vouch for a control where policies cannot look, list what was vouched for, take it back. */
import { createRoute, z } from '@hono/zod-openapi'
import { ConclusionView } from '#core/api/conclusions.ts'
import { AttestationPage, AttestationRequest, AttestationView } from '#core/api/frameworks.ts'
import { Fault } from '#core/fault.ts'
import { type AttestationDecision, attestationStatement } from '#core/framework/attestation-statement.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { coveredBy, readScope } from '#core/framework/scope.ts'
import type { Document } from '#core/policy/document.ts'
import { createRouter } from '../context.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import {
  attestDecision,
  findAttestation,
  listAttestations,
  logAttestation,
  revokeAttestation,
  saveAttestation,
} from '../store/attestations.ts'
import { contractsInForce } from '../store/contracts.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

/** What nobody has looked at for two years, nobody knows any more. */
const MAX_DAYS = 731

const attest = createRoute({
  method: 'post',
  path: '/v1/attestations',
  summary: 'Vouch for a control where policies cannot look, until a given time (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(AttestationRequest) },
  responses: {
    201: json('It counts from now on.', AttestationView),
    ...problems('request-malformed', ...credentialProblems, 'media-type-unsupported', 'body-too-large'),
  },
})

const list = createRoute({
  method: 'get',
  path: '/v1/attestations',
  summary: 'Attestations, newest first, those that ended included',
  security: bearer,
  middleware: [authenticate] as const,
  request: { query: z.object({ ...pageQuery, framework: z.string().max(100).optional() }) },
  responses: { 200: json('A page.', AttestationPage), ...problems('request-malformed', ...credentialProblems) },
})

const statement = createRoute({
  method: 'get',
  path: '/v1/attestations/{id}/statement',
  summary:
    "That an attestation was made or revoked, signed by the organisation's server, with its receipt from the log",
  description: 'Check the answer with `stemma verify FILE`.',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ decision: z.enum(['made', 'revoked']).optional() }),
  },
  responses: {
    200: json('The newest decision, or the one that is named.', ConclusionView),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

const revoke = createRoute({
  method: 'delete',
  path: '/v1/attestations/{id}',
  summary: 'Take an attestation back; it stays on record (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('It counts no more.', AttestationView), ...problems(...credentialProblems, 'not-found') },
})

export const attestations = createRouter()
  .openapi(attest, async (context) => {
    const wanted = context.req.valid('json')
    const { organisation, person } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const { documents } = await contractsInForce(organisation.id, database)
    const now = new Date().toISOString()
    checkRequest(wanted, { documents, now })
    const id = crypto.randomUUID()
    // One form of time, so that texts compare as times do.
    const expiresAt = new Date(wanted.expiresAt).toISOString()
    const made = { ...wanted, id, expiresAt }
    const statement = await attestationStatement({ attestation: made, decision: 'made', by: person.id, at: now })
    await saveAttestation(organisation.id, database, { ...made, person: person.id, createdAt: now, statement })
    await logged(organisation.id, context.env, { id, statement, at: now })
    return context.json(await existing(organisation.id, database, id), 201)
  })
  .openapi(list, async (context) => {
    const { cursor, limit, framework } = context.req.valid('query')
    const page = { cursor: cursor ?? null, limit }
    const found = await listAttestations(context.get('principal').organisation.id, openDatabase(context.env.DB), {
      framework: framework ?? null,
      page,
    })
    return context.json({ items: [...found.items], next: found.next }, 200)
  })
  .openapi(statement, async (context) => {
    const { organisation } = context.get('principal')
    const found = await existing(organisation.id, openDatabase(context.env.DB), context.req.valid('param').id)
    const decided = decisionOf(found, context.req.valid('query').decision)
    if (decided === null) {
      throw new Fault('not-found', {
        message: 'This attestation was not revoked, so nothing of the kind is signed.',
        hint: 'Leave `decision` out.',
      })
    }
    const text = await attestationStatement({ attestation: found, ...decided })
    return context.json(await attestDecision(organisation.id, context.env, { statement: text, at: decided.at }), 200)
  })
  .openapi(revoke, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation, person } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const found = await existing(organisation.id, database, id)
    if (found.revokedAt !== null) return context.json(found, 200)
    const now = new Date().toISOString()
    const statement = await attestationStatement({ attestation: found, decision: 'revoked', by: person.id, at: now })
    await revokeAttestation(organisation.id, database, { id, person: person.id, now, statement })
    await logged(organisation.id, context.env, { id, statement, at: now })
    return context.json(await existing(organisation.id, database, id), 200)
  })

/** What is on record counts; where the log does not answer, the clock asks it again. */
async function logged(...[organisation, env, decided]: Parameters<typeof logAttestation>): Promise<void> {
  try {
    await logAttestation(organisation, env, decided)
  } catch (error) {
    console.warn(JSON.stringify({ attestation: decided.id, log: 'does not answer', problem: String(error) }))
  }
}

/** Made of the row again, since a revocation takes the place of the first statement there. */
function decisionOf(
  { by, createdAt, revokedBy, revokedAt }: AttestationView,
  wanted: AttestationDecision['decision'] | undefined,
): Omit<AttestationDecision, 'attestation'> | null {
  if (revokedBy !== null && revokedAt !== null && wanted !== 'made')
    return { decision: 'revoked', by: revokedBy.id, at: revokedAt }
  return wanted === 'revoked' ? null : { decision: 'made', by: by.id, at: createdAt }
}

interface Surroundings {
  readonly documents: readonly Document[] | null
  readonly now: string
}

function checkRequest(wanted: AttestationRequest, { documents, now }: Surroundings): void {
  const framework = frameworksInForce(documents).find(({ id }) => id === wanted.framework)
  const control = framework?.controls.find(({ id }) => id === wanted.control)
  if (control === undefined) {
    throw new Fault('request-malformed', {
      message: `There is no control ${JSON.stringify(`${wanted.framework}/${wanted.control}`)}.`,
      hint: 'List them with `GET /v1/frameworks`.',
    })
  }
  if (control.attestation === null) {
    throw new Fault('request-malformed', {
      message: `${wanted.control} is shown by policies alone, and nobody’s word can replace them.`,
      hint: `Put them in force with \`stemma apply -f FILE\`: ${control.policies.join(', ')}.`,
    })
  }
  if (coveredBy(readScope(wanted.scope, ''), documents) === null) {
    throw new Fault('request-malformed', {
      message: `There is no ${wanted.scope.replace(':', ' ')}.`,
      hint: 'Write a document of `kind: Product` or `kind: Project`, then `stemma apply -f FILE`.',
    })
  }
  const days = (Date.parse(wanted.expiresAt) - Date.parse(now)) / 86_400_000
  if (days > 0 && days <= MAX_DAYS) return
  throw new Fault('request-malformed', {
    message: `An attestation ends in the future and within ${MAX_DAYS} days, and this one would end at ${wanted.expiresAt}.`,
    hint: 'Send another `expiresAt`.',
  })
}

async function existing(organisation: string, database: Database, id: string): Promise<AttestationView> {
  const found = await findAttestation(organisation, database, id)
  if (found !== null) return found
  throw new Fault('not-found', {
    message: 'Your organisation has no such attestation.',
    hint: 'List them with `GET /v1/attestations`.',
  })
}
