/** Events as GitHub's webhooks tell them, sent to the App where it is installed. */
import type { Context } from './context.ts'
import { commitsBetween, type GitCommit, readCommit } from './git/commits.ts'
import { changedFiles } from './git/differences.ts'
import { ZERO_SHA } from './git/refs.ts'
import { isAncestor } from './git/run.ts'
import type { ReviewRecord } from './reviews.ts'
import { nodeId, userNamed } from './shapes/account.ts'
import { checkRunShape, checkSuiteShape } from './shapes/check-run.ts'
import { commentShape, issueShape } from './shapes/comment.ts'
import { simpleCommitShape } from './shapes/commit.ts'
import { pullRequestShape, simplePullRequestShape } from './shapes/pull-request.ts'
import { repositoryPage, repositoryShape } from './shapes/repository.ts'
import { reviewShape } from './shapes/review.ts'
import {
  accountOf,
  type CheckRunRecord,
  type CheckSuiteRecord,
  type CommentRecord,
  covers,
  type PullRequestRecord,
  type Repository,
} from './state.ts'

type Payload = Readonly<Record<string, unknown>>

function organisation(context: Context, login: string): Payload {
  const account = accountOf(context.state, login)
  if (account.type !== 'Organization') return {}
  const url = `${context.url()}/orgs/${login}`
  return {
    organization: {
      login,
      id: account.id,
      node_id: nodeId('Organization', account.id),
      url,
      repos_url: `${url}/repos`,
      events_url: `${url}/events`,
      hooks_url: `${url}/hooks`,
      issues_url: `${url}/issues`,
      members_url: `${url}/members{/member}`,
      public_members_url: `${url}/public_members{/member}`,
      avatar_url: `${context.url()}/avatars/${account.id}`,
      description: null,
    },
  }
}

interface RepositoryEvent {
  readonly event: string
  readonly action: string | null
  readonly sender: string
  readonly payload: Payload
}

/** Sends an event of a repository to every installation that covers it, where the App asked for such events. */
function announce(context: Context, repository: Repository, { event, action, sender, payload }: RepositoryEvent): void {
  if (!context.app.events.includes(event)) return
  for (const installation of context.state.installations.filter((candidate) => covers(candidate, repository)))
    context.webhooks.send({
      event,
      action,
      installationId: installation.id,
      repositoryId: repository.id,
      payload: {
        ...(action === null ? {} : { action }),
        ...payload,
        repository: payload['repository'] ?? repositoryShape(context, repository),
        ...organisation(context, repository.owner),
        installation: { id: installation.id, node_id: nodeId('Installation', installation.id) },
        sender: userNamed(context, sender),
      },
    })
}

export type PullRequestAction =
  | 'opened'
  | 'synchronize'
  | 'reopened'
  | 'closed'
  | 'edited'
  | 'ready_for_review'
  | 'converted_to_draft'

export async function announcePullRequest(
  context: Context,
  { repository, pull }: { repository: Repository; pull: PullRequestRecord },
  { action, sender, extra = {} }: { action: PullRequestAction; sender: string; extra?: Payload },
): Promise<void> {
  const pullRequest = await pullRequestShape(context, repository, pull)
  announce(context, repository, {
    event: 'pull_request',
    action,
    sender,
    payload: { number: pull.number, pull_request: pullRequest, ...extra },
  })
}

/** GitHub lists at most this many commits of a push. */
const MAX_PUSHED_COMMITS = 2048

async function pushedCommitShape(context: Context, repository: Repository, commit: GitCommit): Promise<Payload> {
  const files = await changedFiles(repository.path, commit.parents[0] ?? null, commit.sha)
  const named = (...statuses: readonly string[]): readonly string[] =>
    files.filter((file) => statuses.includes(file.status)).map((file) => file.filename)
  return {
    ...simpleCommitShape(commit),
    distinct: true,
    url: `${repositoryPage(context, repository)}/commit/${commit.sha}`,
    added: named('added', 'copied'),
    removed: named('removed'),
    modified: named('modified', 'renamed', 'changed'),
  }
}

export interface RefUpdate {
  readonly ref: string
  readonly before: string
  readonly after: string
}

