/** What Stemma reads of GitHub's webhooks: of each event only these fields are looked at and kept. */
import { z } from 'zod'
import { EVALUATE } from '#core/report/check-actions.ts'

const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
const installation = z.object({ id: z.int().positive() }).transform(({ id }) => id)
const repository = z.object({ id: z.int().positive(), full_name: z.string().max(300) })
const number = z.int().positive()

/** Actions after which a pull request may look different to us; labels and assignments do not. */
const pullRequestActions = [
  'opened',
  'synchronize',
  'reopened',
  'edited',
  'ready_for_review',
  'converted_to_draft',
  'closed',
] as const

const PullRequestPayload = z.object({ action: z.string(), number, installation, repository })

/** Reviews count for policies; what is written in them is not read. */
const reviewActions = ['submitted', 'dismissed'] as const

const PullRequestReviewPayload = z.object({
  action: z.string(),
  installation,
  repository,
  pull_request: z.object({ number }),
})

const CheckRunPayload = z.object({
  action: z.string(),
  requested_action: z.object({ identifier: z.string() }).nullish(),
  installation,
  repository,
  check_run: z.object({
    head_sha: sha,
    app: z.object({ id: z.int() }).nullable(),
    pull_requests: z.array(z.object({ number })),
  }),
})

const CheckSuitePayload = z.object({
  action: z.string(),
  installation,
  repository,
  check_suite: z.object({
    head_sha: sha,
    app: z.object({ id: z.int() }).nullable(),
    pull_requests: z.array(z.object({ number })),
  }),
})

const PushPayload = z.object({ ref: z.string().max(1_000), after: sha, deleted: z.boolean(), installation, repository })

const named = z.object({ full_name: z.string().max(300) })

const InstallationPayload = z.object({ action: z.string(), installation, repositories: z.array(named).nullish() })

const InstallationRepositoriesPayload = z.object({
  action: z.string(),
  installation,
  repositories_added: z.array(named),
})

const owner = z.object({ login: z.string().max(200) })

const RepositoryPayload = z.object({
  action: z.string(),
  installation,
  repository,
  changes: z
    .object({
      repository: z.object({ name: z.object({ from: z.string().max(200) }) }).optional(),
      owner: z.object({ from: z.object({ user: owner.nullish(), organization: owner.nullish() }) }).optional(),
    })
    .optional(),
})

const MergeGroupPayload = z.object({
  action: z.string(),
  installation,
  repository,
  merge_group: z.object({ head_sha: sha, head_ref: z.string().max(1_000) }),
})

/** Of any forge: core/installation.ts. */
const anyInstallation = z.int()
const inRepository = {
  installation: anyInstallation,
  repository: z.string(),
  /** The forge's own, which outlives names; deliveries that were stored by an earlier version lack it. */
  repositoryId: z.int().positive().optional(),
}

const requested = { ...inRepository, head: sha, app: z.int().nullable(), numbers: z.array(number) }

export const ForgeEvent = z.discriminatedUnion('kind', [
  /** Something about the pull request changed; what it is now is read from GitHub, since events come late and twice. */
  z.object({
    kind: z.literal('pull-request'),
    ...inRepository,
    number,
    action: z.enum([...pullRequestActions, 'reviewed']),
  }),
  /** Somebody clicked "Re-run", or "Re-run all checks". `numbers` is empty for pull requests from forks. */
  z.object({ kind: z.literal('check-rerequested'), ...requested }),
  /** Somebody clicked "Re-evaluate" on the check: the same evidence is to be judged anew. */
  z.object({ kind: z.literal('evaluation-requested'), ...requested }),
  z.object({ kind: z.literal('push'), ...inRepository, branch: z.string(), head: sha }),
  /** The merge queue wants the check on a commit of its own. */
  z.object({ kind: z.literal('merge-group'), ...inRepository, head: sha, number }),
  z.object({ kind: z.literal('installation-removed'), installation: anyInstallation }),
  /** The App reaches these repositories from now on, or may do more in those that it reached: look at what is open. */
  z.object({
    kind: z.literal('installation-changed'),
    installation: anyInstallation,
    repositories: z.array(z.string()),
  }),
  /** `repository` is the new name; transfers change the owner. */
  z.object({ kind: z.literal('repository-renamed'), ...inRepository, former: z.string() }),
])
export type ForgeEvent = Readonly<z.infer<typeof ForgeEvent>>

export type ReadPayload =
  | { readonly read: 'event'; readonly event: ForgeEvent }
  /** Accepted, and nothing follows from it. */
  | { readonly read: 'ignored'; readonly reason: string }
  | { readonly read: 'malformed'; readonly reason: string }

/** One request each; the pull requests of the rest become known with their next event. */
const MAX_REPOSITORIES = 100

function namesOf(repositories: readonly z.infer<typeof named>[]): string[] {
  return repositories.slice(0, MAX_REPOSITORIES).map(({ full_name: name }) => name)
}

const ignored = (reason: string): ReadPayload => ({ read: 'ignored', reason })
const event = (value: ForgeEvent): ReadPayload => ({ read: 'event', event: value })

