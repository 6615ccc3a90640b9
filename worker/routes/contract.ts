/** The contract in force: read it, write the next version. */
import { createRoute } from '@hono/zod-openapi'
import { Fault } from '#core/fault.ts'
import { Contract } from '#core/policy/contract.ts'
import { policies } from '#core/policy/registry.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { contractInForce, saveContract } from '../store/contracts.ts'
import { openDatabase } from '../store/database.ts'
import { evidenceOfOpenPullRequests } from '../store/sessions.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const readContract = createRoute({
  method: 'get',
  path: '/v1/contract',
  summary: 'The contract in force',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The contract.', Contract), ...problems(...credentialProblems) },
})

const writeContract = createRoute({
  method: 'put',
  path: '/v1/contract',
  summary: 'Write the next version of the contract (administrator)',
  description:
    'Send the contract in force with your changes; `version` is the one that you changed, the answer has the next.',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(Contract) },
  responses: {
    200: json('The contract that is now in force.', Contract),
    ...problems('request-malformed', ...credentialProblems, 'conflict', 'media-type-unsupported', 'body-too-large'),
  },
})

export const contract = createRouter()
  .openapi(readContract, async (context) => {
    const { organisation } = context.get('principal')
    return context.json(await contractInForce(organisation.id, openDatabase(context.env.DB)), 200)
  })
  .openapi(writeContract, async (context) => {
    const { organisation, person } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const wanted = context.req.valid('json')
    checkPolicies(wanted)

    const present = await contractInForce(organisation.id, database)
    const next = { ...wanted, version: present.version + 1 }
    const saved =
      wanted.version === present.version &&
      (await saveContract(organisation.id, database, {
        contract: next,
        person: person.id,
        now: new Date().toISOString(),
      }))
    if (!saved) {
      throw new Fault('conflict', {
        message: `The contract in force is version ${present.version}, and yours changes version ${wanted.version}.`,
        hint: 'Read it again with `GET /v1/contract`, repeat your change, send it.',
      })
    }
    await evaluateAgain(context.env, organisation.id)
    return context.json(next, 200)
  })

/** 1,000 sessions are ten batches on the queue; what is older is judged by the new contract when evidence arrives. */
const MAX_EVALUATED_AGAIN = 1_000
/** What `sendBatch` takes. */
const BATCH = 100

/** Open pull requests are judged by the new contract now, not at their next push. */
async function evaluateAgain({ DB, JOBS }: Env, organisation: string): Promise<void> {
  const evidenceIds = await evidenceOfOpenPullRequests(organisation, openDatabase(DB), MAX_EVALUATED_AGAIN)
  for (let start = 0; start < evidenceIds.length; start += BATCH) {
    const batch = evidenceIds.slice(start, start + BATCH)
    await JOBS.sendBatch(batch.map((evidenceId) => ({ body: { type: 'evaluate', organisation, evidenceId } })))
  }
}

/** Each policy is known, named once, and its parameters fit; all problems at once. */
function checkPolicies({ policies: wanted }: Contract): void {
  const found = wanted.flatMap(({ policy: id, with: parameters }, index) => {
    const policy = policies.find((candidate) => candidate.id === id)
    if (policy === undefined) return [`there is no policy ${JSON.stringify(id.slice(0, 60))}`]
    if (wanted.findIndex((other) => other.policy === id) !== index) return [`${id} is named twice`]
    const parsed = policy.parameters.safeParse(parameters)
    return parsed.success ? [] : [`${id}: ${parsed.error.issues.map(({ message }) => message).join(', ')}`]
  })
  if (found.length === 0) return
  throw new Fault('request-malformed', {
    message: `The contract cannot be evaluated: ${found.join('; ')}.`.slice(0, 2_000),
    hint: 'Compare it with the catalogue: `GET /v1/policies`.',
  })
}