export async function announcePush(
  context: Context,
  repository: Repository,
  { update, sender }: { update: RefUpdate; sender: string },
): Promise<void> {
  const { ref, before, after } = update
  const isCreated = before === ZERO_SHA
  const isDeleted = after === ZERO_SHA
  const start = isCreated ? (repository.refs[`refs/heads/${repository.defaultBranch}`] ?? after) : before
  const listed = isDeleted ? [] : await commitsBetween(repository.path, start, after)
  const commits = await Promise.all(
    listed.slice(-MAX_PUSHED_COMMITS).map((commit) => pushedCommitShape(context, repository, commit)),
  )
  const head = isDeleted ? null : await readCommit(repository.path, after)
  const seconds = (time: string): number => Date.parse(time) / 1000
  const owner = userNamed(context, repository.owner)
  const range = isCreated ? after.slice(0, 12) : `${before.slice(0, 12)}...${after.slice(0, 12)}`
  announce(context, repository, {
    event: 'push',
    action: null,
    sender,
    payload: {
      ref,
      before,
      after,
      base_ref: null,
      created: isCreated,
      deleted: isDeleted,
      forced: !isCreated && !isDeleted && !(await isAncestor(repository.path, before, after)),
      compare: `${repositoryPage(context, repository)}/compare/${range}`,
      commits,
      head_commit: head === null ? null : await pushedCommitShape(context, repository, head),
      pusher: { name: sender, email: accountOf(context.state, sender).email },
      repository: {
        ...repositoryShape(context, repository),
        created_at: seconds(repository.createdAt),
        pushed_at: seconds(repository.pushedAt),
        owner: { ...owner, name: repository.owner, email: null },
        master_branch: repository.defaultBranch,
      },
    },
  })
}

export async function announceCheckSuite(
  context: Context,
  { repository, suite }: { repository: Repository; suite: CheckSuiteRecord },
  { action, sender }: { action: 'requested' | 'rerequested'; sender: string },
): Promise<void> {
  const head = simpleCommitShape(await readCommit(repository.path, suite.headSha))
  announce(context, repository, {
    event: 'check_suite',
    action,
    sender,
    payload: { check_suite: { ...checkSuiteShape(context, repository, suite), head_commit: head } },
  })
}

/** `requested` is the identifier of the button that a person clicked. */
export function announceCheckRun(
  context: Context,
  { repository, run, suite }: { repository: Repository; run: CheckRunRecord; suite: CheckSuiteRecord },
  { requested, sender }: { requested: string | null; sender: string },
): void {
  announce(context, repository, {
    event: 'check_run',
    action: requested === null ? 'rerequested' : 'requested_action',
    sender,
    payload: {
      check_run: {
        ...checkRunShape(context, repository, run),
        check_suite: checkSuiteShape(context, repository, suite),
      },
      ...(requested === null ? {} : { requested_action: { identifier: requested } }),
    },
  })
}

export function announceComment(
  context: Context,
  { repository, pull, comment }: { repository: Repository; pull: PullRequestRecord; comment: CommentRecord },
  { action, sender, before }: { action: 'created' | 'edited' | 'deleted'; sender: string; before?: string },
): void {
  announce(context, repository, {
    event: 'issue_comment',
    action,
    sender,
    payload: {
      issue: issueShape(context, repository, pull),
      comment: commentShape(context, repository, comment),
      ...(action === 'edited' ? { changes: { body: { from: before ?? '' } } } : {}),
    },
  })
}

export function announceReview(
  context: Context,
  { repository, pull, review }: { repository: Repository; pull: PullRequestRecord; review: ReviewRecord },
): void {
  const shape = reviewShape(context, repository, review)
  announce(context, repository, {
    event: 'pull_request_review',
    action: 'submitted',
    sender: review.author,
    // In events the state is written small.
    payload: {
      review: { ...shape, state: review.state.toLowerCase() },
      pull_request: simplePullRequestShape(context, repository, pull),
    },
  })
}

export function announceRename(context: Context, repository: Repository, former: string): void {
  const changes = { repository: { name: { from: former } } }
  announce(context, repository, {
    event: 'repository',
    action: 'renamed',
    sender: repository.owner,
    payload: { changes },
  })
}

export interface MergeGroup {
  readonly headSha: string
  /** Full: `refs/heads/gh-readonly-queue/main/pr-7-<base sha>`. */
  readonly headRef: string
  readonly baseSha: string
  readonly baseRef: string
}

export async function announceMergeGroup(
  context: Context,
  { repository, group }: { repository: Repository; group: MergeGroup },
  sender: string,
): Promise<void> {
  announce(context, repository, {
    event: 'merge_group',
    action: 'checks_requested',
    sender,
    payload: {
      merge_group: {
        head_sha: group.headSha,
        head_ref: group.headRef,
        base_sha: group.baseSha,
        base_ref: group.baseRef,
        head_commit: simpleCommitShape(await readCommit(repository.path, group.headSha)),
      },
    },
  })
}
