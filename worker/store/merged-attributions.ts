/** Rows of statements that the server makes of merges, and the key under which it signs them. */
import { sql } from 'drizzle-orm'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { markIndexed } from './count-changes.ts'
import { type Database, transact } from './database.ts'
import { type EvidenceRow, failEvidence } from './evidence.ts'
import { keys } from './schema.ts'

/** In the place of a person's id, which is a UUID: no credential can be of it. */
export const SERVER_PERSON = 'server'

/** So that its signatures verify like those of machines; listed as nobody's device. */
export async function keepServerKey(
  organisation: string,
  database: Database,
  { id, spki, now }: { readonly id: string; readonly spki: string; readonly now: string },
): Promise<void> {
  await database
    .insert(keys)
    .values({ organisation, id, person: SERVER_PERSON, name: 'Stemma server', spki, createdAt: now })
    .onConflictDoNothing()
}

/**
 * The landed commits with the sessions that contributed, so that a backport finds them. Their lines are not counted:
 * they were when the commits of the branch arrived. What a machine says about a merge is nothing that was recomputed.
 */
export async function indexMergedCommits(
  organisation: string,
  database: Database,
  {
    evidence: { id: evidenceId, logIndex, person },
    attribution,
  }: { readonly evidence: EvidenceRow; readonly attribution: readonly CommitAttribution[] },
): Promise<void> {
  if (person !== SERVER_PERSON) {
    const reason = 'Only the server of the organisation states what a merge made of the evidence.'
    return failEvidence(organisation, database, { id: evidenceId, reason })
  }
  const rows = attribution.flatMap(({ commit, patchId, added, sessions }) =>
    sessions.map((session) => ({ commit, patchId, session, ...added })),
  )
  await transact(database, [
    sql`insert into session_commits (organisation, session_id, "commit", patch_id, evidence_id, log_index,
          ai, human, mixed, unknown)
        select ${organisation}, value ->> 'session', value ->> 'commit', value ->> 'patchId', ${evidenceId}, ${logIndex},
          value ->> 'ai', value ->> 'human', value ->> 'mixed', value ->> 'unknown'
        from json_each(${JSON.stringify(rows)}) where true
        on conflict (organisation, session_id, "commit") do update set patch_id = excluded.patch_id,
          evidence_id = excluded.evidence_id, log_index = excluded.log_index, ai = excluded.ai,
          human = excluded.human, mixed = excluded.mixed, unknown = excluded.unknown
        where excluded.log_index >= session_commits.log_index`,
    markIndexed(organisation, evidenceId),
  ])
}
