/** What is known of pull requests, for comparison with what their forge says. */
import { sql } from 'drizzle-orm'
import type { ForgePullRequest } from '#core/ports.ts'
import type { Database } from './database.ts'
import type { PullRequestKey } from './pull-requests.ts'

export type KnownHead = PullRequestKey & Pick<ForgePullRequest, 'head' | 'state'>

/** Those of the keys that are known. */
export function knownHeads(
  organisation: string,
  database: Database,
  keys: readonly PullRequestKey[],
): Promise<readonly KnownHead[]> {
  const wanted = JSON.stringify(keys.map(({ repository, number }) => [repository, number]))
  return database.all<KnownHead>(
    sql`select p.repository, p.number, p.head, p.state from json_each(${wanted}) w
        join pull_requests p on p.organisation = ${organisation} and p.repository = w.value ->> 0
          and p.number = w.value ->> 1`,
  )
}
