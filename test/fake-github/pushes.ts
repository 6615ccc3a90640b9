/** Notices what changed in git and sets in motion what GitHub does then. */
import type { Context } from './context.ts'
import { announceCheckSuite, announcePullRequest, announcePush, type RefUpdate } from './events.ts'
import { readCommit } from './git/commits.ts'
import { fetchInto, readRefs, ZERO_SHA } from './git/refs.ts'
import { isAncestor } from './git/run.ts'
import {
  type CheckSuiteRecord,
  type PullRequestRecord,
  pullRequestsOf,
  type Repository,
  repositoryById,
  takeId,
  timestamp,
} from './state.ts'

const pullRef = (pull: PullRequestRecord): string => `refs/pull/${pull.number}/head`

/** The App's suite for a commit, created on first sight. */
export function suiteFor(
  context: Context,
  repository: Repository,
  head: { sha: string; branch: string | null; before: string | null; appId?: number },
): CheckSuiteRecord {
  const appId = head.appId ?? context.app.id
  const known = context.state.checkSuites.find(
    (suite) => suite.repositoryId === repository.id && suite.headSha === head.sha && suite.appId === appId,
  )
  if (known !== undefined) return known
  const suite: CheckSuiteRecord = {
    id: takeId(context.state),
    repositoryId: repository.id,
    appId,
    headSha: head.sha,
    headBranch: head.branch,
    before: head.before,
    createdAt: timestamp(context.now()),
  }
  context.state.checkSuites.push(suite)
  return suite
}

/** Makes the head of a pull request known to the base repository, also when it lives in a fork. */
export async function keepHead(context: Context, repository: Repository, pull: PullRequestRecord): Promise<void> {
  const source = repositoryById(context.state, pull.head.repositoryId)
  await fetchInto(repository.path, { path: source.path, sha: pull.head.sha, ref: pullRef(pull) })
}

export function markClosed(context: Context, pull: PullRequestRecord): void {
  pull.state = 'closed'
  pull.closedAt = timestamp(context.now())
  pull.updatedAt = pull.closedAt
}

async function followHead(
  context: Context,
  pull: PullRequestRecord,
  { update, sender }: { update: RefUpdate; sender: string },
): Promise<void> {
  const repository = repositoryById(context.state, pull.repositoryId)
  if (update.after === ZERO_SHA) {
    markClosed(context, pull)
    await announcePullRequest(context, { repository, pull }, { action: 'closed', sender })
    return
  }
  const before = pull.head.sha
  pull.head.sha = update.after
  pull.base.sha = repository.refs[`refs/heads/${pull.base.branch}`] ?? pull.base.sha
  pull.updatedAt = timestamp(context.now())
  await keepHead(context, repository, pull)
  const extra = { before, after: update.after }
  await announcePullRequest(context, { repository, pull }, { action: 'synchronize', sender, extra })
}

/** Somebody merged by hand: the head is now part of the base branch. */
async function followBase(
  context: Context,
  pull: PullRequestRecord,
  { update, sender }: { update: RefUpdate; sender: string },
): Promise<void> {
  const repository = repositoryById(context.state, pull.repositoryId)
  if (update.after === ZERO_SHA || !(await isAncestor(repository.path, pull.head.sha, update.after))) return
  markClosed(context, pull)
  pull.mergedAt = pull.closedAt
  pull.mergedBy = sender
  pull.mergeCommitSha = update.after
  await announcePullRequest(context, { repository, pull }, { action: 'closed', sender })
}

/** Whoever owns the newest commit's address; otherwise the owner of the repository. */
async function pusherOf(context: Context, repository: Repository, update: RefUpdate): Promise<string> {
  if (update.after === ZERO_SHA || !update.ref.startsWith('refs/heads/')) return repository.owner
  const { committer } = await readCommit(repository.path, update.after)
  const account = context.state.accounts.find((candidate) => candidate.email === committer.email)
  return account?.login ?? repository.owner
}

async function follow(
  context: Context,
  repository: Repository,
  { update, pusher }: { update: RefUpdate; pusher: string | null },
): Promise<void> {
  const sender = pusher ?? (await pusherOf(context, repository, update))
  await announcePush(context, repository, { update, sender })
  if (!update.ref.startsWith('refs/heads/')) return
  const branch = update.ref.slice('refs/heads/'.length)
  if (update.after !== ZERO_SHA) {
    const suite = suiteFor(context, repository, { sha: update.after, branch, before: update.before })
    await announceCheckSuite(context, { repository, suite }, { action: 'requested', sender })
  }
  for (const pull of context.state.pullRequests) {
    const isHead = pull.head.repositoryId === repository.id && pull.head.branch === branch
    if (pull.state === 'open' && isHead) await followHead(context, pull, { update, sender })
  }
  for (const pull of pullRequestsOf(context.state, repository))
    if (pull.state === 'open' && pull.base.branch === branch) await followBase(context, pull, { update, sender })
}

/** To be called by what already runs serially; see `noticePushes`. */
export async function followPushes(
  context: Context,
  repository: Repository,
  pusher: string | null,
): Promise<readonly RefUpdate[]> {
  const known = repository.refs
  const refs = await readRefs(repository.path)
  const names = [...new Set([...Object.keys(known), ...Object.keys(refs)])]
  const updates = names
    .map((ref): RefUpdate => ({ ref, before: known[ref] ?? ZERO_SHA, after: refs[ref] ?? ZERO_SHA }))
    .filter(({ before, after }) => before !== after)
  if (updates.length === 0) return []
  repository.refs = refs
  repository.pushedAt = timestamp(context.now())
  context.changed()
  for (const update of updates) await follow(context, repository, { update, pusher })
  return updates
}

/** Compares git with what was last noticed, and announces each difference as a push. */
export function noticePushes(
  context: Context,
  repository: Repository,
  pusher: string | null = null,
): Promise<readonly RefUpdate[]> {
  return context.serially(() => followPushes(context, repository, pusher))
}
