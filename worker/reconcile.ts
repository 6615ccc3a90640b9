/** What the clock repairs of GitHub's side: deliveries that never arrived, and outboxes whose alarm was given up. */
import type { Env } from './env.ts'
import { failedDeliveries, redeliver } from './github/deliveries.ts'
import { gitHubSettings } from './github/settings.ts'
import { openDatabase } from './store/database.ts'
import { listInstallations } from './store/installations.ts'

/** GitHub lets the deliveries of three days be repeated; six hours cover an outage of ours over many turns of the clock. */
const REDELIVERY_WINDOW_MS = 6 * 3_600_000

/** For one turn of the clock; the rest waits for the next one. */
const MAX_REDELIVERIES = 50

export interface Reconciled {
  readonly redelivered: number
  readonly woken: number
  /** What could not be done this time, in words. */
  readonly problems: readonly string[]
}

/** Never throws: each part on its own, so that one that fails does not keep the other from its work. */
export async function reconcile(env: Env, now: Date): Promise<Reconciled> {
  const problems: string[] = []
  const attempt = async (what: string, work: () => Promise<number>): Promise<number> => {
    try {
      return await work()
    } catch (error) {
      const problem = `${what}: ${error instanceof Error ? error.message : String(error)}`
      console.warn(JSON.stringify({ reconcile: problem }))
      problems.push(problem)
      return 0
    }
  }
  const redelivered = await attempt('redelivery', () => redeliverFailed(env, now))
  const woken = await attempt('outboxes', () => wakeOutboxes(env))
  return { redelivered, woken, problems }
}

async function redeliverFailed(env: Env, now: Date): Promise<number> {
  const settings = gitHubSettings(env)
  if (settings === null) return 0
  const failed = await failedDeliveries(settings, now.getTime() - REDELIVERY_WINDOW_MS)
  const chosen = failed.slice(0, MAX_REDELIVERIES)
  for (const id of chosen) await redeliver(settings, id)
  return chosen.length
}

async function wakeOutboxes(env: Env): Promise<number> {
  const installations = await listInstallations(openDatabase(env.DB))
  for (const id of installations) await env.GITHUB_OUTBOX.getByName(String(id)).wake()
  return installations.length
}
