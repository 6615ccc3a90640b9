/** Agent configurations: list, one with its risky settings, and the drift between two. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  ConfigurationDrift,
  ConfigurationPage,
  type ConfigurationRow,
  ConfigurationView,
} from '#core/api/configurations.ts'
import { driftBetween } from '#core/configuration/drift.ts'
import { risksIn } from '#core/configuration/summary.ts'
import { Fault } from '#core/fault.ts'
import { readConfigurationEvidence } from '#queues/load-configuration.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { findConfiguration, listConfigurations, neighboursOf } from '../store/configurations.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const params = z.object({ id: z.string() })

const list = createRoute({
  method: 'get',
  path: '/v1/configurations',
  summary: 'Configurations of coding agents that machines sent, newest first',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    query: z.object({
      ...pageQuery,
      repository: z.string().max(300).optional(),
      person: z.string().max(100).optional(),
      current: z
        .stringbool()
        .default(false)
        .openapi({ type: 'boolean', description: 'Only the newest of each machine and repository.' }),
    }),
  },
  responses: { 200: json('A page.', ConfigurationPage), ...problems('request-malformed', ...credentialProblems) },
})

const read = createRoute({
  method: 'get',
  path: '/v1/configurations/{id}',
  summary: 'One configuration in normal form, with its risky settings',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params },
  responses: {
    200: json('The configuration.', ConfigurationView),
    ...problems(...credentialProblems, 'not-found'),
  },
})

const drift = createRoute({
  method: 'get',
  path: '/v1/configurations/{id}/drift',
  summary: 'What differs, item by item, from another configuration',
  description: 'Without `since`, from the one that the same machine sent of the same repository before.',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params, query: z.object({ since: z.string().max(100).optional() }) },
  responses: {
    200: json('The differences.', ConfigurationDrift),
    ...problems(...credentialProblems, 'not-found'),
  },
})

export const configurations = createRouter()
  .openapi(list, async (context) => {
    const { cursor, limit, ...filter } = context.req.valid('query')
    const { organisation } = context.get('principal')
    const page = { cursor: cursor ?? null, limit }
    const found = await listConfigurations(organisation.id, openDatabase(context.env.DB), { filter, page })
    return context.json({ items: [...found.items], next: found.next }, 200)
  })
  .openapi(read, async (context) => {
    const { id } = context.req.valid('param')
    const organisation = context.get('principal').organisation.id
    const configuration = await existing(organisation, openDatabase(context.env.DB), id)
    const { agents } = await readConfigurationEvidence(context.env, organisation, id)
    return context.json({ configuration, agents, risks: [...risksIn(agents)] }, 200)
  })
  .openapi(drift, async (context) => {
    const { id } = context.req.valid('param')
    const { since } = context.req.valid('query')
    const organisation = context.get('principal').organisation.id
    const database = openDatabase(context.env.DB)
    await existing(organisation, database, id)
    const other = since ?? (await neighboursOf(organisation, database, id)).before
    if (other === null) return context.json({ id, since: null, drift: [] }, 200)
    if (since !== undefined) await existing(organisation, database, since)
    const [before, after] = await Promise.all(
      [other, id].map((one) => readConfigurationEvidence(context.env, organisation, one)),
    )
    return context.json({ id, since: other, drift: [...driftBetween(before?.agents ?? [], after?.agents ?? [])] }, 200)
  })

async function existing(organisation: string, database: Database, id: string): Promise<ConfigurationRow> {
  const found = await findConfiguration(organisation, database, id)
  if (found !== null) return found
  throw new Fault('not-found', {
    message: 'Your organisation has no such configuration.',
    hint: 'List them with `GET /v1/configurations`.',
  })
}
