import { z } from 'zod'
import { totalTokens } from '../../session/total-tokens.ts'
import { noUsage } from '../../session/usage.ts'
import { furtherLimits, judgeSums, type Limit, type Measure, scopeParameter, teamsParameter } from '../budget.ts'
import { citeEvents, citeSession, doubt, nothingFound, skip } from '../evaluation.ts'
import { definePolicy, type Finding } from '../policy.ts'
import { spendingOf } from '../spending.ts'
import { examplePullRequest } from '../subject.ts'

const tokens: Measure = {
  policy: 'token-budget',
  severity: 'low',
  fix: 'Wait for the next month, narrow the tasks, or ask for a waiver (`stemma waivers request`).',
  of: 'tokens',
  format: (value) => `${value} tokens`,
  unknown: ({ unmetered }) =>
    unmetered === 0 ? null : `${unmetered} sessions record no tokens, and could bring the sum above the budget.`,
}

const tokenLimit = z.int().positive()

const parameters = z.object({
  scope: scopeParameter,
  limit: tokenLimit.default(50_000_000).describe('Highest number of tokens, input from a cache included.'),
  also: furtherLimits(tokenLimit),
  teams: teamsParameter,
  maximumTokens: tokenLimit
    .optional()
    .describe('Highest number of tokens of one session; `limit` with the scope `session` says the same.'),
  maximumOutput: tokenLimit.default(1_000_000).describe('Highest number of tokens that models wrote in one session.'),
})

function limitsOf({ scope, limit, maximumTokens, also }: z.infer<typeof parameters>): readonly Limit[] {
  const first = maximumTokens === undefined ? { scope, limit } : { scope: 'session' as const, limit: maximumTokens }
  return [first, ...also]
}

export const tokenBudget = definePolicy({
  id: 'token-budget',
  version: 2,
  title: 'Sessions stay within their tokens',
  why: 'Tokens measure effort where prices differ or are not known; a session that needs very many has lost its way.',
  fix: 'Start a fresh session with a narrower task and only the files that it needs.',
  severity: 'low',
  evidence: ['session', 'pullRequest', 'spending'],
  reads: 'header',
  onPullRequest: 'beside',
  parameters,
  evaluate(subject, given) {
    const limits = limitsOf(given)
    if ((subject.pullRequest ?? null) !== null) return judgeSums(subject, limits, tokens)
    const [maximum] = limits.flatMap(({ scope, limit }) => (scope === 'session' ? [limit] : [])).sort((a, b) => a - b)
    if (maximum === undefined) return skip('This budget is one of sums, which are judged on pull requests.')
    const { session } = subject
    const { maximumOutput } = given
    const { usage } = session
    const last = session.events.findLast(({ kind }) => kind === 'usage')
    const citations = last ? citeEvents([last.id]) : citeSession(session)
    if (usage === null) return doubt('The transcript records no usage of tokens.', citations)
    const findings: Finding[] = []
    const report = (message: string): void => {
      const fix = 'Start a fresh session with a narrower task.'
      findings.push({ policy: 'token-budget', severity: 'low', message, fix, citations })
    }
    const total = totalTokens(usage)
    if (total > maximum) report(`The session used ${total} tokens; the budget is ${maximum}.`)
    if (usage.output > maximumOutput) report(`Models wrote ${usage.output} tokens; the budget is ${maximumOutput}.`)
    return findings.length > 0 ? { findings, doubts: [], skipped: null } : nothingFound
  },
  examples: {
    violates: [
      { title: 'very much input', commands: ['ls'], session: { usage: { ...noUsage, cacheRead: 60_000_000 } } },
      { title: 'very much output', commands: ['ls'], session: { usage: { ...noUsage, output: 2_000_000 } } },
      {
        title: 'a month of the whole organisation',
        commands: ['ls'],
        pullRequest: examplePullRequest(),
        spending: [{ ...spendingOf([], { scope: 'month', name: 'all', month: '2026-11' }), tokens: 2_000 }],
        with: { scope: 'month', limit: 1_000 },
      },
    ],
    passes: [{ title: 'an ordinary session', commands: ['ls'], session: { usage: { ...noUsage, output: 40_000 } } }],
    doubtful: [{ title: 'no usage recorded', commands: ['ls'] }],
  },
})
