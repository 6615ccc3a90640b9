/** Pull requests over REST. */
import type { Context } from '../context.ts'
import { commitsBetween } from '../git/commits.ts'
import { mailPatches, unifiedDiff } from '../git/differences.ts'
import { pageOf } from '../paging.ts'
import { changePullRequest, openPullRequest, type PullRequestChanges } from '../pull-requests.ts'
import { validationFailed } from '../refusal.ts'
import { type Answer, type AskedOfRepository, ok, pullOf, type Router } from '../route.ts'
import { commitShape, fileShape } from '../shapes/commit.ts'
import { pullRequestFiles, pullRequestShape, pullRequestStart, simplePullRequestShape } from '../shapes/pull-request.ts'
import { reviewShape } from '../shapes/review.ts'
import { findRepository, type PullRequestRecord, pullRequestsOf, type Repository, repositoryById } from '../state.ts'

const reading = { permissions: ['pull_requests'], level: 'read' } as const
const writing = { permissions: ['pull_requests'], level: 'write' } as const

/** "Responses include a maximum of 3000 files." */
const MAX_FILES = 3000
/** "Lists a maximum of 250 commits for a pull request." */
const MAX_COMMITS = 250

interface NewBody {
  readonly title?: string
  readonly body?: string
  readonly head: string
  readonly head_repo?: string
  readonly base: string
  readonly draft?: boolean
}

interface ChangeBody {
  readonly title?: string
  readonly body?: string
  readonly state?: 'open' | 'closed'
  readonly base?: string
}

/** `branch`, or `owner:branch` for a fork. */
function headOf(context: Context, repository: Repository, body: NewBody): { repository: Repository; branch: string } {
  const [first = '', second] = body.head.split(':')
  if (second === undefined) return { repository, branch: first }
  const fork =
    first.toLowerCase() === repository.owner.toLowerCase()
      ? repository
      : (context.state.repositories.find(({ owner, forkOf }) => owner === first && forkOf === repository.id) ??
        findRepository(context.state, first, body.head_repo ?? repository.name))
  if (fork === undefined) throw validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' })
  return { repository: fork, branch: second }
}

/** The difference as text, when the caller asks for that media type. */
async function asText({ request, repository }: AskedOfRepository, pull: PullRequestRecord): Promise<Answer | null> {
  const accept = request.headers.get('accept') ?? ''
  const start = await pullRequestStart(repository, pull)
  if (/application\/vnd\.github(\.v3)?\.diff/.test(accept)) {
    const content = await unifiedDiff(repository.path, start, pull.head.sha)
    return { status: 200, text: { type: 'application/vnd.github.v3.diff; charset=utf-8', content } }
  }
  if (/application\/vnd\.github(\.v3)?\.patch/.test(accept)) {
    const content = await mailPatches(repository.path, start, pull.head.sha)
    return { status: 200, text: { type: 'application/vnd.github.v3.patch; charset=utf-8', content } }
  }
  return null
}

export function pullRoutes(router: Router, context: Context): void {
  router.forRepository('pulls/create', writing, async ({ repository, body }) => {
    const asked = body as NewBody
    if (asked.title === undefined)
      throw validationFailed({ resource: 'PullRequest', field: 'title', code: 'missing_field' })
    const pull = await context.serially(() =>
      openPullRequest(context, repository, {
        author: `${context.app.slug}[bot]`,
        title: asked.title ?? '',
        body: asked.body ?? null,
        isDraft: asked.draft ?? false,
        head: headOf(context, repository, asked),
        base: asked.base,
      }),
    )
    return { status: 201, body: await pullRequestShape(context, repository, pull) }
  })

  router.forRepository('pulls/get', reading, async (asked) => {
    const pull = pullOf(context, asked, 'pull_number')
    return (await asText(asked, pull)) ?? ok(await pullRequestShape(context, asked.repository, pull))
  })

  router.forRepository('pulls/update', writing, async (asked) => {
    const { repository } = asked
    const pull = pullOf(context, asked, 'pull_number')
    const { title, body, state, base } = asked.body as ChangeBody
    const changes: PullRequestChanges = { title, body, state, base }
    const sender = `${context.app.slug}[bot]`
    await context.serially(() => changePullRequest(context, { repository, pull }, { asked: changes, sender }))
    return ok(await pullRequestShape(context, repository, pull))
  })

  router.forRepository('pulls/list', reading, (asked) => {
    const { repository, query } = asked
    const state = query('state') ?? 'open'
    const head = query('head')
    const found = pullRequestsOf(context.state, repository).filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (query('base') ?? pull.base.branch) === pull.base.branch &&
        (head === undefined ||
          head === `${repositoryById(context.state, pull.head.repositoryId).owner}:${pull.head.branch}`),
    )
    const byTime = (pull: PullRequestRecord): string => (query('sort') === 'updated' ? pull.updatedAt : pull.createdAt)
    const direction =
      query('direction') ?? (query('sort') === undefined || query('sort') === 'created' ? 'desc' : 'asc')
    const sorted = found.toSorted((a, b) => byTime(a).localeCompare(byTime(b)) || a.number - b.number)
    const { items, headers } = pageOf(direction === 'desc' ? sorted.toReversed() : sorted, asked)
    return ok(
      items.map((pull) => simplePullRequestShape(context, repository, pull)),
      headers,
    )
  })

  router.forRepository('pulls/list-files', reading, async (asked) => {
    const { repository } = asked
    const pull = pullOf(context, asked, 'pull_number')
    const files = (await pullRequestFiles(repository, pull)).slice(0, MAX_FILES)
    const { items, headers } = pageOf(files, asked)
    return ok(
      items.map((file) => fileShape(context, { repository, sha: pull.head.sha }, file)),
      headers,
    )
  })

  router.forRepository('pulls/list-reviews', reading, (asked) => {
    const { repository } = asked
    const { number } = pullOf(context, asked, 'pull_number')
    const given = context.state.reviews.filter((one) => one.repositoryId === repository.id && one.number === number)
    const { items, headers } = pageOf(given, asked)
    return ok(
      items.map((review) => reviewShape(context, repository, review)),
      headers,
    )
  })

  router.forRepository('pulls/list-commits', reading, async (asked) => {
    const { repository } = asked
    const pull = pullOf(context, asked, 'pull_number')
    const commits = await commitsBetween(repository.path, pull.base.sha, pull.head.sha)
    const { items, headers } = pageOf(commits.slice(0, MAX_COMMITS), asked)
    return ok(
      items.map((commit) => commitShape(context, repository, commit)),
      headers,
    )
  })
}
