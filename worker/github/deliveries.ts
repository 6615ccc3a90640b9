/** What GitHub knows about its own webhook deliveries; it repeats none by itself. */
import { z } from 'zod'
import { appAuthorization } from './app.ts'
import { askGitHub, type GitHubAnswer, readAnswer } from './request.ts'
import type { GitHubSettings } from './settings.ts'

const Deliveries = z.array(
  z.object({ id: z.int(), guid: z.string(), delivered_at: z.string(), status_code: z.int(), redelivery: z.boolean() }),
)

/** A busy App has a few hundred deliveries in the window; the bound keeps one turn of the clock short. */
const MAX_PAGES = 10

/** Ids of deliveries since `since` (milliseconds since 1970) of which no attempt succeeded, one for each GUID. */
export async function failedDeliveries(settings: GitHubSettings, since: number): Promise<readonly number[]> {
  const failed = new Map<string, number>()
  const succeeded = new Set<string>()
  let path: string | null = '/app/hook/deliveries?per_page=100'
  for (let page = 0; path !== null && page < MAX_PAGES; page++) {
    const authorization = await appAuthorization(settings)
    const answer: GitHubAnswer = await askGitHub(settings, { method: 'GET', path, authorization })
    const deliveries = readAnswer(Deliveries, answer)
    const recent = deliveries.filter(({ delivered_at }) => Date.parse(delivered_at) >= since)
    for (const { id, guid, status_code } of recent) {
      if (status_code >= 200 && status_code < 300) succeeded.add(guid)
      else if (!failed.has(guid)) failed.set(guid, id)
    }
    // Newest first: the first old one ends the window.
    path = recent.length < deliveries.length ? null : answer.next
  }
  return [...failed].filter(([guid]) => !succeeded.has(guid)).map(([, id]) => id)
}

/** GitHub sends the same bytes under the same GUID again. */
export async function redeliver(settings: GitHubSettings, id: number): Promise<void> {
  const authorization = await appAuthorization(settings)
  await askGitHub(settings, { method: 'POST', path: `/app/hook/deliveries/${id}/attempts`, authorization })
}
