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
