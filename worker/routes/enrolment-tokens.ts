/** `POST /v1/enrolment-tokens`: an administrator lets one machine of a person enrol its key. */
import { createRoute } from '@hono/zod-openapi'
import { EnrolmentToken, EnrolmentTokenRequest } from '#core/api/account.ts'
import { createRouter } from '../context.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { newSecret, secondsFrom } from '../secrets.ts'
import { issueCredential } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'
import { enlistPerson } from '../store/organisations.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const issueToken = createRoute({
  method: 'post',
  path: '/v1/enrolment-tokens',
  summary: 'Issue a token with which one machine of a person enrols its key, once',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(EnrolmentTokenRequest) },
  responses: {
    201: json('The token; it is shown once.', EnrolmentToken),
    ...problems('request-malformed', ...credentialProblems, 'media-type-unsupported', 'body-too-large'),
  },
})

export const enrolmentTokens = createRouter().openapi(issueToken, async (context) => {
  const { person: asked, lifetimeSeconds } = context.req.valid('json')
  const { organisation } = context.get('principal')
  const database = openDatabase(context.env.DB)
  const now = new Date().toISOString()
  const { id, name } = await enlistPerson(organisation.id, database, { id: crypto.randomUUID(), ...asked, now })
  const { secret, digest } = await newSecret('enrolment')
  const expiresAt = secondsFrom(now, lifetimeSeconds)
  await issueCredential(organisation.id, database, {
    digest,
    person: id,
    kind: 'enrolment',
    role: 'member',
    now,
    expiresAt,
  })
  return context.json({ token: secret, person: { id, name }, expiresAt }, 201)
})
