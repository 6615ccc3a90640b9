/** What a posture is made of: rolled-up verdicts by repository, and a few of the verdicts behind them. */
import { type SQL, sql } from 'drizzle-orm'
import { type VerdictSum, type WaivedSum, withWaived } from '#core/framework/tally.ts'
import type { Period } from '#core/metrics/period.ts'
import type { Result } from '#core/policy/policy.ts'
import type { Database } from './database.ts'
import { waivedVerdicts } from './waived-verdicts.ts'

/**
 * Of two periods, in their order; rows grow with repositories and policies, never with sessions. Pull requests are one row
 * for each of their policies, counted in the period of their newest report.
 */
export async function verdictSums(
  organisation: string,
  database: Database,
  { periods: [current, previous], now }: { readonly periods: readonly [Period, Period]; readonly now: string },
): Promise<readonly [readonly VerdictSum[], readonly VerdictSum[]]> {
  const [ours, theirs] = [current, previous].map((period) =>
    verdictQueries(organisation, database, { period, repository: null, now }),
  )
  if (ours === undefined || theirs === undefined) throw new TypeError('two periods give two lists of queries')
  const [sessions, pulls, waived, sessionsBefore, pullsBefore, waivedBefore] = await database.batch([
    ...ours,
    ...theirs,
  ])
  return [
    [...withWaived(sessions, waived), ...pulls],
    [...withWaived(sessionsBefore, waivedBefore), ...pullsBefore],
  ]
}

interface Asked {
  readonly period: Period
  readonly repository: string | null
  readonly now: string
}

/** On sessions as they were reached, on pull requests with their waivers, and how many of the former are waived now. */
export function verdictQueries(
  organisation: string,
  database: Database,
  { period: { from, to }, repository, now }: Asked,
) {
  const here = (name: SQL) => (repository === null ? sql`true` : sql`${name} = ${repository}`)
  return [
    database.all<VerdictSum>(
      sql`select 'session' as "on", repository, policy, result, sum(verdicts) as verdicts, 0 as unmerged
          from daily_verdicts
          where organisation = ${organisation} and day between ${from} and ${to} and ${here(sql`repository`)}
          group by repository, policy, result having sum(verdicts) > 0`,
    ),
    database.all<VerdictSum>(
      sql`select 'pullRequest' as "on", v.repository, v.policy, v.result, count(*) as verdicts,
            sum(p.state <> 'merged') as unmerged
          from pull_request_verdicts v
          join pull_requests p on p.organisation = v.organisation and p.repository = v.repository and p.number = v.number
          where v.organisation = ${organisation} and v.day between ${from} and ${to} and ${here(sql`v.repository`)}
          group by v.repository, v.policy, v.result`,
    ),
    database.all<WaivedSum>(waivedVerdicts(organisation, { period: { from, to }, repository, now })),
  ] as const
}

/** One verdict that speaks for or against a control, and what proves it. */
export interface EvidenceOfVerdict {
  readonly on: VerdictSum['on']
  readonly policy: string
  readonly result: Result
  /** Of a session its newest evidence; of a pull request what was signed about its report, null where nothing was. */
  readonly evidenceId: string | null
  /** null: a pull request as a whole. */
  readonly session: string | null
  readonly repository: string | null
  /** Of a session those that it contributed to; they may be of repositories of any name, the session's own are meant. */
  readonly pullRequests: readonly number[]
}

export interface Wanted extends Pick<VerdictSum, 'on' | 'policy' | 'result'> {
  /** Pull requests that are not merged are left out. */
  readonly mergedOnly: boolean
}

/** Newest verdicts that are looked at for one policy and result; those of another period or place are left out. */
const MAX_LOOKED_AT = 1_000
const MAX_SHOWN = 10

/** The newest evidence with each of these answers, a bounded number of rows for each. */
export async function evidenceBehind(
  organisation: string,
  database: Database,
  {
    wanted,
    repositories,
    period: { from, to },
  }: {
    readonly wanted: readonly Wanted[]
    /** Names as they are stored, '' for none; null = all. */
    readonly repositories: readonly string[] | null
    readonly period: Period
  },
): Promise<readonly EvidenceOfVerdict[]> {
  const names = JSON.stringify(repositories)
  const within = (name: SQL) =>
    repositories === null ? sql`true` : sql`${name} in (select value from json_each(${names}))`
  const behindSession = ({ policy, result }: Wanted) =>
    database.all<Omit<EvidenceOfVerdict, 'pullRequests'> & { pullRequests: string }>(
      sql`select 'session' as "on", v.policy, v.result, v.evidence_id as evidenceId, s.id as session, s.repository,
            (select json_group_array(distinct c.number) from session_commits sc
              join pull_request_commits c on c.organisation = sc.organisation and c."commit" = sc."commit"
              where sc.organisation = s.organisation and sc.session_id = s.id
                and c.repository = s.repository) as pullRequests
          from (select organisation, policy, result, evidence_id, rowid as age from verdicts
                where organisation = ${organisation} and policy = ${policy} and result = ${result}
                order by rowid desc limit ${MAX_LOOKED_AT}) v
          join evidence e on e.organisation = v.organisation and e.id = v.evidence_id
          join sessions s on s.organisation = e.organisation and s.id = e.session_id and s.evidence_id = e.id
          where s.day between ${from} and ${to} and ${within(sql`coalesce(s.repository, '')`)}
          order by v.age desc limit ${MAX_SHOWN}`,
    )
  const behindPullRequest = ({ policy, result, mergedOnly }: Wanted) =>
    database.all<Omit<EvidenceOfVerdict, 'pullRequests'> & { pullRequests: string }>(
      sql`select 'pullRequest' as "on", v.policy, v.result, p.report ->> '$.conclusions.testResult' as evidenceId, null as session,
            v.repository, json_array(v.number) as pullRequests
          from pull_request_verdicts v
          join pull_requests p on p.organisation = v.organisation and p.repository = v.repository and p.number = v.number
          where v.organisation = ${organisation} and v.policy = ${policy} and v.result = ${result}
            and v.day between ${from} and ${to} and ${within(sql`v.repository`)}
            and (p.state = 'merged' or ${mergedOnly ? 0 : 1})
          order by v.day desc, v.number desc limit ${MAX_SHOWN}`,
    )
  const [first, ...rest] = wanted.map((one) => (one.on === 'session' ? behindSession(one) : behindPullRequest(one)))
  if (first === undefined) return []
  const answers = await database.batch([first, ...rest])
  return answers.flat().map((row) => ({ ...row, pullRequests: JSON.parse(row.pullRequests) }))
}
