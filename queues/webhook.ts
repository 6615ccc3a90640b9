/** A stored delivery: load it, find whom it concerns, tell them. */
import type { Message } from '#core/api/messages.ts'
import type { Env } from '#worker/env.ts'
import { ForgeEvent } from '#worker/github/payload.ts'
import { type Database, openDatabase } from '#worker/store/database.ts'
import { organisationOfInstallation, removeInstallation } from '#worker/store/installations.ts'
import { type PullRequestKey, pullRequestName, pullRequestsAt } from '#worker/store/pull-requests.ts'
import { type DeliveryState, findDelivery, settleDelivery } from '#worker/store/webhook-deliveries.ts'

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
  const concerned = await concernedBy(organisation, database, event)
  for (const key of concerned) {
    const object = env.PULL_REQUEST.getByName(pullRequestName(organisation, key))
    await object.observe({ organisation, installation, ...key }, event)
  }
  return concerned.length > 0 ? null : 'no open pull request is known for it'
}

async function concernedBy(
  organisation: string,
  database: Database,
  event: Exclude<ForgeEvent, { kind: 'installation-removed' }>,
): Promise<readonly PullRequestKey[]> {
  const { repository } = event
  switch (event.kind) {
    case 'pull-request':
    case 'merge-group':
      return [{ repository, number: event.number }]
    case 'check-rerequested':
      if (event.numbers.length > 0) return event.numbers.map((number) => ({ repository, number }))
      return pullRequestsAt(organisation, database, { repository, at: { head: event.head } })
    case 'push':
      return pullRequestsAt(organisation, database, { repository, at: { branch: event.branch } })
  }
}
