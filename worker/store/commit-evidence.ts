/** Which evidence speaks about a set of commits. */
import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

export interface CommitEvidence {
  readonly sessionId: string
  /** Name of the person who sent the session. */
  readonly person: string
  /** Newest evidence of the session, for header and verdicts. */
  readonly evidenceId: string
  readonly logIndex: number
  /** For each commit the evidence that attributes it newest. */
  readonly attributing: readonly { readonly commit: string; readonly evidenceId: string }[]
}

interface Row extends Omit<CommitEvidence, 'attributing'> {
  readonly commit: string
  readonly attributedBy: string
}

/** Sessions of the organisation that contributed to one of the commits, in the order of the log. */
export async function evidenceOfCommits(
  organisation: string,
  database: Database,
  commits: readonly string[],
): Promise<readonly CommitEvidence[]> {
  const rows = await database.all<Row>(
    sql`select s.id as sessionId, p.name as person, s.evidence_id as evidenceId, s.log_index as logIndex,
          c."commit" as "commit", c.evidence_id as attributedBy
        from session_commits c
        join sessions s on s.organisation = c.organisation and s.id = c.session_id
        join people p on p.organisation = s.organisation and p.id = s.person
        where c.organisation = ${organisation}
          and c."commit" in (select value from json_each(${JSON.stringify(commits)}))
        order by s.log_index, c."commit"`,
  )
  const sessions = new Map<string, CommitEvidence & { attributing: { commit: string; evidenceId: string }[] }>()
  for (const { commit, attributedBy, ...session } of rows) {
    const known = sessions.get(session.sessionId) ?? { ...session, attributing: [] }
    known.attributing.push({ commit, evidenceId: attributedBy })
    sessions.set(session.sessionId, known)
  }
  return [...sessions.values()]
}

/** Evidence of commits alone, oldest first, with the commits for which it is the newest. */
export async function observationsOfCommits(
  organisation: string,
  database: Database,
  commits: readonly string[],
): Promise<readonly { readonly evidenceId: string; readonly commits: readonly string[] }[]> {
  const rows = await database.all<{ evidenceId: string; commits: string }>(
    sql`select evidence_id as evidenceId, json_group_array("commit") as commits from observed_commits
        where organisation = ${organisation} and "commit" in (select value from json_each(${JSON.stringify(commits)}))
        group by evidence_id order by min(log_index)`,
  )
  return rows.map((row) => ({ evidenceId: row.evidenceId, commits: JSON.parse(row.commits) as string[] }))
}

export interface PatchEvidence {
  readonly patchId: string
  /** The commit that was observed. */
  readonly commit: string
  /** null: of commits to which no session contributed. */
  readonly sessionId: string | null
  readonly evidenceId: string
}

/** Evidence of the same changes under other commit ids: of each session, and of what was seen alone, the newest. */
export async function evidenceOfPatches(
  organisation: string,
  database: Database,
  patchIds: readonly string[],
): Promise<readonly PatchEvidence[]> {
  const wanted = JSON.stringify(patchIds)
  // SQLite takes the other columns from the row that has the maximum.
  return database.all<PatchEvidence>(
    sql`select patch_id as patchId, "commit" as "commit", session_id as sessionId, evidence_id as evidenceId
        from (select patch_id, "commit", session_id, evidence_id, max(log_index) from session_commits
          where organisation = ${organisation} and patch_id in (select value from json_each(${wanted}))
          group by patch_id, session_id)
        union all
        select patch_id as patchId, "commit" as "commit", null as sessionId, evidence_id as evidenceId
        from (select patch_id, "commit", evidence_id, max(log_index) from observed_commits
          where organisation = ${organisation} and patch_id in (select value from json_each(${wanted}))
          group by patch_id)
        order by 1, 3, 2`,
  )
}

/** What an envelope costs to read and verify bounds how many are looked at. */
const MAX_CANDIDATES = 100

/** Evidence that attributes lines of these digests, with the commits: those with the most of them. */
export async function evidenceOfLines(
  organisation: string,
  database: Database,
  digests: readonly string[],
): Promise<readonly { readonly evidenceId: string; readonly commit: string }[]> {
  return database.all<{ evidenceId: string; commit: string }>(
    sql`select evidence_id as evidenceId, "commit" as "commit" from evidence_lines
        where organisation = ${organisation} and digest in (select value from json_each(${JSON.stringify(digests)}))
        group by 1, 2 order by count(*) desc, 1, 2 limit ${MAX_CANDIDATES}`,
  )
}

/** Idempotent. */
export async function saveEvidenceLines(
  organisation: string,
  database: Database,
  { evidenceId, marks }: { readonly evidenceId: string; readonly marks: readonly { commit: string; digest: string }[] },
): Promise<void> {
  if (marks.length === 0) return
  await database.run(
    sql`insert into evidence_lines (organisation, digest, evidence_id, "commit")
        select ${organisation}, value ->> 'digest', ${evidenceId}, value ->> 'commit'
        from json_each(${JSON.stringify(marks)}) where true on conflict do nothing`,
  )
}

/** Sessions by their ids, as `evidenceOfCommits` gives them, in the order of the log. */
export async function sessionsOf(
  organisation: string,
  database: Database,
  ids: readonly string[],
): Promise<readonly Omit<CommitEvidence, 'attributing'>[]> {
  return database.all<Omit<CommitEvidence, 'attributing'>>(
    sql`select s.id as sessionId, p.name as person, s.evidence_id as evidenceId, s.log_index as logIndex
        from sessions s join people p on p.organisation = s.organisation and p.id = s.person
        where s.organisation = ${organisation} and s.id in (select value from json_each(${JSON.stringify(ids)}))
        order by s.log_index`,
  )
}

/** Policies whose verdict on this evidence is stored under this version of the contract or a newer one. */
export async function hasVerdicts(
  organisation: string,
  database: Database,
  { evidenceId, contractVersion }: { readonly evidenceId: string; readonly contractVersion: number },
): Promise<boolean> {
  const [row] = await database.all<{ found: number }>(
    sql`select exists (select 1 from verdicts where organisation = ${organisation} and evidence_id = ${evidenceId}
        and contract_version >= ${contractVersion}) as found`,
  )
  return row?.found === 1
}
