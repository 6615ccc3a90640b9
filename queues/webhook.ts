/** A stored delivery: load it, find whom it concerns, tell them. */
import type { Message } from '#core/api/messages.ts'
import { isFault } from '#core/fault.ts'
import type { Env } from '#worker/env.ts'
import { openForge } from '#worker/github/forge.ts'
import { ForgeEvent } from '#worker/github/payload.ts'
import { gitHubSettings } from '#worker/github/settings.ts'
import { type Database, openDatabase } from '#worker/store/database.ts'
import { organisationOfInstallation, removeInstallation } from '#worker/store/installations.ts'
import {
  findPullRequest,
  type PullRequestKey,
  pullRequestName,
  pullRequestsAt,
  pullRequestsOfInstallation,
} from '#worker/store/pull-requests.ts'
import { type DeliveryState, findDelivery, settleDelivery } from '#worker/store/webhook-deliveries.ts'
import { followRepository, moveRepository, type Place } from './follow-repository.ts'

type WebhookMessage = Extract<Message, { readonly type: 'webhook' }>

/** Throws where a pull request's object cannot be reached, so that the queue tries again; until then it counts as failed. */
export async function onWebhook({ deliveryId }: WebhookMessage, env: Env): Promise<void> {
  const database = openDatabase(env.DB)
  const delivery = await findDelivery(database, deliveryId)
  if (delivery === null || delivery.state === 'done' || delivery.state === 'ignored') return
  const settle = (state: DeliveryState, reason: string | null) =>
    settleDelivery(database, { id: deliveryId, state, reason, now: new Date().toISOString() })

  try {
    const reason = await tell(ForgeEvent.parse(delivery.payload), database, env)
    await settle(reason === null ? 'done' : 'ignored', reason)
  } catch (error) {
    await settle('failed', error instanceof Error ? error.message : String(error))
    throw error
  }
}

/** null once everybody concerned was told; otherwise why nobody is. */
async function tell(event: ForgeEvent, database: Database, env: Env): Promise<string | null> {
  const { installation } = event
  const organisation = await organisationOfInstallation(database, installation)
  if (organisation === null) return `no organisation has claimed installation ${installation}`
  if (event.kind === 'installation-removed') {
    await removeInstallation(database, installation)
    return null
  }
  const place = { organisation, database, env }
  if (event.kind === 'repository-renamed') {
    await rename(event, place)
    return null
  }
  const followed = await follow(event, place)
  const concerned = await concernedBy(followed, place)
  if (followed.kind === 'evaluation-requested') {
    if (followed.app !== null && String(followed.app) !== env.GITHUB_APP_ID) return 'the button is one of another App'
    for (const key of concerned) await evaluateAnew(key, place)
  }
  for (const key of concerned) {
    const object = env.PULL_REQUEST.getByName(pullRequestName(organisation, key))
    await object.observe({ organisation, installation: followed.installation, ...key }, followed)
  }
  return concerned.length > 0 ? null : 'no open pull request is known for it'
}

type Renamed = Extract<ForgeEvent, { kind: 'repository-renamed' }>
type Told = Exclude<ForgeEvent, Renamed | { kind: 'installation-removed' }>

/** Once more where it was told before: by the id, a rename that came since is not undone by one that comes late. */
async function rename({ installation, former, repository, repositoryId: id }: Renamed, place: Place): Promise<void> {
  if (id === undefined) return moveRepository(former, { installation, repository }, place)
  await followRepository({ installation, id, name: repository, formers: [former] }, place)
}

/** The same event, about the repository as it is called now. */
async function follow(event: Told, place: Place): Promise<Told> {
  if (event.kind === 'installation-changed' || event.repositoryId === undefined) return event
  const { installation, repository: name, repositoryId: id } = event
  return { ...event, ...(await followRepository({ installation, id, name }, place)) }
}

async function concernedBy(event: Told, { organisation, database, env }: Place): Promise<readonly PullRequestKey[]> {
  if (event.kind === 'installation-changed') {
    const known = await pullRequestsOfInstallation(organisation, database, event.installation)
    return [...known, ...(await openIn(env, event))]
  }
  const { repository } = event
  switch (event.kind) {
    case 'pull-request':
    case 'merge-group':
      return [{ repository, number: event.number }]
    case 'check-rerequested':
    case 'evaluation-requested':
      if (event.numbers.length > 0) return event.numbers.map((number) => ({ repository, number }))
      return pullRequestsAt(organisation, database, { repository, at: { head: event.head } })
    case 'push':
      return pullRequestsAt(organisation, database, { repository, at: { branch: event.branch } })
  }
}

/** Everything that the newest report was made of; each verdict that is reached tells the pull request by itself. */
async function evaluateAnew(key: PullRequestKey, { organisation, database, env }: Place): Promise<void> {
  const sessions = (await findPullRequest(organisation, database, key))?.report?.sessions ?? []
  for (const evidenceId of new Set(sessions.map((session) => session.evidenceId))) {
    await env.JOBS.send({ type: 'evaluate', organisation, evidenceId })
  }
}

/** What was opened before the App could see it. A repository that cannot be read is none of the App's after all. */
async function openIn(
  env: Env,
  { installation, repositories }: Extract<ForgeEvent, { kind: 'installation-changed' }>,
): Promise<readonly PullRequestKey[]> {
  const settings = gitHubSettings(env)
  if (settings === null) return []
  const forge = openForge(settings, installation)
  const found: PullRequestKey[] = []
  for (const repository of repositories) {
    try {
      const numbers = await forge.openPullRequests(repository)
      found.push(...numbers.map((number) => ({ repository, number })))
    } catch (error) {
      if (!isFault(error) || error.code !== 'not-found') throw error
    }
  }
  return found
}