/** Where it happened, in the words of `ForgeEvent`. */
function placed<T extends { readonly repository: z.infer<typeof repository> }>({ repository: at, ...rest }: T) {
  return { ...rest, repository: at.full_name, repositoryId: at.id }
}

function reading<T>(schema: z.ZodType<T>, decide: (payload: T) => ReadPayload): (json: unknown) => ReadPayload {
  return (json) => {
    const parsed = schema.safeParse(json)
    if (parsed.success) return decide(parsed.data)
    return { read: 'malformed', reason: z.prettifyError(parsed.error).slice(0, 1_000) }
  }
}

const readers: Readonly<Record<string, (json: unknown) => ReadPayload>> = {
  pull_request: reading(PullRequestPayload, ({ action, ...rest }) => {
    const known = pullRequestActions.find((candidate) => candidate === action)
    if (known === undefined) return ignored(`pull_request.${action.slice(0, 60)} changes nothing that Stemma shows`)
    return event({ kind: 'pull-request', action: known, ...placed(rest) })
  }),
  pull_request_review: reading(PullRequestReviewPayload, ({ action, pull_request: pull, ...rest }) => {
    if (!reviewActions.some((known) => known === action)) {
      return ignored(`pull_request_review.${action.slice(0, 60)} changes nothing that Stemma shows`)
    }
    return event({ kind: 'pull-request', action: 'reviewed', number: pull.number, ...placed(rest) })
  }),
  check_run: reading(CheckRunPayload, ({ action, check_run: run, requested_action: button, ...rest }) => {
    if (action !== 'rerequested' && action !== 'requested_action') {
      return ignored(`check_run.${action.slice(0, 60)} asks for nothing`)
    }
    if (action === 'requested_action' && button?.identifier !== EVALUATE) {
      return ignored(`check_run.requested_action: Stemma offers no button "${button?.identifier.slice(0, 60) ?? ''}"`)
    }
    return event({
      kind: action === 'rerequested' ? 'check-rerequested' : 'evaluation-requested',
      ...placed(rest),
      head: run.head_sha,
      app: run.app?.id ?? null,
      numbers: run.pull_requests.map((pull) => pull.number),
    })
  }),
  check_suite: reading(CheckSuitePayload, ({ action, check_suite: suite, ...rest }) => {
    if (action !== 'rerequested') return ignored(`check_suite.${action.slice(0, 60)} asks for nothing`)
    return event({
      kind: 'check-rerequested',
      ...placed(rest),
      head: suite.head_sha,
      app: suite.app?.id ?? null,
      numbers: suite.pull_requests.map((pull) => pull.number),
    })
  }),
  push: reading(PushPayload, ({ ref, after, deleted, ...rest }) => {
    const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1]
    if (branch === undefined) return ignored('a pushed tag belongs to no pull request')
    if (deleted) return ignored('a deleted branch has no head')
    return event({ kind: 'push', ...placed(rest), branch, head: after })
  }),
  merge_group: reading(MergeGroupPayload, ({ action, merge_group: group, ...rest }) => {
    if (action !== 'checks_requested') return ignored(`merge_group.${action.slice(0, 60)} asks for no check`)
    const pull = /^refs\/heads\/gh-readonly-queue\/.+\/pr-([1-9][0-9]{0,9})-[0-9a-f]{40,64}$/s.exec(group.head_ref)?.[1]
    if (pull === undefined) return { read: 'malformed', reason: 'merge_group.head_ref names no pull request' }
    return event({ kind: 'merge-group', ...placed(rest), head: group.head_sha, number: Number(pull) })
  }),
  installation: reading(InstallationPayload, ({ action, installation: id, repositories }) => {
    if (action === 'deleted') return event({ kind: 'installation-removed', installation: id })
    if (action === 'suspend') return ignored('installation.suspend: GitHub refuses our writes until it is taken back')
    return event({ kind: 'installation-changed', installation: id, repositories: namesOf(repositories ?? []) })
  }),
  installation_repositories: reading(InstallationRepositoriesPayload, (payload) => {
    const repositories = namesOf(payload.repositories_added)
    if (repositories.length === 0) return ignored('what was stored of removed repositories stays')
    return event({ kind: 'installation-changed', installation: payload.installation, repositories })
  }),
  repository: reading(RepositoryPayload, ({ action, changes, ...rest }) => {
    const [present = '', name = ''] = rest.repository.full_name.split('/')
    const formerOwner = changes?.owner?.from.organization?.login ?? changes?.owner?.from.user?.login
    const formerName = changes?.repository?.name.from
    if (action === 'renamed' && formerName !== undefined) {
      return event({ kind: 'repository-renamed', ...placed(rest), former: `${present}/${formerName}` })
    }
    if (action === 'transferred' && formerOwner !== undefined) {
      return event({ kind: 'repository-renamed', ...placed(rest), former: `${formerOwner}/${name}` })
    }
    return ignored(`repository.${action.slice(0, 60)} changes neither name nor owner`)
  }),
  ping: () => ignored('GitHub asks whether somebody listens'),
}

/** `name`: the value of `X-GitHub-Event`. */
export function readPayload(name: string, json: unknown): ReadPayload {
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined
  return read === undefined ? ignored(`Stemma does not act on ${name.slice(0, 60)} events`) : read(json)
}
