/** `GET /v1/policies`: the catalogue, as the registry has it, and what the organisation wrote itself. */
import { createRoute, z } from '@hono/zod-openapi'
import { PolicyCatalogue } from '#core/api/policies.ts'
import { controlsOf } from '#core/framework/controls-of.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { policiesInForce } from '#core/policy/policies-in-force.ts'
import { policies as registry } from '#core/policy/registry.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { contractsInForce } from '../store/contracts.ts'
import { openDatabase } from '../store/database.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const listPolicies = createRoute({
  method: 'get',
  path: '/v1/policies',
  summary: 'The policies that a contract may name',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The catalogue.', PolicyCatalogue), ...problems(...credentialProblems) },
})

export const policies = createRouter().openapi(listPolicies, async (context) => {
  const { documents } = await contractsInForce(context.get('principal').organisation.id, openDatabase(context.env.DB))
  const frameworks = frameworksInForce(documents)
  const items = policiesInForce(documents).map(({ id, version, title, why, fix, severity, evidence, parameters }) => ({
    ...{ id, version, title, why, fix, severity },
    evidence: [...evidence],
    controls: [...controlsOf(id, frameworks)],
    isOwn: !registry.some((one) => one.id === id),
    parameters: { ...z.toJSONSchema(parameters, { unrepresentable: 'any', io: 'input' }) },
  }))
  return context.json({ items }, 200)
})
