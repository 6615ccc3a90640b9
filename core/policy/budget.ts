/** Budgets: limits on what one session, or many together, may cost; shared by the rules about money, tokens and time. */
import { z } from 'zod'
import { citeEvents, skip } from './evaluation.ts'
import type { Citation, Doubt, Evaluation, Finding, Subject } from './policy.ts'
import { type BudgetScope, budgetScopes, type Spending, type SpendingSession } from './spending.ts'

const limitWords = {
  session: 'one session',
  'pull-request': 'all sessions of one pull request',
  person: 'the sessions of one person in a calendar month (UTC)',
  team: 'the sessions of a team in a calendar month',
  project: 'the sessions in a repository in a calendar month',
  month: 'all sessions of the organisation in a calendar month',
} as const satisfies Record<BudgetScope, string>

export const scopeParameter = z
  .enum(budgetScopes)
  .default('session')
  .describe(
    `What the limit is for: ${Object.entries(limitWords)
      .map(([scope, words]) => `\`${scope}\`, ${words}`)
      .join('; ')}.`,
  )

export const teamsParameter = z
  .record(z.string().min(1).max(100), z.array(z.string().min(1).max(200)).max(1_000))
  .default({})
  .describe('Teams for the scope `team`: for each its people, by the names under which they are enrolled.')

/** Limits beside the first one. */
export function furtherLimits(limit: z.ZodType<number>) {
  return z
    .array(z.strictObject({ scope: z.enum(budgetScopes), limit }))
    .max(20)
    .default([])
    .describe('Further budgets, each with its `scope` and `limit`.')
}

export interface Limit {
  readonly scope: BudgetScope
  readonly limit: number
}

/** The parameters of a budget as the store needs them: which sums to make, and who belongs together. */
export const BudgetParameters = z.object({
  scope: scopeParameter,
  also: z.array(z.object({ scope: z.enum(budgetScopes) })).default([]),
  teams: teamsParameter,
})

export const budgetPolicies: readonly string[] = ['cost-budget', 'token-budget', 'session-duration']

export interface Measure {
  readonly policy: string
  readonly severity: Finding['severity']
  readonly fix: string
  readonly of: 'microUsd' | 'tokens' | 'seconds'
  readonly format: (value: number) => string
  /** Whether sessions of which the measure is not known could bring the sum above the limit; the words if so. */
  readonly unknown: (spending: Spending, left: number) => string | null
}

/**
 * Limits on sums, of a pull request. `limits` may hold those of single sessions too: they are judged on the session.
 * What is not known makes the answer "cannot tell" only where it could tip the result.
 */
export function judgeSums(
  { session, spending = null }: Subject,
  limits: readonly Limit[],
  measure: Measure,
): Evaluation {
  const wanted = limits.filter(({ scope }) => scope !== 'session')
  if (wanted.length === 0) return skip('This budget is one of single sessions.')
  const findings: Finding[] = []
  const doubts: Doubt[] = []
  for (const { scope, limit } of wanted) {
    const sums = spending?.filter((sum) => sum.scope === scope) ?? []
    if (spending === null) doubts.push({ message: 'Nobody has summed up what was spent.', citations: [] })
    for (const sum of sums) {
      const citations = citeSpent(sum, measure.of, session.id)
      if (sum[measure.of] > limit) findings.push(finding(sum, { limit, measure, citations }))
      else {
        const words = measure.unknown(sum, limit - sum[measure.of])
        if (words !== null) doubts.push({ message: `${subjectOf(sum)}: ${words}`, citations })
      }
    }
  }
  return { findings, doubts, skipped: null }
}

function finding(
  sum: Spending,
  { limit, measure, citations }: { readonly limit: number; readonly measure: Measure; readonly citations: Citation[] },
): Finding {
  const { policy, severity, fix, of, format } = measure
  const most = sum.largest[of].map((session) => `\`${session.id}\` (${format(session[of] ?? 0)})`).join(', ')
  const by = most === '' ? '' : ` Most of it: ${most}.`
  const count = `${sum.sessions} ${sum.sessions === 1 ? 'session' : 'sessions'}`
  const message = `${subjectOf(sum)}: ${format(sum[of])} in ${count}; the budget is ${format(limit)}.${by}`
  return { policy, severity, message, fix, citations }
}

function subjectOf({ scope, name, month }: Spending): string {
  const words = {
    'pull-request': 'This pull request',
    person: `\`${name}\``,
    team: `Team \`${name}\``,
    project: `\`${name}\``,
    month: 'The organisation',
  }[scope]
  return month === null ? words : `${words} in ${month}`
}

/** The sessions that make most of the sum stand for it. */
function citeSpent({ largest }: Spending, of: Measure['of'], otherwise: string): Citation[] {
  const sessions = largest[of].map(({ id }: SpendingSession) => id)
  return citeEvents(sessions.length > 0 ? sessions : [otherwise])
}
