/** Pipelines: a run of GitHub Actions says by GitHub's own signature which repository it is of, and gets a key for an hour. */
import { createRoute, z } from '@hono/zod-openapi'
import { PipelineKey, PipelineKeyRequest, PipelineOwner, PipelineOwnerList } from '#core/api/identity.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { enrolProved, proveKey, requireFreeKey } from '../identity/enrol.ts'
import { ownerOfInstallation } from '../identity/github-account.ts'
import { issuerOf, readPipelineToken } from '../identity/pipeline-token.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { limitAttempts } from '../middleware/limit-attempts.ts'
import { digestOf, secondsFrom } from '../secrets.ts'
import { type Database, openDatabase } from '../store/database.ts'
import {
  installationsOf,
  listPipelineOwners,
  organisationOfPipelines,
  removePipelineOwner,
  setPipelineOwner,
  useIdentityToken,
} from '../store/identity.ts'
import { enlistPerson } from '../store/organisations.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

/** A job asks again when it needs longer. */
const KEY_SECONDS = 60 * 60

const exchange = createRoute({
  method: 'post',
  path: '/v1/pipeline-keys',
  summary: "Enrol a key for a run of GitHub Actions (credential: the run's identity token, which is used up)",
  middleware: [limitAttempts, jsonBody] as const,
  request: { body: jsonRequest(PipelineKeyRequest) },
  responses: {
    201: json('The key holds for an hour, and for evidence of its own repository only.', PipelineKey),
    ...problems(
      'request-malformed',
      'key-weak',
      'proof-invalid',
      'identity-token-invalid',
      'identity-token-expired',
      'identity-token-audience',
      'identity-token-replayed',
      'pipeline-not-allowed',
      'conflict',
      'rate-limited',
      'forge-unavailable',
    ),
  },
})

const list = createRoute({
  method: 'get',
  path: '/v1/pipeline-owners',
  summary: 'Whose pipelines may send evidence',
  security: bearer,
  middleware: [authenticate] as const,
  responses: {
    200: json('Owners by the id that GitHub gave them.', PipelineOwnerList),
    ...problems(...credentialProblems),
  },
})

const allow = createRoute({
  method: 'put',
  path: '/v1/pipeline-owners',
  summary: 'Let pipelines of an owner, or of some of its repositories, send evidence (administrator)',
  description: 'With the GitHub App connected, the owner must be one on which the organisation has it installed.',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(PipelineOwner) },
  responses: {
    200: json('All owners.', PipelineOwnerList),
    ...problems(
      'request-malformed',
      ...credentialProblems,
      'conflict',
      'media-type-unsupported',
      'body-too-large',
      'forge-unavailable',
    ),
  },
})

const forbid = createRoute({
  method: 'delete',
  path: '/v1/pipeline-owners/{id}',
  summary: "Take no more keys of an owner's pipelines (administrator)",
  description: 'Keys that were enrolled before hold until their hour is over; revoke them with `DELETE /v1/keys/{id}`.',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: json('The owners that are left.', PipelineOwnerList),
    ...problems(...credentialProblems, 'not-found'),
  },
})

export const oidc = createRouter()
  .openapi(exchange, async (context) => {
    const asked = context.req.valid('json')
    const { pipeline, expiresAt: tokenExpiresAt } = await readPipelineToken(context.env, asked.token)
    const database = openDatabase(context.env.DB)
    const { issuer, ownerId, repositoryId, repository } = pipeline
    const owner = await organisationOfPipelines(database, { issuer, ownerId })
    if (owner === null || (owner.repositories !== null && !owner.repositories.includes(repositoryId))) {
      throw new Fault('pipeline-not-allowed', {
        message: `No organisation here takes evidence from pipelines of ${repository} (repository ${repositoryId}, owner ${ownerId}).`,
        hint: `An administrator lets them in: \`PUT /v1/pipeline-owners\` with {"ownerId": ${ownerId}}.`,
      })
    }
    const { organisation } = owner
    const key = await proveKey(asked.token, asked)
    const now = new Date().toISOString()
    const digest = await digestOf(asked.token)
    if (!(await useIdentityToken(organisation.id, database, { digest, expiresAt: tokenExpiresAt, now }))) {
      throw new Fault('identity-token-replayed', {
        message: 'The identity token was used before.',
        hint: 'Let the job ask for a new one: run `stemma push` again.',
      })
    }
    const person = await enlistPerson(organisation.id, database, {
      id: crypto.randomUUID(),
      name: `${repository} (GitHub Actions)`.slice(0, 100),
      // No login of GitHub has a colon.
      login: `github-actions:${repositoryId}`,
      now,
    })
    await requireFreeKey(organisation.id, database, { id: key.id, person: person.id })
    const expiresAt = secondsFrom(now, KEY_SECONDS)
    const enrolled = await enrolProved(context.env, database, {
      organisation,
      person: { id: person.id, name: person.name },
      key,
      name: `run ${pipeline.runId ?? 'unknown'}`.slice(0, 100),
      now,
      expiresAt,
      pipeline,
    })
    return context.json({ ...enrolled, expiresAt }, 201)
  })
  .openapi(list, async (context) => {
    const { organisation } = context.get('principal')
    return context.json(await view(organisation.id, openDatabase(context.env.DB), context.env), 200)
  })
  .openapi(allow, async (context) => {
    const { ownerId, repositories } = context.req.valid('json')
    const { organisation, person } = context.get('principal')
    const database = openDatabase(context.env.DB)
    await requireOwnership(organisation.id, database, { env: context.env, ownerId })
    const written = await setPipelineOwner(organisation.id, database, {
      issuer: issuerOf(context.env),
      ownerId,
      repositories,
      person: person.id,
      createdAt: new Date().toISOString(),
    })
    if (!written) {
      throw new Fault('conflict', {
        message: `The pipelines of owner ${ownerId} belong to another organisation here.`,
        hint: 'Check the id with `gh api users/NAME --jq .id`, or ask the operator of this platform.',
      })
    }
    return context.json(await view(organisation.id, database, context.env), 200)
  })
  .openapi(forbid, async (context) => {
    const { organisation } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const ownerId = Number(context.req.valid('param').id)
    const isThere =
      Number.isSafeInteger(ownerId) &&
      (await removePipelineOwner(organisation.id, database, { issuer: issuerOf(context.env), ownerId }))
    if (!isThere) {
      throw new Fault('not-found', {
        message: 'You take no pipelines of such an owner.',
        hint: 'List the owners with `GET /v1/pipeline-owners`.',
      })
    }
    return context.json(await view(organisation.id, database, context.env), 200)
  })

async function view(organisation: string, database: Database, env: Env) {
  const issuer = issuerOf(env)
  const items = await listPipelineOwners(organisation, database, issuer)
  return {
    issuer,
    audience: env.PUBLIC_URL,
    items: items.map(({ repositories, ...item }) => ({ ...item, repositories: repositories && [...repositories] })),
  }
}

/** Whoever names an owner first would get its pipelines' evidence, so GitHub is asked where it can be. */
async function requireOwnership(
  organisation: string,
  database: Database,
  { env, ownerId }: { readonly env: Env; readonly ownerId: number },
): Promise<void> {
  if (!env.GITHUB_APP_ID || !env.GITHUB_PRIVATE_KEY) return
  for (const installation of await installationsOf(organisation, database)) {
    if ((await ownerOfInstallation(env, installation)) === ownerId) return
  }
  throw new Fault('credential-insufficient', {
    message: `The GitHub App is not installed for your organisation on an account with the id ${ownerId}.`,
    hint: 'Install it there, at https://github.com/settings/installations, then send the request again.',
  })
}
