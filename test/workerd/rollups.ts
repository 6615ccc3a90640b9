/** The rollups as they are, and as they follow from the rows when they are computed anew. */
import { env } from 'cloudflare:workers'

async function rows(sql: string, organisation: string): Promise<readonly unknown[]> {
  const { results } = await env.DB.prepare(sql).bind(organisation).all()
  return results
}

export async function storedRollups(organisation: string) {
  return {
    sessions: await rows(
      `select day, repository, person, agent, sessions, metered, priced, tokens, cost_micro_usd from daily_sessions
       where organisation = ? and sessions <> 0 order by 1, 2, 3, 4`,
      organisation,
    ),
    models: await rows(
      `select day, repository, model, sessions, priced, tokens, cost_micro_usd from daily_models
       where organisation = ? and sessions <> 0 order by 1, 2, 3`,
      organisation,
    ),
    lines: await rows(
      `select day, repository, person, changes, ai, human, mixed, unknown from daily_lines
       where organisation = ? and changes <> 0 order by 1, 2, 3`,
      organisation,
    ),
    verdicts: await rows(
      `select day, repository, policy, result, verdicts from daily_verdicts
       where organisation = ? and verdicts <> 0 order by 1, 2, 3, 4`,
      organisation,
    ),
  }
}

export async function recomputedRollups(organisation: string) {
  return {
    sessions: await rows(
      `select day, coalesce(repository, '') as repository, person, agent, count(*) as sessions, count(tokens) as metered,
         count(cost_micro_usd) as priced, coalesce(sum(tokens), 0) as tokens,
         coalesce(sum(cost_micro_usd), 0) as cost_micro_usd
       from sessions where organisation = ? group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
      organisation,
    ),
    models: await rows(
      `select day, coalesce(repository, '') as repository, model, count(*) as sessions,
         count(m.cost_micro_usd) as priced, sum(m.tokens) as tokens, coalesce(sum(m.cost_micro_usd), 0) as cost_micro_usd
       from sessions s join session_models m on m.organisation = s.organisation and m.session_id = s.id
       where s.organisation = ? group by 1, 2, 3 order by 1, 2, 3`,
      organisation,
    ),
    lines: await rows(
      `select day, repository, person, count(*) as changes, sum(ai) as ai, sum(human) as human, sum(mixed) as mixed,
         sum(unknown) as unknown
       from changes where organisation = ? group by 1, 2, 3 order by 1, 2, 3`,
      organisation,
    ),
    verdicts: await rows(
      `select day, coalesce(repository, '') as repository, policy, result, count(*) as verdicts
       from sessions s join verdicts v on v.organisation = s.organisation and v.evidence_id = s.evidence_id
       where s.organisation = ? group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
      organisation,
    ),
  }
}
