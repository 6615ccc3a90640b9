/** The organisation's own log: its latest checkpoint and key, who may read it, and tokens for auditors. */
import { createRoute, z } from '@hono/zod-openapi'
import { ConclusionPage, ConclusionView, SigningKey } from '#core/api/conclusions.ts'
import { LogView } from '#core/api/evidence.ts'
import { AuditorToken, AuditorTokenRequest, LogSettings } from '#core/api/log.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { authenticateReader, forgetLogReaders } from '../middleware/log-reader.ts'
import { newSecret, secondsFrom } from '../secrets.ts'
import { issueCredential, revokeAuditors } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'
import { endKeys } from '../store/end-keys.ts'
import { findLogReaders, setLogReaders } from '../store/organisations.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const bodyProblems = ['request-malformed', 'media-type-unsupported', 'body-too-large'] as const

const readLog = createRoute({
  method: 'get',
  path: '/v1/log',
  summary: "The latest checkpoint of the organisation's log, and the key that verifies it",
  security: bearer,
  middleware: [authenticateReader] as const,
  responses: { 200: json('The checkpoint.', LogView), ...problems(...credentialProblems) },
})

const changeLog = createRoute({
  method: 'put',
  path: '/v1/log',
  summary: 'Choose who may read the log: members, auditors as well, or anybody',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(LogSettings) },
  responses: { 200: json('The log as it is now.', LogView), ...problems(...credentialProblems, ...bodyProblems) },
})

const issueAuditor = createRoute({
  method: 'post',
  path: '/v1/log/auditor-tokens',
  summary: 'Issue a token that reads the log and nothing else',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(AuditorTokenRequest) },
  responses: {
    201: json('The token; it is shown once.', AuditorToken),
    ...problems(...credentialProblems, ...bodyProblems),
  },
})

const readSigningKey = createRoute({
  method: 'get',
  path: '/v1/log/signing-key',
  summary: 'The key by which the platform signs what it concludes for the organisation',
  security: bearer,
  middleware: [authenticateReader] as const,
  responses: { 200: json('The public key.', SigningKey), ...problems(...credentialProblems) },
})

const readConclusion = createRoute({
  method: 'get',
  path: '/v1/conclusions/{id}',
  summary: 'What the platform signed, with its receipt',
  description:
    "Of a pull request's head, in-toto Test Result v0.1 (the policies) or SLSA Verification Summary v1; of a waiver, who decided what; of a key, when it ended. Check the answer with `stemma verify FILE`.",
  security: bearer,
  middleware: [authenticateReader] as const,
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: json('The conclusion.', ConclusionView), ...problems(...credentialProblems, 'not-found') },
})

const listConclusions = createRoute({
  method: 'get',
  path: '/v1/conclusions',
  summary:
    'Everything that the platform signed by itself, with receipts: conclusions, decisions about waivers, ends of keys',
  description: 'In the order of ids, which says nothing of time. `stemma export --evidence` takes it along.',
  security: bearer,
  middleware: [authenticateReader] as const,
  request: {
    query: z.object({
      cursor: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional()
        .openapi({ description: '`next` of the page before.' }),
      limit: pageQuery.limit,
    }),
  },
  responses: {
    200: json('A page of them.', ConclusionPage),
    ...problems(...credentialProblems, 'request-malformed'),
  },
})

const endAuditors = createRoute({
  method: 'delete',
  path: '/v1/log/auditor-tokens',
  summary: "End every auditor's token of the organisation",
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  responses: { 204: { description: 'They are ended.' }, ...problems(...credentialProblems) },
})

export const log = createRouter()
  .openapi(readLog, async (context) => {
    return context.json(await viewOf(context.env, context.get('principal').organisation.id), 200)
  })
  .openapi(readSigningKey, async (context) => {
    const log = context.env.EVIDENCE_LOG.getByName(context.get('principal').organisation.id)
    return context.json(await log.signingKey(), 200)
  })
  .openapi(readConclusion, async (context) => {
    const log = context.env.EVIDENCE_LOG.getByName(context.get('principal').organisation.id)
    const found = await log.conclusion(context.req.valid('param').id)
    if (found !== null) return context.json(found, 200)
    throw new Fault('not-found', {
      message: 'Your organisation has no such conclusion.',
      hint: 'Take the id from the check of a pull request, or from `GET /v1/pull-requests/{owner}/{repository}/{number}`.',
    })
  })
  .openapi(listConclusions, async (context) => {
    const { organisation } = context.get('principal')
    const { cursor = '', limit } = context.req.valid('query')
    const [database, now] = [openDatabase(context.env.DB), new Date().toISOString()]
    // An end that could not be logged when it came is logged before anybody is told that these are all.
    if (cursor === '') await endKeys(organisation.id, context.env, { database, now })
    const items = await context.env.EVIDENCE_LOG.getByName(organisation.id).conclusionsAfter(cursor, limit)
    return context.json({ items: [...items], next: items.length < limit ? null : (items.at(-1)?.id ?? null) }, 200)
  })
  .openapi(changeLog, async (context) => {
    const { organisation } = context.get('principal')
    await setLogReaders(organisation.id, openDatabase(context.env.DB), context.req.valid('json').readers)
    forgetLogReaders()
    return context.json(await viewOf(context.env, organisation.id), 200)
  })
  .openapi(issueAuditor, async (context) => {
    const { organisation, person } = context.get('principal')
    const now = new Date().toISOString()
    const expiresAt = secondsFrom(now, context.req.valid('json').lifetimeSeconds)
    const { secret, digest } = await newSecret('auditor')
    const credential = { digest, person: person.id, kind: 'auditor', role: 'member', now, expiresAt } as const
    await issueCredential(organisation.id, openDatabase(context.env.DB), credential)
    return context.json({ token: secret, expiresAt }, 201)
  })
  .openapi(endAuditors, async (context) => {
    const { organisation } = context.get('principal')
    await revokeAuditors(organisation.id, openDatabase(context.env.DB), new Date().toISOString())
    return context.body(null, 204)
  })

async function viewOf(env: Env, organisation: string) {
  const object = env.EVIDENCE_LOG.getByName(organisation)
  const [{ size, root, note }, logKey, readers] = await Promise.all([
    object.checkpoint(),
    object.verifierKey(),
    findLogReaders(organisation, openDatabase(env.DB)),
  ])
  const origin = logKey.slice(0, logKey.indexOf('+'))
  return { size, root, checkpoint: note, logKey, origin, readers: readers ?? 'members' }
}
