/** Sums of a calendar month for the contract's budgets: out of the rollups, with the sessions that make most of each. */
import { type SQL, sql } from 'drizzle-orm'
import { BudgetParameters, budgetPolicies } from '#core/policy/budget.ts'
import type { Contract } from '#core/policy/contract.ts'
import {
  type BudgetScope,
  CITED_SESSIONS,
  type Spending,
  type SpendingSession,
  type SummedScope,
} from '#core/policy/spending.ts'
import type { Database } from './database.ts'

interface Spenders {
  readonly contract: Contract
  /** Whose the pull request's sessions are. */
  readonly sessions: readonly string[]
  readonly repository: string
  /** RFC 3339 UTC: its month is summed up. */
  readonly now: string
}

/** No query where the contract has no budget of the kind. */
export async function loadSpending(
  organisation: string,
  database: Database,
  { contract, sessions, repository, now }: Spenders,
): Promise<readonly Spending[]> {
  const budgets = contract.policies.flatMap(({ policy, with: parameters }) => {
    // Parameters that do not fit make the policy an error when it is evaluated.
    const read = budgetPolicies.includes(policy) ? BudgetParameters.safeParse(parameters) : null
    return read?.success ? [read.data] : []
  })
  const scopes = new Set(budgets.flatMap(({ scope, also }): BudgetScope[] => [scope, ...also.map((one) => one.scope)]))
  const month = now.slice(0, 7)
  const people = scopes.has('person') || scopes.has('team') ? await peopleOf(organisation, database, sessions) : []
  const names = people.map(({ name }) => name)
  const teams = new Map<string, Set<string>>()
  for (const [team, members] of budgets.flatMap((one) => Object.entries(one.teams))) {
    if (!members.some((name) => names.includes(name))) continue
    teams.set(team, new Set([...(teams.get(team) ?? []), ...members]))
  }
  const wanted: readonly Wanted[] = [
    ...(scopes.has('person')
      ? people.map(({ id, name }) => ({ scope: 'person', name, of: sql`person = ${id}` }) as const)
      : []),
    ...(scopes.has('team')
      ? [...teams].map(
          ([name, members]) => ({ scope: 'team', name, of: memberOf(organisation, [...members]) }) as const,
        )
      : []),
    ...(scopes.has('project')
      ? [{ scope: 'project', name: repository, of: sql`repository = ${repository}` } as const]
      : []),
    ...(scopes.has('month') ? [{ scope: 'month', name: 'organisation', of: sql`true` } as const] : []),
  ]
  return Promise.all(wanted.map((one) => sumUp(organisation, database, { ...one, month })))
}

interface Wanted {
  readonly scope: SummedScope
  readonly name: string
  /** Which rows, of `daily_sessions` and of `sessions` alike. */
  readonly of: SQL
}

interface Sums {
  readonly sessions: number
  readonly tokens: number
  readonly microUsd: number
  readonly metered: number
}

interface Rest {
  readonly seconds: number
  readonly untimed: number
  readonly unpriced: number
  readonly unpricedTokens: number
  readonly unpricedUnmetered: number
}

async function sumUp(
  organisation: string,
  database: Database,
  { scope, name, of, month }: Wanted & { readonly month: string },
): Promise<Spending> {
  // Days are texts: no month has a day after the 31st.
  const where = sql`organisation = ${organisation} and day between ${`${month}-01`} and ${`${month}-31`} and ${of}`
  const isUnpriced = sql`(cost_micro_usd is null or json_array_length(cost, '$.unpricedModels') > 0)`
  const [[sums], [rest], dearest, hungriest, longest] = await database.batch([
    database.all<Sums>(
      sql`select coalesce(sum(sessions), 0) as sessions, coalesce(sum(tokens), 0) as tokens,
            coalesce(sum(cost_micro_usd), 0) as microUsd, coalesce(sum(metered), 0) as metered
          from daily_sessions where ${where}`,
    ),
    database.all<Rest>(
      sql`select coalesce(sum(duration_seconds), 0) as seconds, coalesce(sum(duration_seconds is null), 0) as untimed,
            coalesce(sum(${isUnpriced}), 0) as unpriced,
            coalesce(sum(case when ${isUnpriced} then tokens end), 0) as unpricedTokens,
            coalesce(sum(${isUnpriced} and tokens is null), 0) as unpricedUnmetered
          from sessions where ${where}`,
    ),
    database.all<StoredSession>(largest(where, sql`cost_micro_usd`)),
    database.all<StoredSession>(largest(where, sql`tokens`)),
    database.all<StoredSession>(largest(where, sql`duration_seconds`)),
  ])
  if (sums === undefined || rest === undefined) throw new Error('an aggregate without group gives one row')
  const { sessions, tokens, microUsd, metered } = sums
  const { seconds, untimed, unpriced, unpricedTokens, unpricedUnmetered } = rest
  return {
    scope,
    name,
    month,
    sessions,
    microUsd,
    tokens,
    seconds,
    unpriced: { sessions: unpriced, tokens: unpricedTokens, unmetered: unpricedUnmetered },
    unmetered: sessions - metered,
    untimed,
    largest: { microUsd: dearest.map(sessionOf), tokens: hungriest.map(sessionOf), seconds: longest.map(sessionOf) },
  }
}

type StoredSession = Omit<SpendingSession, 'isPriced'> & { readonly isPriced: number }

function sessionOf({ isPriced, ...session }: StoredSession): SpendingSession {
  return { ...session, isPriced: isPriced === 1 }
}

function largest(where: SQL, measure: SQL): SQL {
  return sql`select id, cost_micro_usd as microUsd, tokens, duration_seconds as seconds,
      cost_micro_usd is not null as isPriced
    from sessions where ${where} and ${measure} is not null order by ${measure} desc, id limit ${CITED_SESSIONS}`
}

function peopleOf(organisation: string, database: Database, sessions: readonly string[]) {
  return database.all<{ id: string; name: string }>(
    sql`select distinct p.id, p.name from sessions s
        join people p on p.organisation = s.organisation and p.id = s.person
        where s.organisation = ${organisation} and s.id in (select value from json_each(${JSON.stringify(sessions)}))
        order by p.name, p.id`,
  )
}

function memberOf(organisation: string, names: readonly string[]): SQL {
  return sql`person in (select id from people where organisation = ${organisation}
    and name in (select value from json_each(${JSON.stringify(names)})))`
}
