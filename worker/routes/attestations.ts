/** Attestations: vouch for a control where policies cannot look, list what was vouched for, take it back. */
import { createRoute, z } from '@hono/zod-openapi'
import { AttestationPage, AttestationRequest, AttestationView } from '#core/api/frameworks.ts'
import { Fault } from '#core/fault.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { coveredBy, readScope } from '#core/framework/scope.ts'
import type { Document } from '#core/policy/document.ts'
import { createRouter } from '../context.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { findAttestation, listAttestations, revokeAttestation, saveAttestation } from '../store/attestations.ts'
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
    await saveAttestation(organisation.id, database, { ...wanted, id, person: person.id, createdAt: now, expiresAt })
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
  .openapi(revoke, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation, person } = context.get('principal')
    const database = openDatabase(context.env.DB)
    await existing(organisation.id, database, id)
    await revokeAttestation(organisation.id, database, { id, person: person.id, now: new Date().toISOString() })
    return context.json(await existing(organisation.id, database, id), 200)
  })

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
