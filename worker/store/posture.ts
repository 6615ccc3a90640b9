/** What a posture is made of: rolled-up verdicts by repository, and a few of the verdicts behind them. */
import { sql } from 'drizzle-orm'
import type { Period } from '#core/metrics/period.ts'
import type { Result } from '#core/policy/policy.ts'
import type { Database } from './database.ts'

export interface VerdictSum {
  /** '' = no repository. */
  readonly repository: string
  readonly policy: string
  readonly result: Result
  readonly verdicts: number
}

/** Of two periods, in their order; rows grow with repositories and policies, never with sessions. */
export async function verdictSums(
  organisation: string,
  database: Database,
  [current, previous]: readonly [Period, Period],
): Promise<readonly [readonly VerdictSum[], readonly VerdictSum[]]> {
  const sums = ({ from, to }: Period) =>
    database.all<VerdictSum>(
      sql`select repository, policy, result, sum(verdicts) as verdicts from daily_verdicts
          where organisation = ${organisation} and day between ${from} and ${to}
          group by repository, policy, result having sum(verdicts) > 0`,
    )
  return database.batch([sums(current), sums(previous)])
}

export interface EvidenceOfVerdict {
  readonly policy: string
  readonly result: Result
  readonly evidenceId: string
  readonly session: string
  readonly repository: string | null
  /** Of repositories of any name; the session's own are meant. */
  readonly pullRequests: readonly number[]
}

/** Newest verdicts that are looked at for one policy and result; those of another period or place are left out. */
const MAX_LOOKED_AT = 100
const MAX_SHOWN = 10

/** The newest evidence with each of these answers, a bounded number of rows for each. */
export async function evidenceBehind(
  organisation: string,
  database: Database,
  {
    wanted,
    period: { from, to },
  }: {
    readonly wanted: readonly { readonly policy: string; readonly result: Result }[]
    readonly period: Period
  },
): Promise<readonly EvidenceOfVerdict[]> {
  const statements = wanted.map(({ policy, result }) =>
    database.all<Omit<EvidenceOfVerdict, 'pullRequests'> & { pullRequests: string }>(
      sql`select v.policy, v.result, v.evidence_id as evidenceId, s.id as session, s.repository,
            (select json_group_array(distinct c.number) from session_commits sc
              join pull_request_commits c on c.organisation = sc.organisation and c."commit" = sc."commit"
              where sc.organisation = s.organisation and sc.session_id = s.id
                and c.repository = s.repository) as pullRequests
          from (select organisation, policy, result, evidence_id, rowid as age from verdicts
                where organisation = ${organisation} and policy = ${policy} and result = ${result}
                order by rowid desc limit ${MAX_LOOKED_AT}) v
          join evidence e on e.organisation = v.organisation and e.id = v.evidence_id
          join sessions s on s.organisation = e.organisation and s.id = e.session_id and s.evidence_id = e.id
          where s.day between ${from} and ${to}
          order by v.age desc limit ${MAX_SHOWN}`,
    ),
  )
  const [first, ...rest] = statements
  if (first === undefined) return []
  const answers = await database.batch([first, ...rest])
  return answers.flat().map((row) => ({ ...row, pullRequests: JSON.parse(row.pullRequests) }))
}
