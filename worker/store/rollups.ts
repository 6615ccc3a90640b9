/**
 * Rollups are kept by difference: before a row changes its contribution is taken out, and afterwards its new one is put
 * in, within one transaction (a D1 batch). So the cost of an update does not grow with what is stored, and a message
 * that is delivered twice takes out exactly what it puts in.
 */
import { type SQL, sql } from 'drizzle-orm'

type Sign = 'out' | 'in'

/** One evidence of a session. */
export interface SessionScope {
  readonly organisation: string
  readonly sessionId: string
  readonly evidenceId: string
  readonly logIndex: number
}

/** Takes the session's present contribution out, unless it comes from newer evidence. */
export function retractSession(scope: SessionScope): readonly SQL[] {
  return sessionContribution('out', sql`${sessionOf(scope)} and s.log_index <= ${scope.logIndex}`)
}

/** Puts the session's contribution in, if this evidence is now its newest. */
export function addSession(scope: SessionScope): readonly SQL[] {
  return sessionContribution('in', isNewest(scope))
}

/** Only the verdicts on a session's newest evidence count. */
export function contributeVerdicts(sign: Sign, scope: SessionScope): SQL {
  return verdictContribution(sign, isNewest(scope))
}

/** Attribution of changes by one evidence. */
export interface ChangeScope {
  readonly organisation: string
  readonly repository: string
  readonly logIndex: number
  readonly hasSession: boolean
  /** JSON list of change ids. */
  readonly changes: string
}

/** Takes the lines out that this evidence replaces, or puts in those that it has replaced. */
export function contributeLines(sign: Sign, scope: ChangeScope): SQL {
  const factor = factorOf(sign)
  const { organisation, repository, logIndex, changes } = scope
  return sql`insert into daily_lines (organisation, day, repository, person, changes, ai, human, mixed, unknown)
        select organisation, day, repository, person, ${factor},
          ${factor} * ai, ${factor} * human, ${factor} * mixed, ${factor} * unknown
        from changes where organisation = ${organisation} and repository = ${repository}
          and change in (select value from json_each(${changes}))
          and ${sign === 'out' ? yieldsTo(scope) : sql`log_index = ${logIndex}`}
        on conflict do update set changes = changes + excluded.changes, ai = ai + excluded.ai,
          human = human + excluded.human, mixed = mixed + excluded.mixed, unknown = unknown + excluded.unknown`
}

/** Whether a stored change is replaced by this evidence: a session's word before none, then the newer one. */
export function yieldsTo({ hasSession, logIndex }: Pick<ChangeScope, 'hasSession' | 'logIndex'>): SQL {
  const rank = hasSession ? 1 : 0
  return sql`(changes.has_session < ${rank} or (changes.has_session = ${rank} and changes.log_index <= ${logIndex}))`
}

function sessionContribution(sign: Sign, where: SQL): readonly SQL[] {
  const factor = factorOf(sign)
  return [
    sql`insert into daily_sessions
          (organisation, day, repository, person, agent, sessions, metered, priced, tokens, cost_micro_usd)
        select s.organisation, s.day, coalesce(s.repository, ''), s.person, s.agent, ${factor},
          ${factor} * (s.tokens is not null), ${factor} * (s.cost_micro_usd is not null),
          ${factor} * coalesce(s.tokens, 0), ${factor} * coalesce(s.cost_micro_usd, 0)
        from sessions s where ${where}
        on conflict do update set sessions = sessions + excluded.sessions, metered = metered + excluded.metered,
          priced = priced + excluded.priced, tokens = tokens + excluded.tokens,
          cost_micro_usd = cost_micro_usd + excluded.cost_micro_usd`,
    sql`insert into daily_models (organisation, day, repository, model, sessions, priced, tokens, cost_micro_usd)
        select s.organisation, s.day, coalesce(s.repository, ''), m.model, ${factor},
          ${factor} * (m.cost_micro_usd is not null), ${factor} * m.tokens, ${factor} * coalesce(m.cost_micro_usd, 0)
        from sessions s join session_models m on m.organisation = s.organisation and m.session_id = s.id
        where ${where}
        on conflict do update set sessions = sessions + excluded.sessions, priced = priced + excluded.priced,
          tokens = tokens + excluded.tokens, cost_micro_usd = cost_micro_usd + excluded.cost_micro_usd`,
    verdictContribution(sign, where),
  ]
}

/** Grouped, because a policy in two rule versions is two rows of verdicts and one of the rollup. */
function verdictContribution(sign: Sign, where: SQL): SQL {
  return sql`insert into daily_verdicts (organisation, day, repository, policy, result, verdicts)
        select s.organisation, s.day, coalesce(s.repository, ''), v.policy, v.result, ${factorOf(sign)} * count(*)
        from sessions s join verdicts v on v.organisation = s.organisation and v.evidence_id = s.evidence_id
        where ${where} group by 1, 2, 3, 4, 5
        on conflict do update set verdicts = verdicts + excluded.verdicts`
}

function factorOf(sign: Sign): SQL {
  return sql.raw(sign === 'out' ? '-1' : '1')
}

function sessionOf({ organisation, sessionId }: SessionScope): SQL {
  return sql`s.organisation = ${organisation} and s.id = ${sessionId}`
}

function isNewest(scope: SessionScope): SQL {
  return sql`${sessionOf(scope)} and s.evidence_id = ${scope.evidenceId}`
}
