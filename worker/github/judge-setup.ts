/** What is missing between this deployment and GitHub, each with the next click or command. No network, no clock. */
import type { SetupStep } from '#core/api/github-setup.ts'
import { appEvents, appPermissions } from './manifest.ts'
import type { AppState, InstallationState, RepositoryState } from './setup-state.ts'

export interface SetupObserved {
  /** Names of the Worker's secrets that are not set. */
  readonly missingSecrets: readonly string[]
  /** Address of GitHub, and of this deployment; without a trailing slash. */
  readonly address: string
  readonly publicUrl: string
  readonly appId: string | null
  /** Id of the organisation. */
  readonly organisation: string
  /** Why the App could not be read; then `app` is null. */
  readonly problem: { readonly status: number | null; readonly message: string } | null
  readonly app: AppState | null
  readonly installations: readonly InstallationState[]
  /** Repositories of which evidence came. */
  readonly repositoriesSeen: readonly string[]
}

type Next = SetupStep['next']

const done = (subject: string, text: string): SetupStep => ({ state: 'done', subject, text, next: null })
const missing = (subject: string, text: string, next: Next): SetupStep => ({ state: 'missing', subject, text, next })
const link = (text: string, target: string): Next => ({ kind: 'link', text, target })
const command = (text: string, target: string): Next => ({ kind: 'command', text, target })

export function judgeSetup(observed: SetupObserved): readonly SetupStep[] {
  const { missingSecrets, problem, app, installations } = observed
  if (missingSecrets.length > 0) return missingSecrets.map((name) => missingSecret(name))
  if (app === null) return [unreadable(problem)]
  return [
    done('App', `GitHub knows the App as ${app.slug}.`),
    webhook(observed, app),
    ...grants('App', app, permissionPage(observed, app)),
    ...installed(observed, app),
    ...installations.flatMap((installation) => judgeInstallation(observed, installation, app)),
    ...unreached(observed, app),
  ]
}

function missingSecret(name: string): SetupStep {
  return missing(
    name,
    `The Worker has no ${name}.`,
    command('Create the App below, or set it from an App that you have', `npx wrangler secret put ${name}`),
  )
}

function unreadable(problem: SetupObserved['problem']): SetupStep {
  const said = problem?.message ?? 'GitHub did not tell about the App.'
  if (problem?.status === 401) {
    const text = `${said}. The key is not the App's, or the clock of this machine is wrong.`
    return missing('App', text, command('Set the key again', 'npx wrangler secret put GITHUB_PRIVATE_KEY < FILE.pem'))
  }
  if (problem?.status === 404) {
    const text = `${said}. GitHub has no App with this id.`
    return missing('App', text, command('Set the id again', 'npx wrangler secret put GITHUB_APP_ID'))
  }
  return {
    state: 'unknown',
    subject: 'App',
    text: said,
    next: link('See whether GitHub is well', 'https://www.githubstatus.com'),
  }
}

function webhook({ publicUrl }: SetupObserved, { webhookUrl, lastDelivery, page }: AppState): SetupStep {
  const wanted = `${publicUrl}/webhooks/github`
  if (webhookUrl !== wanted) {
    const text = `The webhook of the App leads to ${webhookUrl ?? 'nowhere'}.`
    return missing('Webhook', text, link(`Set "Webhook URL" to ${wanted}`, page))
  }
  if (lastDelivery === null) {
    return missing(
      'Webhook',
      'GitHub has delivered nothing yet.',
      link('Install the App, or open a pull request', page),
    )
  }
  const { at, status, statusCode } = lastDelivery
  if (statusCode >= 200 && statusCode < 300) return done('Webhook', `The last delivery arrived at ${at}.`)
  const text = `The last delivery, at ${at}, failed: ${statusCode === 0 ? status : `${statusCode} ${status}`}.`
  if (statusCode === 401) {
    const next = command('Give the Worker the secret of the App', 'npx wrangler secret put GITHUB_WEBHOOK_SECRET')
    return missing('Webhook', text, next)
  }
  return missing('Webhook', text, link('See "Advanced", "Recent deliveries" of the App', page))
}

function permissionPage({ address }: SetupObserved, { slug }: AppState): string {
  return `${address}/settings/apps/${slug}/permissions`
}

const ranks: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 }

