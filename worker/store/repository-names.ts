/** What is stored under a repository's name follows the repository when it is renamed or transferred. */
import { type SQL, sql } from 'drizzle-orm'
import { type Database, transact } from './database.ts'

export interface Renaming {
  readonly former: string
  readonly present: string
}

/** Idempotent. Rows that are there under the new name already win, and sums are added up. */
export async function renameRepository(
  organisation: string,
  database: Database,
  { former, present }: Renaming,
): Promise<void> {
  if (former === present) return
  const from = { organisation, former, present }
  await transact(database, [
    sql`delete from repository_names where organisation = ${organisation} and former = ${present}`,
    sql`update repository_names set present = ${present} where organisation = ${organisation} and present = ${former}`,
    sql`insert into repository_names (organisation, former, present) values (${organisation}, ${former}, ${present})
        on conflict (organisation, former) do update set present = excluded.present`,
    sql`update sessions set repository = ${present} where organisation = ${organisation} and repository = ${former}`,
    sql`update configurations set repository = ${present} where organisation = ${organisation} and repository = ${former}`,
    ...movePullRequests(from),
    ...moveChanges(from),
    ...moveSums(from),
  ])
}

interface Move extends Renaming {
  readonly organisation: string
}

function movePullRequests({ organisation, former, present }: Move): readonly SQL[] {
  return [
    sql`update or ignore pull_requests set repository = ${present}
        where organisation = ${organisation} and repository = ${former}`,
    sql`delete from pull_requests where organisation = ${organisation} and repository = ${former}`,
    sql`update or ignore pull_request_commits set repository = ${present}
        where organisation = ${organisation} and repository = ${former}`,
    sql`delete from pull_request_commits where organisation = ${organisation} and repository = ${former}`,
    sql`update or ignore pull_request_verdicts set repository = ${present}
        where organisation = ${organisation} and repository = ${former}`,
    sql`delete from pull_request_verdicts where organisation = ${organisation} and repository = ${former}`,
  ]
}

/** A change that arrived under both names counts once: its lines are taken out before the sums are added up. */
function moveChanges({ organisation, former, present }: Move): readonly SQL[] {
  const isTwice = sql`repository = ${former} and change in
    (select change from changes where organisation = ${organisation} and repository = ${present})`
  return [
    sql`insert into daily_lines (organisation, day, repository, person, changes, ai, human, mixed, unknown)
        select organisation, day, repository, person, -count(*), -sum(ai), -sum(human), -sum(mixed), -sum(unknown)
        from changes where organisation = ${organisation} and ${isTwice} group by 1, 2, 3, 4
        on conflict do update set changes = changes + excluded.changes, ai = ai + excluded.ai,
          human = human + excluded.human, mixed = mixed + excluded.mixed, unknown = unknown + excluded.unknown`,
    sql`delete from changes where organisation = ${organisation} and ${isTwice}`,
    sql`update changes set repository = ${present} where organisation = ${organisation} and repository = ${former}`,
  ]
}

function moveSums({ organisation, former, present }: Move): readonly SQL[] {
  const rows = sql`where organisation = ${organisation} and repository = ${former}`
  return [
    sql`insert into daily_sessions
          (organisation, day, repository, person, agent, sessions, metered, priced, tokens, cost_micro_usd)
        select organisation, day, ${present}, person, agent, sessions, metered, priced, tokens, cost_micro_usd
        from daily_sessions ${rows}
        on conflict do update set sessions = sessions + excluded.sessions, metered = metered + excluded.metered,
          priced = priced + excluded.priced, tokens = tokens + excluded.tokens,
          cost_micro_usd = cost_micro_usd + excluded.cost_micro_usd`,
    sql`delete from daily_sessions where organisation = ${organisation} and repository = ${former}`,
    sql`insert into daily_models (organisation, day, repository, model, sessions, priced, tokens, cost_micro_usd)
        select organisation, day, ${present}, model, sessions, priced, tokens, cost_micro_usd from daily_models ${rows}
        on conflict do update set sessions = sessions + excluded.sessions, priced = priced + excluded.priced,
          tokens = tokens + excluded.tokens, cost_micro_usd = cost_micro_usd + excluded.cost_micro_usd`,
    sql`delete from daily_models where organisation = ${organisation} and repository = ${former}`,
    sql`insert into daily_lines (organisation, day, repository, person, changes, ai, human, mixed, unknown)
        select organisation, day, ${present}, person, changes, ai, human, mixed, unknown from daily_lines ${rows}
        on conflict do update set changes = changes + excluded.changes, ai = ai + excluded.ai,
          human = human + excluded.human, mixed = mixed + excluded.mixed, unknown = unknown + excluded.unknown`,
    sql`delete from daily_lines where organisation = ${organisation} and repository = ${former}`,
    sql`insert into daily_verdicts (organisation, day, repository, policy, result, verdicts)
        select organisation, day, ${present}, policy, result, verdicts from daily_verdicts ${rows}
        on conflict do update set verdicts = verdicts + excluded.verdicts`,
    sql`delete from daily_verdicts where organisation = ${organisation} and repository = ${former}`,
  ]
}
