/** What is known of the verdicts on one evidence, with waivers applied and where to look further. */
import { sql } from 'drizzle-orm'
import type { EvidenceVerdicts } from '#core/api/verdicts.ts'
import { applyWaivers } from '#core/policy/waiver.ts'
import type { Database } from './database.ts'
import { findEvidence } from './evidence.ts'
import { judgedUnder, verdictsOf } from './verdicts.ts'
import { waiversInForce } from './waivers.ts'

interface Asked {
  readonly id: string
  /** RFC 3339 UTC. */
  readonly now: string
  readonly publicUrl: string
}

/** null where the organisation has no such evidence. */
export async function readEvidenceVerdicts(
  organisation: string,
  database: Database,
  { id, now, publicUrl }: Asked,
): Promise<EvidenceVerdicts | null> {
  const row = await findEvidence(organisation, database, id)
  if (row === null) return null
  const { state, reason, sessionId } = row
  const base = publicUrl.replace(/\/+$/, '')
  const session = sessionId === null ? null : `${base}/sessions/${encodeURIComponent(sessionId)}`
  if (state !== 'indexed') {
    const links = { session, pullRequests: [] }
    return { state: state === 'failed' ? 'failed' : 'queued', reason, contractVersion: null, verdicts: [], links }
  }
  const [reached, contractVersion, waivers, [place], pulls] = await Promise.all([
    verdictsOf(organisation, database, id),
    judgedUnder(organisation, database, id),
    waiversInForce(organisation, database, now),
    database.all<{ repository: string | null }>(
      sql`select repository from sessions where organisation = ${organisation} and id = ${sessionId}`,
    ),
    database.all<{ repository: string; number: number }>(
      sql`select distinct p.repository, p.number from session_commits s
          join pull_request_commits c on c.organisation = s.organisation and c."commit" = s."commit"
          join pull_requests p on p.organisation = c.organisation and p.repository = c.repository and p.number = c.number
          where s.organisation = ${organisation} and s.session_id = ${sessionId} and p.state = 'open'
          order by p.repository, p.number limit 20`,
    ),
  ])
  // A waiver of a pull request counts for a session only where all of it is one pull request.
  const [only] = pulls
  const repository = only?.repository ?? place?.repository ?? null
  const subject = {
    session: sessionId,
    repository,
    pullRequest: pulls.length === 1 ? (only?.number ?? null) : null,
    now,
  }
  return {
    state: 'judged',
    reason: null,
    contractVersion,
    verdicts: [...applyWaivers(reached, waivers, subject)],
    links: { session, pullRequests: pulls.map((pull) => `${base}/pull-requests/${pull.repository}/${pull.number}`) },
  }
}
