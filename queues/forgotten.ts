/** What the clock does: acknowledged work whose queue message got lost is put on the queue again. */
import type { Env } from '#worker/env.ts'
import { openDatabase } from '#worker/store/database.ts'
import { takeForgottenEvidence } from '#worker/store/evidence.ts'
import { pullRequestName, pullRequestsWithoutReport } from '#worker/store/pull-requests.ts'
import { takeForgottenDeliveries } from '#worker/store/webhook-deliveries.ts'

/** A message is normally worked off within seconds; three tries with their pauses stay below two minutes. */
const FORGOTTEN_MS = 2 * 60_000
/** One `sendBatch` takes 100 messages; what is left waits for the next run. */
const LIMIT = 100

export async function requeueForgotten(env: Env, now: Date): Promise<void> {
  const database = openDatabase(env.DB)
  const window = {
    before: new Date(now.getTime() - FORGOTTEN_MS).toISOString(),
    now: now.toISOString(),
    limit: LIMIT,
  }
  const evidence = await takeForgottenEvidence(database, window)
  const deliveries = await takeForgottenDeliveries(database, window)
  const unreported = await pullRequestsWithoutReport(database, window)

  const messages = [
    ...evidence.map(({ organisation, id }) => ({ type: 'index' as const, organisation, evidenceId: id })),
    ...deliveries.map((deliveryId) => ({ type: 'webhook' as const, deliveryId })),
  ]
  for (let start = 0; start < messages.length; start += LIMIT) {
    await env.JOBS.sendBatch(messages.slice(start, start + LIMIT).map((body) => ({ body })))
  }
  const touched = await Promise.allSettled(
    unreported.map(({ organisation, ...key }) =>
      env.PULL_REQUEST.getByName(pullRequestName(organisation, key)).touch('clock'),
    ),
  )
  // One that cannot be reached keeps nobody else waiting; it is asked again at the next run.
  for (const outcome of touched) {
    if (outcome.status === 'rejected') console.error(JSON.stringify({ clock: 'touch', cause: String(outcome.reason) }))
  }
}
