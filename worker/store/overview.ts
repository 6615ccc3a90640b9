/** Reads the rollups of a period and of the one before it, all in one round trip. */
import { type SQL, sql } from 'drizzle-orm'
import type { LineCounts } from '#core/attribution/attribution.ts'
import { countedSums, withWaived } from '#core/framework/tally.ts'
import { type Period, previousPeriod } from '#core/metrics/period.ts'
import type { ModelSums, PeriodSums, RolledUp, SessionSums } from '#core/metrics/rollup.ts'
import type { Database } from './database.ts'
import { verdictQueries } from './posture.ts'

export async function readRollups(
  organisation: string,
  database: Database,
  { period, repository, now }: { readonly period: Period; readonly repository: string | null; readonly now: string },
): Promise<RolledUp> {
  const before = previousPeriod(period)
  const within = ({ from, to }: Period): SQL =>
    sql`organisation = ${organisation} and day between ${from} and ${to}
        ${repository === null ? sql`` : sql`and repository = ${repository}`}`

  const [
    since,
    currentSessions,
    previousSessions,
    currentLines,
    previousLines,
    currentModels,
    previousModels,
    currentPulls,
    previousPulls,
    sessionDays,
    lineDays,
    users,
    userLines,
    usersBefore,
    agents,
    verdicts,
    pullVerdicts,
    waived,
  ] = await database.batch([
    database.all<{ day: string | null }>(
      sql`select min(day) as day from daily_sessions where organisation = ${organisation} and sessions > 0`,
    ),
    database.all<SessionSums & { people: number }>(sessionTotals(within(period))),
    database.all<SessionSums & { people: number }>(sessionTotals(within(before))),
    database.all<LineCounts>(lineTotals(within(period))),
    database.all<LineCounts>(lineTotals(within(before))),
    database.all<ModelSums>(modelTotals(within(period))),
    database.all<ModelSums>(modelTotals(within(before))),
    database.all<PeriodSums['pullRequests']>(pullRequestTotals(organisation, period, repository)),
    database.all<PeriodSums['pullRequests']>(pullRequestTotals(organisation, before, repository)),
    database.all<SessionSums & { day: string }>(
      sql`select day, ${sessionSums} from daily_sessions where ${within(period)} group by day`,
    ),
    database.all<LineCounts & { day: string }>(
      sql`select day, ${lineSums} from daily_lines where ${within(period)} group by day`,
    ),
    database.all<SessionSums & { id: string; name: string }>(
      sql`select u.*, p.name from (select person as id, ${sessionSums} from daily_sessions where ${within(period)}
            group by person having sum(sessions) > 0) u
          join people p on p.organisation = ${organisation} and p.id = u.id`,
    ),
    database.all<{ id: string; name: string; ai: number }>(
      sql`select u.*, p.name from (select person as id, sum(ai) as ai from daily_lines where ${within(period)}
            group by person having sum(changes) > 0) u
          join people p on p.organisation = ${organisation} and p.id = u.id`,
    ),
    database.all<RolledUp['usersBefore'][number]>(
      sql`select id, sum(sessions) as sessions, sum(ai) as ai from (
            select person as id, sessions, 0 as ai from daily_sessions where ${within(before)}
            union all select person, 0, ai from daily_lines where ${within(before)})
          group by id having sum(sessions) > 0 or sum(ai) > 0`,
    ),
    database.all<{ agent: string; sessions: number }>(
      sql`select agent, sum(sessions) as sessions from daily_sessions where ${within(period)}
          group by agent having sum(sessions) > 0`,
    ),
    ...verdictQueries(organisation, database, { period, repository, now }),
  ])
  return {
    recordedSince: since[0]?.day ?? null,
    current: sums(currentSessions[0], currentLines[0], currentModels, currentPulls[0]),
    previous: sums(previousSessions[0], previousLines[0], previousModels, previousPulls[0]),
    sessionDays,
    lineDays,
    users: users.map(({ id, name, ...rest }) => ({ person: { id, name }, ...rest })),
    userLines: userLines.map(({ id, name, ai }) => ({ person: { id, name }, ai })),
    usersBefore,
    agents,
    verdicts: countedSums([...withWaived(verdicts, waived), ...pullVerdicts]),
  }
}

const sessionSums = sql`coalesce(sum(sessions), 0) as sessions, coalesce(sum(metered), 0) as metered,
  coalesce(sum(priced), 0) as priced, coalesce(sum(tokens), 0) as tokens,
  coalesce(sum(cost_micro_usd), 0) as costMicroUsd`

const lineSums = sql`coalesce(sum(ai), 0) as ai, coalesce(sum(human), 0) as human, coalesce(sum(mixed), 0) as mixed,
  coalesce(sum(unknown), 0) as unknown`

function sessionTotals(where: SQL): SQL {
  return sql`select ${sessionSums}, count(distinct case when sessions > 0 then person end) as people
    from daily_sessions where ${where}`
}

function lineTotals(where: SQL): SQL {
  return sql`select ${lineSums} from daily_lines where ${where}`
}

function modelTotals(where: SQL): SQL {
  return sql`select model, sum(sessions) as sessions, sum(priced) as priced, sum(tokens) as tokens,
      sum(cost_micro_usd) as costMicroUsd
    from daily_models where ${where} group by model having sum(sessions) > 0`
}

/** Pull requests that changed in the period. They are one row each, so they need no rollup. */
function pullRequestTotals(organisation: string, { from, to }: Period, repository: string | null): SQL {
  return sql`select count(*) as seen, coalesce(sum(sessions > 0), 0) as withSessions from pull_requests
    where organisation = ${organisation} and substr(updated_at, 1, 10) between ${from} and ${to}
      ${repository === null ? sql`` : sql`and repository = ${repository}`}`
}

function sums(
  sessions: (SessionSums & { readonly people: number }) | undefined,
  lines: LineCounts | undefined,
  models: readonly ModelSums[],
  pullRequests: PeriodSums['pullRequests'] | undefined,
): PeriodSums {
  if (sessions === undefined || lines === undefined || pullRequests === undefined) {
    throw new Error('an aggregate without group gives one row')
  }
  const { people, ...rest } = sessions
  return { sessions: rest, people, lines, models, pullRequests }
}
