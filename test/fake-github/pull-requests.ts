/** Opens, edits and closes pull requests, for the API and for tests that play a person. */
import type { Context } from './context.ts'
import { announcePullRequest } from './events.ts'
import { countBetween } from './git/commits.ts'
import { keepHead, markClosed } from './pushes.ts'
import { type FieldError, Refusal, validationFailed } from './refusal.ts'
import { type PullRequestRecord, pullRequestsOf, type Repository, takeId, timestamp } from './state.ts'

export interface NewPullRequest {
  readonly author: string
  readonly title: string
  readonly body: string | null
  readonly isDraft: boolean
  readonly head: { readonly repository: Repository; readonly branch: string }
  readonly base: string
}

const problem = (field: string, code: FieldError['code'], message?: string): FieldError => ({
  resource: 'PullRequest',
  field,
  code,
  ...(message === undefined ? {} : { message }),
})

/** Opens a pull request; the head may live in another repository (a fork). */
export async function openPullRequest(
  context: Context,
  repository: Repository,
  asked: NewPullRequest,
): Promise<PullRequestRecord> {
  const headSha = asked.head.repository.refs[`refs/heads/${asked.head.branch}`]
  const baseSha = repository.refs[`refs/heads/${asked.base}`]
  if (headSha === undefined) throw validationFailed(problem('head', 'invalid'))
  if (baseSha === undefined) throw validationFailed(problem('base', 'invalid'))
  const label = `${asked.head.repository.owner}:${asked.head.branch}`
  const twin = pullRequestsOf(context.state, repository).some(
    ({ state, head, base }) =>
      state === 'open' &&
      head.repositoryId === asked.head.repository.id &&
      head.branch === asked.head.branch &&
      base.branch === asked.base,
  )
  if (twin) throw validationFailed(problem('base', 'custom', `A pull request already exists for ${label}.`))

  const now = timestamp(context.now())
  const pull: PullRequestRecord = {
    id: takeId(context.state),
    number: repository.nextNumber,
    repositoryId: repository.id,
    author: asked.author,
    title: asked.title,
    body: asked.body,
    isDraft: asked.isDraft,
    state: 'open',
    head: { repositoryId: asked.head.repository.id, branch: asked.head.branch, sha: headSha },
    base: { branch: asked.base, sha: baseSha },
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    mergedCommits: [],
  }
  await keepHead(context, repository, pull)
  if ((await countBetween(repository.path, baseSha, headSha)) === 0)
    throw validationFailed(problem('base', 'custom', `No commits between ${asked.base} and ${label}`))
  repository.nextNumber += 1
  context.state.pullRequests.push(pull)
  context.changed()
  await announcePullRequest(context, { repository, pull }, { action: 'opened', sender: asked.author })
  return pull
}

export interface PullRequestChanges {
  readonly title?: string | undefined
  readonly body?: string | null | undefined
  readonly state?: 'open' | 'closed' | undefined
  readonly base?: string | undefined
  readonly isDraft?: boolean | undefined
}

async function changeWords(
  context: Context,
  { repository, pull }: { repository: Repository; pull: PullRequestRecord },
  { asked, sender }: { asked: PullRequestChanges; sender: string },
): Promise<void> {
  const changes: Record<string, unknown> = {}
  if (asked.title !== undefined && asked.title !== pull.title) {
    changes['title'] = { from: pull.title }
    pull.title = asked.title
  }
  if (asked.body !== undefined && asked.body !== pull.body) {
    changes['body'] = { from: pull.body ?? '' }
    pull.body = asked.body
  }
  if (asked.base !== undefined && asked.base !== pull.base.branch) {
    const sha = repository.refs[`refs/heads/${asked.base}`]
    if (sha === undefined) throw validationFailed(problem('base', 'invalid'))
    changes['base'] = { ref: { from: pull.base.branch }, sha: { from: pull.base.sha } }
    pull.base.branch = asked.base
    pull.base.sha = sha
  }
  if (Object.keys(changes).length > 0)
    await announcePullRequest(context, { repository, pull }, { action: 'edited', sender, extra: { changes } })
}

async function changeState(
  context: Context,
  { repository, pull }: { repository: Repository; pull: PullRequestRecord },
  { state, sender }: { state: 'open' | 'closed'; sender: string },
): Promise<void> {
  if (state === pull.state) return
  if (state === 'closed') {
    markClosed(context, pull)
    await announcePullRequest(context, { repository, pull }, { action: 'closed', sender })
    return
  }
  if (pull.mergedAt !== null)
    throw validationFailed(problem('state', 'invalid', 'state cannot be changed. The pull request cannot be reopened.'))
  pull.state = 'open'
  pull.closedAt = null
  await announcePullRequest(context, { repository, pull }, { action: 'reopened', sender })
}

/** Applies each change that is one, and announces each. */
export async function changePullRequest(
  context: Context,
  subject: { repository: Repository; pull: PullRequestRecord },
  { asked, sender }: { asked: PullRequestChanges; sender: string },
): Promise<void> {
  const { pull } = subject
  if (asked.title?.trim() === '')
    throw new Refusal(422, 'Validation Failed', { errors: [problem('title', 'missing_field')] })
  pull.updatedAt = timestamp(context.now())
  await changeWords(context, subject, { asked, sender })
  if (asked.isDraft !== undefined && asked.isDraft !== pull.isDraft) {
    pull.isDraft = asked.isDraft
    const action = asked.isDraft ? 'converted_to_draft' : 'ready_for_review'
    await announcePullRequest(context, subject, { action, sender })
  }
  if (asked.state !== undefined) await changeState(context, subject, { state: asked.state, sender })
  context.changed()
}
