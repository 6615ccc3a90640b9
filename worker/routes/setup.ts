/** `POST /v1/setup`: the operator makes an organisation with its first administrator. */
import { createRoute } from '@hono/zod-openapi'
import { InstallationClaim, Setup, SetupDone } from '#core/api/account.ts'
import { equalBytes, utf8 } from '#core/evidence/bytes.ts'
import { sha256 } from '#core/evidence/digest.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { bearerOf } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { limitAttempts } from '../middleware/limit-attempts.ts'
import { newSecret } from '../secrets.ts'
import { openDatabase } from '../store/database.ts'
import { claimInstallations } from '../store/installations.ts'
import { createOrganisation } from '../store/organisations.ts'
import { bearer, json, jsonRequest, problems } from './responses.ts'

const setUp = createRoute({
  method: 'post',
  path: '/v1/setup',
  summary: 'Make an organisation (credential: the SETUP_TOKEN of the operator)',
  security: bearer,
  middleware: [limitAttempts, jsonBody] as const,
  request: { body: jsonRequest(Setup) },
  responses: {
    201: json('The organisation; the token is shown once.', SetupDone),
    ...problems(
      'request-malformed',
      'credential-missing',
      'credential-invalid',
      'conflict',
      'rate-limited',
      'unavailable',
    ),
  },
})

const claim = createRoute({
  method: 'post',
  path: '/v1/setup/installations',
  summary: 'Give installations at a forge to an organisation (credential: the SETUP_TOKEN of the operator)',
  security: bearer,
  middleware: [limitAttempts, jsonBody] as const,
  request: { body: jsonRequest(InstallationClaim) },
  responses: {
    201: json('They are the organisation’s; what happens in them counts from now on.', InstallationClaim),
    ...problems(
      'request-malformed',
      'credential-missing',
      'credential-invalid',
      'not-found',
      'conflict',
      'rate-limited',
      'unavailable',
    ),
  },
})

const router = createRouter()
// Before the body is judged: a stranger learns nothing about it.
router.use('/v1/setup/*', async (context, next) => {
  if (context.req.method === 'POST') await requireOperator(context.env.SETUP_TOKEN, bearerOf(context))
  await next()
})

export const setup = router
  .openapi(setUp, async (context) => {
    const { organisation: name, administrator, installations } = context.req.valid('json')
    const now = new Date().toISOString()
    const organisation = { id: crypto.randomUUID(), name }
    const person = { id: crypto.randomUUID(), name: administrator.name }
    const { secret, digest } = await newSecret('token')
    const logKey = await context.env.EVIDENCE_LOG.getByName(organisation.id).verifierKey()
    const created = await createOrganisation(organisation.id, openDatabase(context.env.DB), {
      name,
      administrator: { ...person, login: administrator.login },
      installations,
      tokenDigest: digest,
      now,
    })
    if (!created) {
      throw new Fault('conflict', {
        message: 'One of the installations belongs to another organisation already.',
        hint: 'Name only installations that are new to this deployment, or leave `installations` out.',
      })
    }
    return context.json({ organisation, person, token: secret, logKey }, 201)
  })
  // An installation's number proves nothing about who asks, so nobody but the operator gives it away.
  .openapi(claim, async (context) => {
    const given = context.req.valid('json')
    const outcome = await claimInstallations(given.organisation, openDatabase(context.env.DB), given.installations)
    if (outcome === 'claimed') return context.json(given, 201)
    if (outcome === 'unknown') {
      throw new Fault('not-found', {
        message: 'There is no organisation with this id.',
        hint: 'Read the id with `GET /v1/me` and the token of its administrator.',
      })
    }
    throw new Fault('conflict', {
      message: 'One of the installations belongs to another organisation already.',
      hint: 'Name only installations that are new to this deployment.',
    })
  })

async function requireOperator(expected: string | undefined, given: string | null): Promise<void> {
  if (expected === undefined || expected === '') {
    throw new Fault('unavailable', {
      message: 'This deployment has no SETUP_TOKEN, so nobody can make an organisation.',
      hint: 'Set one with `npx wrangler secret put SETUP_TOKEN`.',
    })
  }
  if (given === null) {
    throw new Fault('credential-missing', {
      message: 'The request carries no bearer token.',
      hint: 'Send `Authorization: Bearer SETUP_TOKEN` with the secret of this deployment.',
    })
  }
  // Digests have one length and differ in unforeseeable places, so the comparison tells nothing by its duration.
  const [left, right] = await Promise.all([sha256(utf8(given)), sha256(utf8(expected))])
  if (!equalBytes(left, right)) {
    throw new Fault('credential-invalid', {
      message: 'The token is not the SETUP_TOKEN of this deployment.',
      hint: 'Send `Authorization: Bearer SETUP_TOKEN` with the secret that `npx wrangler secret put SETUP_TOKEN` set.',
    })
  }
}
