import { z } from 'zod'
import { furtherLimits, judgeSums, type Limit, type Measure, scopeParameter, teamsParameter } from '../budget.ts'
import { citeEvents, citeSession, citeSome, doubt, nothingFound, skip } from '../evaluation.ts'
import { definePolicy, type Subject } from '../policy.ts'
import { type Spending, spendingOf } from '../spending.ts'
import { examplePullRequest } from '../subject.ts'

const fix = 'Start a fresh session with a narrower task, or choose a smaller model.'

/**
 * No model of the price table asks more for a token (o1-pro: $600 for a million of output). Sessions without a price can
 * have cost no more than this for each of their tokens.
 */
const DEAREST_TOKEN_MICRO_USD = 600

const usd = (microUsd: number) => `$${(microUsd / 1_000_000).toFixed(2)}`

const money: Measure = {
  policy: 'cost-budget',
  severity: 'low',
  fix: 'Wait for the next month, choose smaller models, or ask for a waiver (`stemma waivers request`).',
  of: 'microUsd',
  format: usd,
  unknown: ({ unpriced: { sessions, tokens, unmetered } }, left) =>
    unmetered === 0 && tokens * DEAREST_TOKEN_MICRO_USD <= left
      ? null
      : `${sessions} sessions have no price, and could bring the sum above the budget.`,
}

function limitsOf({ scope, limit, maximumUsd, also }: Parameters): readonly Limit[] {
  const all = [
    ...(maximumUsd === undefined ? [{ scope, limit }] : [{ scope: 'session' as const, limit: maximumUsd }]),
    ...also,
  ]
  return all.map((one) => ({ scope: one.scope, limit: one.limit * 1_000_000 }))
}

const usdLimit = z.number().positive()

const parameters = z.object({
  scope: scopeParameter,
  limit: usdLimit.default(50).describe('Highest cost in US dollars, at list prices.'),
  also: furtherLimits(usdLimit),
  teams: teamsParameter,
  maximumUsd: usdLimit
    .optional()
    .describe('Highest cost of one session; `limit` with the scope `session` says the same.'),
})
type Parameters = z.infer<typeof parameters>

export const costBudget = definePolicy({
  id: 'cost-budget',
  version: 2,
  title: 'Sessions stay within their budget',
  why: 'A session that runs in circles costs more than the work is worth, and nobody notices before the invoice.',
  fix: 'Start a fresh session with a narrower task, or choose a smaller model for it.',
  severity: 'low',
  evidence: ['session', 'pullRequest', 'spending'],
  reads: 'header',
  onPullRequest: 'beside',
  parameters,
  evaluate(subject, given) {
    const limits = limitsOf(given)
    if ((subject.pullRequest ?? null) !== null) return judgeSums(subject, limits, money)
    const [maximum] = limits.flatMap(({ scope, limit }) => (scope === 'session' ? [limit] : [])).sort((a, b) => a - b)
    if (maximum === undefined) return skip('This budget is one of sums, which are judged on pull requests.')
    const { session } = subject
    const { microUsd, unpricedModels, priceTable } = session.cost
    const citations = cite(session)
    if (microUsd !== null && microUsd > maximum) {
      const finding = {
        policy: 'cost-budget',
        severity: 'low' as const,
        message: `The session cost ${usd(microUsd)} by ${priceTable}; the budget is ${usd(maximum)}.`,
        fix,
        citations,
      }
      return { findings: [finding], doubts: [], skipped: null }
    }
    if (unpricedModels.length > 0) {
      const shown = unpricedModels.map((model) => `\`${model}\``).join(', ')
      return doubt(`${priceTable} has no price for ${shown}, so the cost is not known.`, citations)
    }
    return microUsd === null
      ? doubt('The transcript records no usage, so the cost is not known.', citations)
      : nothingFound
  },
  examples: {
    violates: [
      { title: 'a dear session', commands: ['ls'], session: { cost: cost(51_000_000) } },
      {
        title: 'a team that has spent its month',
        commands: ['ls'],
        pullRequest: examplePullRequest(),
        spending: [spent({ microUsd: 1_200_000_000 })],
        with: { scope: 'team', limit: 1_000, teams: { payments: ['Ada'] } },
      },
    ],
    passes: [
      { title: 'a cheap session', commands: ['ls'], session: { cost: cost(1_200_000) } },
      {
        title: 'sessions without a price that cannot tip the sum',
        commands: ['ls'],
        pullRequest: examplePullRequest(),
        spending: [spent({ microUsd: 1_000_000, unpriced: { sessions: 2, tokens: 5_000, unmetered: 0 } })],
        with: { scope: 'team', limit: 1_000 },
      },
    ],
    doubtful: [
      {
        title: 'sessions without a price that could tip the sum',
        commands: ['ls'],
        pullRequest: examplePullRequest(),
        spending: [spent({ microUsd: 990_000_000, unpriced: { sessions: 2, tokens: 50_000_000, unmetered: 0 } })],
        with: { scope: 'team', limit: 1_000 },
      },
      { title: 'no usage recorded', commands: ['ls'] },
      {
        title: 'a model without a price',
        commands: ['ls'],
        session: { cost: { ...cost(1_000), unpricedModels: ['homegrown-7b'] } },
      },
    ],
  },
})

/** The last calls: by them the budget was passed. */
function cite(session: Subject['session']) {
  const usage = session.events.filter(({ kind }) => kind === 'usage').slice(-3)
  return usage.length > 0 ? citeSome(citeEvents(usage.map(({ id }) => id))) : citeSession(session)
}

function cost(microUsd: number) {
  return { microUsd, unpricedModels: [], priceTable: 'example' }
}

function spent(parts: Partial<Spending>): Spending {
  return { ...spendingOf([], { scope: 'team', name: 'payments', month: '2026-11' }), sessions: 9, ...parts }
}
