/** The whole fake as one web-standard application: faults first, then the API, then the pages for people. */
import { setTimeout as wait } from 'node:timers/promises'
import { Hono } from 'hono'
import type { Context } from './context.ts'
import type { RequestFault } from './faults.ts'
import { resetHeader } from './http.ts'
import { manifestPages } from './manifests.ts'
import { devicePages } from './pages/device.ts'
import { pages } from './pages/pages.ts'
import { createRateLimits } from './rate-limit.ts'
import { createRouter } from './route.ts'
import { appRoutes } from './routes/apps.ts'
import { checkRoutes } from './routes/checks.ts'
import { commentRoutes } from './routes/comments.ts'
import { commitRoutes } from './routes/commits.ts'
import { graphqlRoute } from './routes/graphql.ts'
import { pullRoutes } from './routes/pulls.ts'
import { rateLimitRoutes } from './routes/rate-limit.ts'
import { repositoryRoutes } from './routes/repositories.ts'

const API = /^\/(?:repos|app|apps|app-manifests|installation|users|rate_limit|graphql|orgs)(?:\/|$)/

function refused(status: number, message: string, headers: Record<string, string> = {}): Response {
  const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }
  return Response.json(body, { status, headers })
}

/** The answer that a fault puts in place of the real one; null lets the request go on. */
async function suffer(fault: RequestFault, now: number): Promise<Response | null> {
  switch (fault.kind) {
    case 'slow':
      await wait(fault.milliseconds)
      return null
    case 'reset':
      return new Response(null, { headers: { [resetHeader]: '1' } })
    case 'status':
      return refused(fault.status, fault.message ?? 'Server Error')
    case 'secondary-rate-limit':
      return refused(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {
        'retry-after': String(fault.retryAfterSeconds ?? 60),
      })
    case 'primary-rate-limit':
      return refused(429, 'API rate limit exceeded for installation.', {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-used': '5000',
        'x-ratelimit-reset': String(Math.floor(now / 1000) + (fault.resetInSeconds ?? 60)),
        'x-ratelimit-resource': 'core',
      })
  }
}

export function createApp(context: Context): Hono {
  const { state, faults } = context
  const app = new Hono()
  const rates = createRateLimits(context)

  app.use(async ({ req }, next) => {
    if (!API.test(req.path)) return next()
    const record = { at: context.now(), method: req.method, path: req.path, status: 0 }
    state.requests.push(record)
    const before = faults.takeForRequest(req.method, req.path, 'before')
    const early = before === undefined ? null : await suffer(before, context.now())
    if (early !== null) {
      record.status = early.status
      return early
    }
    await next()
  })
  app.use(async (hono, next) => {
    await next()
    const { req } = hono
    if (!API.test(req.path)) return
    const after = faults.takeForRequest(req.method, req.path, 'after')
    const late = after === undefined ? null : await suffer(after, context.now())
    if (late !== null) hono.res = late
    const record = state.requests.findLast(({ path, status }) => path === req.path && status === 0)
    if (record !== undefined) record.status = hono.res.status
    hono.res.headers.set('x-github-api-version-selected', '2022-11-28')
  })

  const router = createRouter({ app, context, rates })
  appRoutes(router, context)
  checkRoutes(router, context)
  commentRoutes(router, context)
  pullRoutes(router, context)
  commitRoutes(router, context)
  repositoryRoutes(router, context)
  rateLimitRoutes(router, rates)
  graphqlRoute(app, context, rates)
  // Signing in belongs to the site, not to the API: no App, no installation, no rate of theirs.
  app.use(async ({ req }, next) => {
    const isOfSite = req.path.startsWith('/login/') || req.path === '/user' || req.path === '/user/installations'
    return (isOfSite ? await context.deviceFlow.answer(req.raw) : null) ?? next()
  })
  devicePages(app, context)
  manifestPages(app, context)
  pages(app, context)

  app.notFound(({ req }) => {
    if (API.test(req.path))
      state.violations.push({
        direction: 'request',
        operation: `${req.method} ${req.path}`,
        problems: ['The fake does not know this operation; add it to extract-openapi.ts and routes/.'],
      })
    return refused(404, 'Not Found')
  })
  app.onError((cause) => {
    process.stderr.write(`fake GitHub: ${cause.stack ?? cause.message}\n`)
    return refused(500, cause.message)
  })
  return app
}
