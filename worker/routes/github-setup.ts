/** Setting up the GitHub App: what is missing, and its registration by a manifest. */
import { createRoute } from '@hono/zod-openapi'
import { AppRegistration, GitHubSetup, RegisteredApp } from '#core/api/github-setup.ts'
import { Fault, isFault } from '#core/fault.ts'
import { statusOf } from '#core/forge-refusal.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { contractFor } from '#core/policy/contracts-in-force.ts'
import { frameworkChecks } from '#core/report/framework-check.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { gitHubAddress } from '../github/addresses.ts'
import { judgeFrameworkRules, listChecks } from '../github/judge-checks.ts'
import { judgeSetup, type SetupObserved } from '../github/judge-setup.ts'
import { appManifest, convertManifest } from '../github/manifest.ts'
import { gitHubSettings } from '../github/settings.ts'
import { type InstallationState, readAppState, readInstallationState } from '../github/setup-state.ts'
import { judgeWrites } from '../judge-writes.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { contractsInForce } from '../store/contracts.ts'
import { openDatabase } from '../store/database.ts'
import { installationsOf, repositoriesSeen } from '../store/installations.ts'
import { waitingWrites } from '../waiting-writes.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const readSetup = createRoute({
  method: 'get',
  path: '/v1/github/setup',
  summary: 'What is missing between this deployment and GitHub (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  responses: {
    200: json('Each step with what to click or type next, and the manifest of the App.', GitHubSetup),
    ...problems(...credentialProblems),
  },
})

const register = createRoute({
  method: 'post',
  path: '/v1/github/app-registrations',
  summary: 'Fetch the secrets of a GitHub App that was just registered, once (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(AppRegistration) },
  responses: {
    201: json('The secrets, with the commands that set them. This deployment keeps none of them.', RegisteredApp),
    ...problems('request-malformed', ...credentialProblems, 'not-found', 'forge-unavailable', 'rate-limited'),
  },
})

export const gitHubSetup = createRouter()
  .openapi(readSetup, async (context) => {
    const { organisation } = context.get('principal')
    const { env } = context
    const address = gitHubAddress(env)
    const observed = await observe(env, organisation.id)
    const waiting = await waitingWrites(env, organisation.id, 'github')
    const writes = waiting.flatMap((one) => judgeWrites(one, pageOf(observed, one.account) ?? address))
    const inForce = await contractsInForce(organisation.id, openDatabase(env.DB))
    const frameworks = frameworksInForce(inForce.documents)
    const observedChecks = {
      appId: observed.appId,
      repositories: observed.installations.flatMap(({ found }) => found?.repositories ?? []),
      frameworks,
      checksIn: (repository: string | null) => frameworkChecks(contractFor(inForce, repository), frameworks),
    }
    const steps = [...judgeSetup(observed), ...judgeFrameworkRules(observedChecks), ...writes]
    const { app, appId } = observed
    const source = app === null || appId === null ? null : { slug: app.slug, id: appId }
    const registration = {
      action: `${address}/settings/apps/new`,
      organisationAction: `${address}/organizations/{organisation}/settings/apps/new`,
      manifest: JSON.stringify(appManifest(env.PUBLIC_URL, organisation.name)),
    }
    return context.json({ steps, checks: [...listChecks(observedChecks)], source, registration }, 200)
  })
  .openapi(register, async (context) => {
    const { env } = context
    const app = await convertManifest(env.GITHUB_API_URL, context.req.valid('json').code).catch((error: unknown) => {
      if (!isFault(error) || error.code !== 'not-found') throw error
      throw new Fault('not-found', {
        message: 'GitHub does not know this code: it works once, for an hour.',
        hint: `Open ${env.PUBLIC_URL}/setup/github and click "Create the App" again.`,
        cause: error,
      })
    })
    // Secrets of the Worker, not rows beside the data: the platform encrypts them, no query reads them, and an
    // administrator of one organisation cannot put another App in the place of everybody's.
    const secrets = [
      { name: 'GITHUB_APP_ID', value: String(app.id) },
      { name: 'GITHUB_PRIVATE_KEY', value: app.privateKey },
      { name: 'GITHUB_WEBHOOK_SECRET', value: app.webhookSecret ?? '' },
      { name: 'GITHUB_CLIENT_ID', value: app.clientId },
    ]
    const { id, slug, page } = app
    return context.json(
      {
        id,
        slug,
        page,
        installPage: `${page}/installations/new`,
        secrets: secrets.map((secret) => ({ ...secret, command: `npx wrangler secret put ${secret.name}` })),
      },
      201,
    )
  })

function pageOf({ installations }: SetupObserved, account: string): string | undefined {
  return installations.find((one) => one.account === account)?.found?.page
}

async function observe(env: Env, organisation: string): Promise<SetupObserved> {
  const database = openDatabase(env.DB)
  const secrets = ['GITHUB_APP_ID', 'GITHUB_PRIVATE_KEY', 'GITHUB_WEBHOOK_SECRET'] as const
  const observed = {
    missingSecrets: secrets.filter((name) => !env[name]),
    address: gitHubAddress(env),
    publicUrl: env.PUBLIC_URL,
    appId: env.GITHUB_APP_ID ?? null,
    organisation,
    problem: null,
    app: null,
    installations: [],
    repositoriesSeen: await repositoriesSeen(organisation, database),
  }
  const settings = gitHubSettings(env)
  if (settings === null) return observed
  try {
    const app = await readAppState(settings)
    const installations: InstallationState[] = []
    // GitHub's ids are positive; those of other forges are not.
    for (const { id, account } of await installationsOf(organisation, database)) {
      if (id > 0) installations.push(await readInstallationState(settings, { id, account }))
    }
    return { ...observed, app, installations }
  } catch (error) {
    if (!isFault(error)) throw error
    return { ...observed, problem: { status: statusOf(error), message: error.message.replace(/\.$/, '') } }
  }
}
