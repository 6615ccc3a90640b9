/** What the clock repairs of the forges' side: deliveries that never arrived, and outboxes whose alarm was given up. */
import { forgeOf } from '#core/installation.ts'
import { followRepository } from '#queues/follow-repository.ts'
import type { Env } from './env.ts'
import { failedDeliveries, redeliver } from './github/deliveries.ts'
import { gitHubSettings } from './github/settings.ts'
import { type ChangedMergeRequest, changedMergeRequests, groupPath } from './gitlab/changed.ts'
import { type GitLabSettings, gitLabSettings } from './gitlab/settings.ts'
import { openDatabase } from './store/database.ts'
import { keepAccount, listInstallations, organisationOfInstallation } from './store/installations.ts'
import { knownHeads } from './store/pull-request-heads.ts'
import { pullRequestName } from './store/pull-requests.ts'

/** GitHub lets the deliveries of three days be repeated; six hours cover an outage of ours over many turns of the clock. */
const REDELIVERY_WINDOW_MS = 6 * 3_600_000

/** For one turn of the clock; the rest waits for the next one. */
const MAX_REDELIVERIES = 50

export interface Reconciled {
  readonly redelivered: number
  readonly woken: number
  /** Merge requests at GitLab that had changed without our being told. */
  readonly noticed: number
  /** What could not be done this time, in words. */
  readonly problems: readonly string[]
}

/** Never throws: each part on its own, so that one that fails does not keep the other from its work. */
export async function reconcile(env: Env, now: Date): Promise<Reconciled> {
  const problems: string[] = []
  const note = (what: string) => (said: string) => {
    const problem = `${what}: ${said}`
    console.warn(JSON.stringify({ reconcile: problem }))
    problems.push(problem)
  }
  const attempt = async (what: string, work: () => Promise<number>): Promise<number> => {
    try {
      return await work()
    } catch (error) {
      note(what)(describe(error))
      return 0
    }
  }
  const redelivered = await attempt('redelivery', () => redeliverFailed(env, now, note('redelivery')))
  const woken = await attempt('outboxes', () => wakeOutboxes(env))
  const settings = gitLabSettings(env)
  let noticed = 0
  if (settings !== null) {
    const since = new Date(now.getTime() - REDELIVERY_WINDOW_MS).toISOString()
    const groups: number[] = []
    await attempt('groups', async () => groups.push(...(await gitLabGroups(env))))
    for (const installation of groups) {
      const what = `merge requests of group ${-installation}`
      noticed += await attempt(what, () => noticeChanged(env, { settings, installation, since }))
    }
  }
  return { redelivered, woken, noticed, problems }
}

/** Each on its own: one that GitHub refuses keeps no other from being asked for. */
async function redeliverFailed(env: Env, now: Date, report: (problem: string) => void): Promise<number> {
  const settings = gitHubSettings(env)
  if (settings === null) return 0
  const { ids, problem } = await failedDeliveries(settings, now.getTime() - REDELIVERY_WINDOW_MS)
  if (problem !== null) report(problem)
  let redelivered = 0
  for (const id of ids.slice(0, MAX_REDELIVERIES)) {
    try {
      await redeliver(settings, id)
      redelivered += 1
    } catch (error) {
      report(describe(error))
    }
  }
  return redelivered
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function wakeOutboxes(env: Env): Promise<number> {
  const installations = await listInstallations(openDatabase(env.DB))
  for (const id of installations) await env.GITHUB_OUTBOX.getByName(String(id)).wake()
  return installations.length
}

/** GitLab keeps no list of failed deliveries that a member may repeat, so what it says now is compared with what we know. */
async function noticeChanged(
  env: Env,
  { settings, installation, since }: { settings: GitLabSettings; installation: number; since: string },
): Promise<number> {
  const database = openDatabase(env.DB)
  const organisation = await organisationOfInstallation(database, installation)
  if (organisation === null) return 0
  const account = await groupPath(settings, -installation)
  await keepAccount(organisation, database, { id: installation, account })
  const changed = await changedMergeRequests(settings, { group: -installation, since })
  const known = await knownHeads(organisation, database, changed)
  const isKnown = ({ repository, number, head, state }: ChangedMergeRequest): boolean =>
    known.some(
      (one) => one.repository === repository && one.number === number && one.head === head && one.state === state,
    )
  const unknown = changed.filter((one) => !isKnown(one)).slice(0, MAX_REDELIVERIES)
  for (const { repository: name, repositoryId: id, number } of unknown) {
    // What was renamed or moved is unknown under its new name only.
    const followed = await followRepository({ installation, id, name }, { organisation, database, env })
    const subject = { organisation, ...followed, number }
    const event = { kind: 'pull-request' as const, ...followed, number, action: 'synchronize' as const }
    await env.PULL_REQUEST.getByName(pullRequestName(organisation, subject)).observe(subject, event)
  }
  return unknown.length
}

async function gitLabGroups(env: Env): Promise<readonly number[]> {
  return (await listInstallations(openDatabase(env.DB))).filter((id) => forgeOf(id) === 'gitlab')
}
