/** What the clock does for privacy: transcripts that are too old are erased, and erasures that a crash cut off are ended. */
import { shortestRetention } from '#core/policy/retention.ts'
import type { Env } from '#worker/env.ts'
import { blobsOf } from '#worker/store/blobs.ts'
import { type Database, openDatabase } from '#worker/store/database.ts'
import { markEvidence, organisationsWithErasures, settleErasures } from '#worker/store/erasures.ts'
import {
  expiredEvidence,
  organisationsWithRetention,
  type RetentionInForce,
  repositoriesOf,
} from '#worker/store/retention.ts'

/** For one turn of the clock, every five minutes; the rest waits for the next one, and who waited longest comes first. */
const MAX_ORGANISATIONS = 20
const MAX_TRANSCRIPTS = 200

const DAY_MS = 86_400_000

/** How many transcripts are gone now. One organisation that fails keeps no other waiting. */
export async function expireTranscripts(env: Env, now: Date): Promise<number> {
  const database = openDatabase(env.DB)
  let left = MAX_TRANSCRIPTS
  const found = await organisationsWithRetention(database, { now: now.toISOString(), limit: MAX_ORGANISATIONS })
  for (const retention of found) {
    left -= await attempt(() => markExpired(database, retention, { now, limit: left }))
  }
  let erased = 0
  for (const organisation of await organisationsWithErasures(database, MAX_ORGANISATIONS)) {
    const blobs = blobsOf(organisation, env.BLOBS)
    erased += await attempt(() => settleErasures(organisation, database, { blobs, limit: MAX_TRANSCRIPTS }))
  }
  return erased
}

async function markExpired(
  database: Database,
  { organisation, days, inForce }: RetentionInForce,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<number> {
  const repositories = [null, ...(await repositoriesOf(organisation, database))]
  const before = repositories.flatMap((repository) => {
    const kept = shortestRetention(days, inForce, repository)
    if (kept === null) return []
    return [{ repository: repository ?? '', time: new Date(now.getTime() - kept * DAY_MS).toISOString() }]
  })
  if (before.length === 0 || limit <= 0) return 0
  const ids = await expiredEvidence(organisation, database, { before, limit })
  if (ids.length > 0) {
    await markEvidence(organisation, database, { ids, erasure: { at: now.toISOString(), by: 'retention' } })
  }
  return ids.length
}

async function attempt(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (cause) {
    console.error(JSON.stringify({ clock: 'retention', cause: String(cause) }))
    return 0
  }
}