/** Permissions and events of the App, or of one of its installations. */
function grants(
  subject: string,
  has: { readonly permissions: Readonly<Record<string, string>>; readonly events: readonly string[] },
  page: string,
): readonly SetupStep[] {
  const lacking = Object.entries(appPermissions)
    .filter(([name, level]) => (ranks[has.permissions[name] ?? ''] ?? 0) < (ranks[level] ?? 0))
    .map(([name, level]) => `${name}: ${level}`)
  const unheard = appEvents.filter((event) => !has.events.includes(event))
  const steps: SetupStep[] = []
  if (lacking.length > 0) {
    const text = `These permissions are missing: ${lacking.join(', ')}.`
    steps.push(missing(`${subject}: permissions`, text, link('Grant them', page)))
  }
  if (unheard.length > 0) {
    const text = `These events do not come: ${unheard.join(', ')}.`
    steps.push(missing(`${subject}: events`, text, link('Subscribe to them', page)))
  }
  const text = 'Permissions and events are as they should be.'
  return steps.length > 0 ? steps : [done(`${subject}: permissions and events`, text)]
}

function installed(observed: SetupObserved, { slug }: AppState): readonly SetupStep[] {
  const { installations, address, organisation, publicUrl } = observed
  if (installations.length > 0) return []
  const body = `{"organisation":"${organisation}","installations":[{"id":ID,"account":"ACCOUNT"}]}`
  const request = `curl -X POST ${publicUrl}/v1/setup/installations -H "Authorization: Bearer $SETUP_TOKEN"`
  const claim = `${request} -H 'Content-Type: application/json' -d '${body}'`
  return [
    missing(
      'Installation',
      'No installation of the App belongs to your organisation. Install it first.',
      link('Install the App', `${address}/apps/${slug}/installations/new`),
    ),
    missing(
      'Claim',
      "The installation's address ends in its ID. Only the operator may give it to your organisation.",
      command('Then let the operator type', claim),
    ),
  ]
}

function judgeInstallation(
  observed: SetupObserved,
  { id, account, found }: InstallationState,
  { slug }: AppState,
): readonly SetupStep[] {
  const subject = `Installation on ${account}`
  if (found === null) {
    const text = `GitHub knows no installation ${id} of this App.`
    return [missing(subject, text, link('Install it again', `${observed.address}/apps/${slug}/installations/new`))]
  }
  if (found.suspendedAt !== null) {
    const text = `It has been suspended since ${found.suspendedAt}: checks and comments wait, and nothing is lost.`
    return [missing(subject, text, link('Click "Unsuspend"', found.page))]
  }
  return [
    ...grants(subject, found, found.page),
    ...(found.repositories ?? []).map((repository) => judgeRules(repository, observed)),
    ...unruled(account, found),
  ]
}

/** What was not looked at is said, so that nobody takes the list for the whole. */
function unruled(
  account: string,
  { repositories, repositoryCount, page }: NonNullable<InstallationState['found']>,
): readonly SetupStep[] {
  const rest = repositoryCount - (repositories ?? []).length
  if (repositories === null || rest <= 0) return []
  const text = `The rules of ${rest} more ${rest === 1 ? 'repository' : 'repositories'} were not read, to keep this page quick.`
  const next = link('Require the check for all of them at once, by a ruleset of the organisation', page)
  return [{ state: 'unknown', subject: `Rules of ${account}`, text, next }]
}

function judgeRules(
  { name, page, branch, requiredFrom, problem }: RepositoryState,
  { appId }: SetupObserved,
): SetupStep {
  const subject = `Rules of ${name}`
  const rules = `${page}/settings/rules`
  if (problem !== null) {
    return { state: 'unknown', subject, text: `They could not be read: ${problem}`, next: link('Look yourself', rules) }
  }
  if (requiredFrom.length === 0) {
    const text = `No ruleset requires the check "Stemma" on ${branch}. Classic branch protection is not shown to Apps.`
    return missing(subject, text, link('Require it, from this App', rules))
  }
  if (requiredFrom.some((source) => String(source) === appId)) {
    return done(subject, `The check "Stemma" is required on ${branch}, from this App.`)
  }
  const from = requiredFrom.every((source) => source === null) ? 'from any source' : 'from another App'
  const text = `The check "Stemma" is required on ${branch} ${from}: whoever may write can post one of this name.`
  return missing(subject, text, link('Choose this App as the source of the check', rules))
}

function unreached(
  { installations, repositoriesSeen, address }: SetupObserved,
  { slug }: AppState,
): readonly SetupStep[] {
  if (!installations.some(({ found }) => found !== null)) return []
  // What an installation does not tell of may well be in it.
  if (installations.some(({ found }) => found !== null && found.repositoryNames === null)) return []
  const reached = new Set(installations.flatMap(({ found }) => found?.repositoryNames ?? []))
  return repositoriesSeen
    .filter((name) => !reached.has(name))
    .map((name) =>
      missing(
        name,
        'Evidence came of this repository, and the App does not reach it: its pull requests get no check.',
        link('Add it to the installation', `${address}/apps/${slug}/installations/new`),
      ),
    )
}
