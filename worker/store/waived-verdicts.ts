/** How many of the verdicts that the rollups count are waived now: they are kept as they were reached. */
import { type SQL, sql } from 'drizzle-orm'
import type { Period } from '#core/metrics/period.ts'

interface Asked {
  readonly period: Period
  readonly repository: string | null
  /** RFC 3339 UTC. */
  readonly now: string
}

/**
 * Violations and errors by repository, policy and result. A waiver of a repository is a sum of the rollup; of sessions and pull
 * requests only those that are waived are looked at, so that the cost does not grow with the number of sessions. A waiver
 * of a pull request counts for sessions all of whose commits in pull requests are in that one.
 */
export function waivedVerdicts(organisation: string, { period: { from, to }, repository, now }: Asked): SQL {
  const within = (table: SQL) => sql`${table}.organisation = ${organisation} and ${table}.day between ${from} and ${to}
    ${repository === null ? sql`` : sql`and ${table}.repository = ${repository}`}`
  return sql`with waived as (
        select policy, scope ->> 'kind' as kind, lower(scope ->> 'repository') as repository, scope ->> 'number' as number,
          scope ->> 'session' as session
        from waivers where organisation = ${organisation} and state = 'approved' and expires_at > ${now}
          and requested_by <> approved_by),
      whole as (select distinct policy, repository from waived where kind = 'repository'),
      single as (
        select policy, session from waived where kind = 'session'
        union
        select w.policy, s.session_id from waived w
          join pull_requests p on p.organisation = ${organisation} and lower(p.repository) = w.repository
            and p.number = w.number
          join pull_request_commits c on c.organisation = p.organisation and c.repository = p.repository
            and c.number = p.number
          join session_commits s on s.organisation = c.organisation and s."commit" = c."commit"
          where w.kind = 'pullRequest' and not exists (
            select 1 from session_commits t
              join pull_request_commits o on o.organisation = t.organisation and o."commit" = t."commit"
              where t.organisation = s.organisation and t.session_id = s.session_id
                and (o.repository <> p.repository or o.number <> p.number))),
      counted as (
        select d.repository, d.policy, d.result, d.verdicts from whole
          join daily_verdicts d on d.policy = whole.policy and lower(d.repository) = whole.repository
          where ${within(sql`d`)}
        union all
        select coalesce(s.repository, ''), v.policy, v.result, 1 from single
          join sessions s on s.id = single.session
          join verdicts v on v.organisation = s.organisation and v.evidence_id = s.evidence_id
            and v.policy = single.policy
          where ${within(sql`s`)} and not exists (
            select 1 from whole where whole.policy = v.policy and whole.repository = lower(s.repository)))
      select repository, policy, result, sum(verdicts) as verdicts from counted
      where result in ('fail', 'error') group by repository, policy, result having sum(verdicts) > 0`
}
