/** Everything the fake remembers, as plain JSON: what is here can be written to disk and read back. */

import type { ReviewRecord } from './reviews.ts'

export type AccountType = 'User' | 'Organization' | 'Bot'

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: AccountType
  name: string | null
  /** Commits by this address are attributed to the account, as GitHub does. */
  email: string | null
}

export type PermissionLevel = 'read' | 'write'
export type Permission = 'checks' | 'contents' | 'issues' | 'merge_queues' | 'metadata' | 'pull_requests'
export type Permissions = Partial<Record<Permission, PermissionLevel>>

export interface Installation {
  readonly id: number
  readonly account: string
  repositorySelection: 'all' | 'selected'
  repositoryIds: number[]
  permissions: Permissions
  readonly createdAt: string
  updatedAt: string
  suspendedAt?: string | null
}

export interface Token {
  readonly token: string
  readonly installationId: number
  /** Null means every repository of the installation. */
  readonly repositoryIds: readonly number[] | null
  readonly permissions: Permissions
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** A rule "this check must pass before merging"; a pinned rule counts only runs of that App. */
export interface RequiredCheck {
  readonly context: string
  readonly integrationId?: number
}

export interface Repository {
  readonly id: number
  readonly owner: string
  name: string
  /** Names that it had; they lead to it until another repository takes them. Absent = none. */
  formerNames?: string[]
  /** Folder of the bare git repository. */
  readonly path: string
  readonly isPrivate: boolean
  readonly forkOf: number | null
  defaultBranch: string
  description: string | null
  requiredChecks: RequiredCheck[]
  readonly createdAt: string
  updatedAt: string
  pushedAt: string
  nextNumber: number
  /** Branches and tags as they were last noticed: a difference to git is a push that was not yet announced. */
  refs: Record<string, string>
}

export interface PullRequestRecord {
  readonly id: number
  readonly number: number
  readonly repositoryId: number
  readonly author: string
  title: string
  body: string | null
  isDraft: boolean
  state: 'open' | 'closed'
  readonly head: { readonly repositoryId: number; readonly branch: string; sha: string }
  readonly base: { branch: string; sha: string }
  readonly createdAt: string
  updatedAt: string
  closedAt: string | null
  mergedAt: string | null
  mergedBy: string | null
  mergeCommitSha: string | null
  /** What the merge put on the base branch, oldest first: one commit for merge and squash, several for rebase. */
  mergedCommits: readonly string[]
}

export interface Annotation {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly start_column?: number
  readonly end_column?: number
  readonly annotation_level: 'notice' | 'warning' | 'failure'
  readonly message: string
  readonly title?: string
  readonly raw_details?: string
}

export interface CheckAction {
  readonly label: string
  readonly description: string
  readonly identifier: string
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed'
export type Conclusion = 'action_required' | 'cancelled' | 'failure' | 'neutral' | 'success' | 'skipped' | 'timed_out'

export interface CheckRunRecord {
  readonly id: number
  readonly repositoryId: number
  readonly suiteId: number
  readonly appId: number
  readonly headSha: string
  name: string
  status: CheckStatus
  conclusion: Conclusion | null
  startedAt: string | null
  completedAt: string | null
  detailsUrl: string | null
  externalId: string
  title: string | null
  summary: string | null
  text: string | null
  annotations: Annotation[]
  actions: CheckAction[]
}

export interface CheckSuiteRecord {
  readonly id: number
  readonly repositoryId: number
  readonly appId: number
  readonly headSha: string
  readonly headBranch: string | null
  readonly before: string | null
  readonly createdAt: string
}

export interface CommentRecord {
  readonly id: number
  readonly nodeId: string
  readonly repositoryId: number
  readonly issueNumber: number
  readonly author: string
  readonly appId: number | null
  body: string
  readonly createdAt: string
  updatedAt: string
  /** GitHub's classifier, lower case, once `minimizeComment` was called. */
  minimizedReason: string | null
}

export interface DeliveryRecord {
  readonly id: number
  readonly guid: string
  readonly deliveredAt: string
  readonly redelivery: boolean
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly requestHeaders: Readonly<Record<string, string>>
  /** The exact text that was signed and sent. */
  readonly payload: string
  /** Seconds. */
  duration: number
  /** `OK`, or why it failed; `pending` while it is under way, `dropped` when a fault swallowed it. */
  status: string
  /** 0 when no answer came. */
  statusCode: number
  responseBody: string | null
}

/** A request, an answer or a webhook that GitHub's own description does not allow. */
interface Violation {
  readonly direction: 'request' | 'answer' | 'webhook'
  /** Operation id, event name, or method and path when no operation matched. */
  readonly operation: string
  readonly problems: readonly string[]
}

interface RequestRecord {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly method: string
  readonly path: string
  status: number
}

/** An App that somebody registered by a manifest, until its secrets are fetched. */
export interface RegistrationRecord {
  readonly code: string
  readonly owner: string
  readonly manifest: Manifest
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Manifest {
  readonly name: string
  readonly url: string
  readonly redirectUrl: string
  readonly webhookUrl: string
  readonly permissions: Readonly<Record<string, string>>
  readonly events: readonly string[]
}

export interface State {
  nextId: number
  registrations: RegistrationRecord[]
  accounts: Account[]
  installations: Installation[]
  tokens: Token[]
  repositories: Repository[]
  pullRequests: PullRequestRecord[]
  checkSuites: CheckSuiteRecord[]
  checkRuns: CheckRunRecord[]
  comments: CommentRecord[]
  reviews: ReviewRecord[]
  deliveries: DeliveryRecord[]
  violations: Violation[]
  /** Every API request that arrived, oldest first. */
  requests: RequestRecord[]
}

/** Ids start high and are never shared between kinds, so that a mixed-up id cannot happen to exist. */
const FIRST_ID = 10_001

export function emptyState(): State {
  return {
    nextId: FIRST_ID,
    registrations: [],
    accounts: [],
    installations: [],
    tokens: [],
    repositories: [],
    pullRequests: [],
    checkSuites: [],
    checkRuns: [],
    comments: [],
    reviews: [],
    deliveries: [],
    violations: [],
    requests: [],
  }
}

export function takeId(state: State): number {
  const id = state.nextId
  state.nextId += 1
  return id
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The account of this name, created on first sight. */
export function accountOf(state: State, login: string, type: AccountType = 'User'): Account {
  const known = state.accounts.find((account) => same(account.login, login))
  if (known !== undefined) return known
  const account: Account = { id: takeId(state), login, type, name: null, email: null }
  state.accounts.push(account)
  return account
}

export function findRepository(state: State, owner: string, name: string): Repository | undefined {
  return state.repositories.find((repository) => same(repository.owner, owner) && same(repository.name, name))
}

/** The one that had the name before. */
export function formerRepository(state: State, owner: string, name: string): Repository | undefined {
  return state.repositories.find(
    (repository) => same(repository.owner, owner) && repository.formerNames?.some((former) => same(former, name)),
  )
}

export function repositoryById(state: State, id: number): Repository {
  const found = state.repositories.find((repository) => repository.id === id)
  if (found === undefined) throw new Error(`The fake has no repository ${id}.`)
  return found
}

export function pullRequestsOf(state: State, repository: Repository): readonly PullRequestRecord[] {
  return state.pullRequests.filter((pull) => pull.repositoryId === repository.id)
}

export function findPullRequest(state: State, repository: Repository, number: number): PullRequestRecord | undefined {
  return pullRequestsOf(state, repository).find((pull) => pull.number === number)
}

export function commentsOf(state: State, repository: Repository, number: number): readonly CommentRecord[] {
  return state.comments.filter((comment) => comment.repositoryId === repository.id && comment.issueNumber === number)
}

export function covers(installation: Installation, repository: Repository): boolean {
  return installation.repositorySelection === 'all'
    ? same(installation.account, repository.owner)
    : installation.repositoryIds.includes(repository.id)
}

export function repositoriesOf(state: State, installation: Installation): readonly Repository[] {
  return state.repositories.filter((repository) => covers(installation, repository))
}

/** GitHub's form of a time: UTC, whole seconds. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
