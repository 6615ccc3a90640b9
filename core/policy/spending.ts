/** Spending: what sessions of a person, a team, a project or everybody cost together, for the budgets. */

import type { SessionHeader } from '../session/session.ts'
import { totalTokens } from '../session/total-tokens.ts'

/**
 * `session`: one session; `pull-request`: all sessions of one; `person`, `team`, `project`: theirs in the calendar month
 * (UTC) in which the pull request is judged; `month`: everything of the organisation in that month.
 */
export const budgetScopes = ['session', 'pull-request', 'person', 'team', 'project', 'month'] as const
export type BudgetScope = (typeof budgetScopes)[number]
export type SummedScope = Exclude<BudgetScope, 'session'>

/** One session of a sum; null = not recorded. */
export interface SpendingSession {
  readonly id: string
  /** What of it has a price. */
  readonly microUsd: number | null
  /** Whether all of it has. */
  readonly isPriced: boolean
  readonly tokens: number | null
  readonly seconds: number | null
}

export interface Spending {
  readonly scope: SummedScope
  /** Who or what spent it: a person's name, a team's, `owner/name`, `octo/widgets#7`. */
  readonly name: string
  /** `2026-11`; null for a pull request. */
  readonly month: string | null
  readonly sessions: number
  /** Sums of what is known. */
  readonly microUsd: number
  readonly tokens: number
  readonly seconds: number
  /** Sessions that have no price, wholly or in part: the tokens of them, and how many do not even record those. */
  readonly unpriced: { readonly sessions: number; readonly tokens: number; readonly unmetered: number }
  /** Sessions that record no tokens, and those that record no time. */
  readonly unmetered: number
  readonly untimed: number
  /** Sessions that make most of it, by each measure the largest first. */
  readonly largest: Readonly<Record<'microUsd' | 'tokens' | 'seconds', readonly SpendingSession[]>>
}

/** So many sessions of a sum are cited: they are where to begin. */
export const CITED_SESSIONS = 3

/** Sum over sessions that are at hand. */
export function spendingOf(
  sessions: readonly SpendingSession[],
  { scope, name, month }: Pick<Spending, 'scope' | 'name' | 'month'>,
): Spending {
  const sum = (measure: 'microUsd' | 'tokens' | 'seconds') =>
    sessions.reduce((total, session) => total + (session[measure] ?? 0), 0)
  const lacking = (measure: 'microUsd' | 'tokens' | 'seconds') => sessions.filter((one) => one[measure] === null)
  const largest = (measure: 'microUsd' | 'tokens' | 'seconds') =>
    sessions
      .filter((one) => one[measure] !== null)
      .toSorted((left, right) => (right[measure] ?? 0) - (left[measure] ?? 0))
      .slice(0, CITED_SESSIONS)
  const unpriced = sessions.filter(({ isPriced }) => !isPriced)
  return {
    scope,
    name,
    month,
    sessions: sessions.length,
    microUsd: sum('microUsd'),
    tokens: sum('tokens'),
    seconds: sum('seconds'),
    unpriced: {
      sessions: unpriced.length,
      tokens: unpriced.reduce((total, { tokens }) => total + (tokens ?? 0), 0),
      unmetered: unpriced.filter(({ tokens }) => tokens === null).length,
    },
    unmetered: lacking('tokens').length,
    untimed: lacking('seconds').length,
    largest: { microUsd: largest('microUsd'), tokens: largest('tokens'), seconds: largest('seconds') },
  }
}

export function spendingSession({ id, cost, usage, startedAt, endedAt }: SessionHeader): SpendingSession {
  const seconds = startedAt === null || endedAt === null ? -1 : (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000
  return {
    id,
    microUsd: cost.microUsd,
    isPriced: cost.microUsd !== null && cost.unpricedModels.length === 0,
    tokens: usage === null ? null : totalTokens(usage),
    seconds: seconds < 0 ? null : Math.round(seconds),
  }
}
