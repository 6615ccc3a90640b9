/** Pull requests and the reports on them. */
import { createRoute, z } from '@hono/zod-openapi'
import { PullRequestPage, PullRequestView } from '#core/api/pull-requests.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { findPullRequest, listPullRequests } from '../store/pull-requests.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const list = createRoute({
  method: 'get',
  path: '/v1/pull-requests',
  summary: 'Pull requests, those that changed last first',
  security: bearer,
  middleware: [authenticate] as const,
  request: { query: z.object({ ...pageQuery, repository: z.string().optional() }) },
  responses: { 200: json('A page.', PullRequestPage), ...problems('request-malformed', ...credentialProblems) },
})

const one = createRoute({
  method: 'get',
  path: '/v1/pull-requests/{owner}/{repository}/{number}',
  summary: 'One pull request with its report',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    params: z.object({
      owner: z.string(),
      repository: z.string(),
      number: z.string().regex(/^\d{1,9}$/),
    }),
  },
  responses: {
    200: json('The pull request; its report is null until there is one.', PullRequestView),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

export const pullRequests = createRouter()
  .openapi(list, async (context) => {
    const { cursor, limit, repository } = context.req.valid('query')
    const { organisation } = context.get('principal')
    const { items, next } = await listPullRequests(organisation.id, openDatabase(context.env.DB), {
      repository,
      page: { cursor: cursor ?? null, limit },
    })
    return context.json({ items: [...items], next }, 200)
  })
  .openapi(one, async (context) => {
    const { owner, repository, number } = context.req.valid('param')
    const view = await findPullRequest(context.get('principal').organisation.id, openDatabase(context.env.DB), {
      repository: `${owner}/${repository}`,
      number: Number(number),
    })
    if (view === null) {
      throw new Fault('not-found', {
        message: 'Your organisation has no such pull request, or GitHub has not told of it yet.',
        hint: 'List them with `GET /v1/pull-requests`; the GitHub App must be installed in the repository.',
      })
    }
    return context.json(view, 200)
  })
