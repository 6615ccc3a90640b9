/** The HTTP shell: every route, in the order in which the design tells of them. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { Fault } from '#core/fault.ts'
import { type AppEnv, createRouter } from './context.ts'
import { requestId } from './middleware/request-id.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { problemResponse } from './problem.ts'
import { attestations } from './routes/attestations.ts'
import { blobs } from './routes/blobs.ts'
import { configurations } from './routes/configurations.ts'
import { contract } from './routes/contract.ts'
import { deadLetters } from './routes/dead-letters.ts'
import { deviceLogin } from './routes/device-login.ts'
import { enrolmentTokens } from './routes/enrolment-tokens.ts'
import { evidence } from './routes/evidence.ts'
import { frameworks } from './routes/frameworks.ts'
import { gitHubSetup } from './routes/github-setup.ts'
import { gitLabSetup } from './routes/gitlab-setup.ts'
import { gitLabWebhooks } from './routes/gitlab-webhooks.ts'
import { health } from './routes/health.ts'
import { keys } from './routes/keys.ts'
import { lineKey } from './routes/line-key.ts'
import { log } from './routes/log.ts'
import { logTiles } from './routes/log-tiles.ts'
import { metrics } from './routes/metrics.ts'
import { oidc } from './routes/oidc.ts'
import { policies } from './routes/policies.ts'
import { pullRequests } from './routes/pull-requests.ts'
import { replay } from './routes/replay.ts'
import { sessions } from './routes/sessions.ts'
import { setup } from './routes/setup.ts'
import { signIn } from './routes/sign-in.ts'
import { transcripts } from './routes/transcripts.ts'
import { verdicts } from './routes/verdicts.ts'
import { waivers } from './routes/waivers.ts'
import { webhooks } from './routes/webhooks.ts'
import { witness } from './routes/witness.ts'

export function createApp(): OpenAPIHono<AppEnv> {
  const app = createRouter()
  app.use(requestId, securityHeaders)
  app.onError((error, context) => problemResponse(context, error))

  const routers = [
    health,
    setup,
    enrolmentTokens,
    keys,
    deviceLogin,
    oidc,
    signIn,
    blobs,
    evidence,
    lineKey,
    sessions,
    transcripts,
    configurations,
    metrics,
    pullRequests,
    gitHubSetup,
    gitLabSetup,
    log,
    logTiles,
    witness,
    policies,
    contract,
    verdicts,
    waivers,
    replay,
    frameworks,
    attestations,
    deadLetters,
  ]
  for (const router of routers) app.route('/', router)
  app.route('/', webhooks)
  app.route('/', gitLabWebhooks)

  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc('/openapi.json', {
    openapi: '3.0.3',
    info: {
      title: 'Stemma',
      version: '1',
      description: 'Signed evidence of how much of your code is written by AI. Errors are RFC 9457 problem details.',
    },
  })

  app.notFound((context) => {
    const { path, method } = context.req
    const allowed = methodsOf(app, path)
    if (allowed.length > 0) {
      const problem = problemResponse(context, wrongMethod(method, path, allowed))
      problem.headers.set('allow', allowed.join(', '))
      return problem
    }
    // Everything else is the dashboard's, whose pages are routed in the browser.
    const isPage = !/^\/(v1|webhooks)(\/|$)/.test(path) && (method === 'GET' || method === 'HEAD')
    return isPage ? readPage(context) : problemResponse(context, unknownRoute(path))
  })
  return app
}

/** A copy, because the headers of a fetched response cannot be changed and ours are still to be set. */
async function readPage(context: Context<AppEnv>): Promise<Response> {
  const page = await context.env.ASSETS.fetch(context.req.raw)
  return new Response(page.body, page)
}

/** Methods for which a route with this path exists. */
function methodsOf(app: OpenAPIHono<AppEnv>, path: string): readonly string[] {
  const segments = path.split('/')
  const fits = (pattern: string): boolean => {
    const parts = pattern.split('/')
    return parts.length === segments.length && parts.every((part, at) => part.startsWith(':') || part === segments[at])
  }
  return [
    ...new Set(app.routes.filter((route) => route.method !== 'ALL' && fits(route.path)).map(({ method }) => method)),
  ]
}

function wrongMethod(method: string, path: string, allowed: readonly string[]): Fault {
  return new Fault('method-not-allowed', {
    message: `${path.slice(0, 200)} does not take ${method}.`,
    hint: `Use ${allowed.join(' or ')}; the routes are described at GET /openapi.json.`,
  })
}

function unknownRoute(path: string): Fault {
  return new Fault('not-found', {
    message: `There is no route ${path.slice(0, 200)}.`,
    hint: 'See all routes at GET /openapi.json.',
  })
}
