/** What GitHub knows about its own webhook deliveries; it repeats none by itself. */
import { z } from 'zod'
import { isFault } from '#core/fault.ts'
import { appAuthorization } from './app.ts'
import { askGitHub, type GitHubAnswer, readAnswer } from './request.ts'
import type { GitHubSettings } from './settings.ts'

const Deliveries = z.array(
  z.object({ id: z.int(), guid: z.string(), delivered_at: z.string(), status_code: z.int(), redelivery: z.boolean() }),
)

/**
 * Ten thousand deliveries: what 500 pull requests cause within an hour has to be seen to its beginning, since what was lost
 * first is listed last. GitHub lets an App ask 5,000 times an hour; twelve turns with as many pages stay far below.
 */
const MAX_PAGES = 100

/** A long list is many requests, and one that fails must not hide all that was lost. */
const TRIES = 4

export interface FailedDeliveries {
  /** One for each GUID of which no attempt succeeded, those that GitHub sent last first. */
  readonly ids: readonly number[]
  /** Why the list was not read to its end; null where it was. What was read is right all the same: newer ones come first. */
  readonly problem: string | null
}

/** `since`: milliseconds since 1970. Never throws. */
export async function failedDeliveries(settings: GitHubSettings, since: number): Promise<FailedDeliveries> {
  const failed = new Map<string, number>()
  const succeeded = new Set<string>()
  let path: string | null = '/app/hook/deliveries?per_page=100'
  let problem: string | null = null
  try {
    for (let page = 0; path !== null && page < MAX_PAGES; page++) {
      const answer: GitHubAnswer = await readPage(settings, path)
      const deliveries = readAnswer(Deliveries, answer)
      const recent = deliveries.filter(({ delivered_at }) => Date.parse(delivered_at) >= since)
      for (const { id, guid, status_code } of recent) {
        if (status_code >= 200 && status_code < 300) succeeded.add(guid)
        else if (!failed.has(guid)) failed.set(guid, id)
      }
      // Newest first: the first old one ends the window.
      path = recent.length < deliveries.length ? null : answer.next
    }
    if (path !== null) problem = `only the newest ${MAX_PAGES * 100} deliveries were looked at`
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  return { ids: [...failed].filter(([guid]) => !succeeded.has(guid)).map(([, id]) => id), problem }
}

async function readPage(settings: GitHubSettings, path: string): Promise<GitHubAnswer> {
  for (let count = 1; ; count++) {
    try {
      return await askGitHub(settings, { method: 'GET', path, authorization: await appAuthorization(settings) })
    } catch (error) {
      // A limit asks for patience, which the next turn of the clock has.
      if (count === TRIES || !isFault(error) || error.code !== 'forge-unavailable') throw error
    }
  }
}

/** GitHub sends the same bytes under the same GUID again. */
export async function redeliver(settings: GitHubSettings, id: number): Promise<void> {
  const authorization = await appAuthorization(settings)
  await askGitHub(settings, { method: 'POST', path: `/app/hook/deliveries/${id}/attempts`, authorization })
}
