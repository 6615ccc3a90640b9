/** What GitHub tells of the App, its webhook, its installations and the rules of their repositories. */
import { z } from 'zod'
import { isFault } from '#core/fault.ts'
import { statusOf } from '#core/forge-refusal.ts'
import { CHECK_NAME } from '#core/report/pending-check.ts'
import { appAuthorization, installationAuthorization } from './app.ts'
import { askGitHub, type GitHubAnswer, readAnswer } from './request.ts'
import type { GitHubSettings } from './settings.ts'

const permissions = z.record(z.string(), z.string())

const AppJson = z.object({ slug: z.string(), html_url: z.string(), permissions, events: z.array(z.string()) })
const HookJson = z.object({ url: z.string().nullish() })
const DeliveryJson = z.array(z.object({ delivered_at: z.string(), status: z.string(), status_code: z.int() }))
const InstallationJson = z.object({
  html_url: z.string(),
  permissions,
  events: z.array(z.string()),
  suspended_at: z.string().nullish(),
})
const RepositoriesJson = z.object({
  total_count: z.int().nonnegative(),
  repositories: z.array(z.object({ full_name: z.string(), html_url: z.string(), default_branch: z.string() })),
})
const RulesJson = z.array(
  z.object({
    type: z.string(),
    parameters: z
      .object({
        required_status_checks: z
          .array(z.object({ context: z.string(), integration_id: z.int().nullish() }))
          .optional(),
      })
      .nullish(),
  }),
)

/** One request each; the page says how many more there are. */
export const MAX_RULED_REPOSITORIES = 20
const PAGE_SIZE = 100
/** A page is a request while somebody waits for the set-up page. */
const MAX_PAGES = 20

export interface AppState {
  readonly slug: string
  readonly page: string
  readonly permissions: Readonly<Record<string, string>>
  readonly events: readonly string[]
  readonly webhookUrl: string | null
  readonly lastDelivery: { readonly at: string; readonly status: string; readonly statusCode: number } | null
}

export interface RepositoryState {
  readonly name: string
  readonly page: string
  readonly branch: string
  /** Apps to which a required check named `Stemma` is pinned, null for any; empty: not required by a ruleset. */
  readonly requiredFrom: readonly (number | null)[]
  /** The same of checks of frameworks, by their names. */
  readonly requiredBeside: readonly { readonly context: string; readonly source: number | null }[]
  /** Why the rules could not be read. */
  readonly problem: string | null
}

export interface InstallationState {
  readonly id: number
  readonly account: string
  /** null where GitHub knows no such installation of this App. */
  readonly found: {
    readonly page: string
    readonly permissions: Readonly<Record<string, string>>
    readonly events: readonly string[]
    readonly suspendedAt: string | null
    /** Those whose rules were read, at most 20; null where none could be read. */
    readonly repositories: readonly RepositoryState[] | null
    /** All that the installation reaches; null where there are more than were read. */
    readonly repositoryNames: readonly string[] | null
    /** How many it reaches. */
    readonly repositoryCount: number
  } | null
}

/** Throws what `askGitHub` throws; a 401 means that id, key or clock is wrong. */
export async function readAppState(settings: GitHubSettings): Promise<AppState> {
  const ask = async (path: string) =>
    askGitHub(settings, { method: 'GET', path, authorization: await appAuthorization(settings) })
  const app = readAnswer(AppJson, await ask('/app'))
  const hook = readAnswer(HookJson, await ask('/app/hook/config'))
  const [last] = readAnswer(DeliveryJson, await ask('/app/hook/deliveries?per_page=1'))
  return {
    slug: app.slug,
    page: app.html_url,
    permissions: app.permissions,
    events: app.events,
    webhookUrl: hook.url || null,
    lastDelivery:
      last === undefined ? null : { at: last.delivered_at, status: last.status, statusCode: last.status_code },
  }
}

export async function readInstallationState(
  settings: GitHubSettings,
  { id, account }: { readonly id: number; readonly account: string },
): Promise<InstallationState> {
  const authorization = await appAuthorization(settings)
  try {
    const answer = await askGitHub(settings, { method: 'GET', path: `/app/installations/${id}`, authorization })
    const { html_url: page, suspended_at, ...rest } = readAnswer(InstallationJson, answer)
    const suspendedAt = suspended_at ?? null
    const unread = { repositories: null, repositoryNames: null, repositoryCount: 0 }
    const read = suspendedAt === null ? await readRepositories(settings, id) : unread
    return { id, account, found: { page, suspendedAt, ...rest, ...read } }
  } catch (error) {
    if (statusOf(error) === 404) return { id, account, found: null }
    throw error
  }
}

async function readRepositories(settings: GitHubSettings, installation: number) {
  const authorization = await installationAuthorization(settings, { installation, repository: null, access: 'look' })
  const repositories: z.infer<typeof RepositoriesJson>['repositories'] = []
  let total = 0
  let path: string | null = `/installation/repositories?per_page=${PAGE_SIZE}`
  for (let page = 0; path !== null && page < MAX_PAGES; page++) {
    const answer: GitHubAnswer = await askGitHub(settings, { method: 'GET', path, authorization })
    const listed = readAnswer(RepositoriesJson, answer)
    repositories.push(...listed.repositories)
    total = listed.total_count
    path = answer.next
  }
  const read: RepositoryState[] = []
  for (const { full_name: name, html_url: page, default_branch: branch } of repositories.slice(
    0,
    MAX_RULED_REPOSITORIES,
  )) {
    read.push({ name, page, branch, ...(await readRules(settings, { name, branch, authorization })) })
  }
  return {
    repositories: read,
    repositoryNames: path === null ? repositories.map(({ full_name }) => full_name) : null,
    repositoryCount: Math.max(total, repositories.length),
  }
}

interface RuledBranch {
  readonly name: string
  readonly branch: string
  readonly authorization: string
}

/** Rulesets only: GitHub shows classic branch protection to Apps that may administer the repository. */
async function readRules(
  settings: GitHubSettings,
  { name, branch, authorization }: RuledBranch,
): Promise<Pick<RepositoryState, 'requiredFrom' | 'requiredBeside' | 'problem'>> {
  try {
    const path = `/repos/${name}/rules/branches/${encodeURIComponent(branch)}?per_page=${PAGE_SIZE}`
    const rules = readAnswer(RulesJson, await askGitHub(settings, { method: 'GET', path, authorization }))
    const checks = rules.flatMap(({ type, parameters }) =>
      type === 'required_status_checks' ? (parameters?.required_status_checks ?? []) : [],
    )
    const named = checks.map(({ context, integration_id: id }) => ({ context, source: id ?? null }))
    return {
      requiredFrom: named.filter(({ context }) => context === CHECK_NAME).map(({ source }) => source),
      requiredBeside: named.filter(({ context }) => context.startsWith(`${CHECK_NAME} / `)),
      problem: null,
    }
  } catch (error) {
    if (!isFault(error)) throw error
    return { requiredFrom: [], requiredBeside: [], problem: error.message }
  }
}
