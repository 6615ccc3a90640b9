/** `GET /v1/policies`: the catalogue, as the registry has it. */
import { createRoute, z } from '@hono/zod-openapi'
import { PolicyCatalogue } from '#core/api/policies.ts'
import { policies as registry } from '#core/policy/registry.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const listPolicies = createRoute({
  method: 'get',
  path: '/v1/policies',
  summary: 'The policies that a contract may name',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The catalogue.', PolicyCatalogue), ...problems(...credentialProblems) },
})

export const policies = createRouter().openapi(listPolicies, (context) =>
  context.json(
    {
      items: registry.map(({ id, version, title, why, fix, severity, parameters }) => ({
        id,
        version,
        title,
        why,
        fix,
        severity,
        parameters: { ...z.toJSONSchema(parameters, { unrepresentable: 'any', io: 'input' }) },
      })),
    },
    200,
  ),
)
