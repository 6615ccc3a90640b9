import { z } from 'zod'
import { furtherLimits, judgeSums, type Limit, type Measure, scopeParameter, teamsParameter } from '../budget.ts'
import { citeEvents, citeSession, doubt, nothingFound, skip } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { spendingOf } from '../spending.ts'
import { examplePullRequest } from '../subject.ts'

const MINUTE = 60_000

const time: Measure = {
  policy: 'session-duration',
  severity: 'low',
  fix: 'Start a new session for each task, and end those that wait.',
  of: 'seconds',
  format: (seconds) => hours(seconds / 60),
  unknown: ({ untimed }) =>
    untimed === 0 ? null : `${untimed} sessions record no time, and could bring the sum above the budget.`,
}

const minutesLimit = z.number().positive()

const parameters = z.object({
  scope: scopeParameter,
  limit: minutesLimit
    .default(24 * 60)
    .describe('Longest time in minutes from the first to the last record, pauses included.'),
  also: furtherLimits(minutesLimit),
  teams: teamsParameter,
  maximumMinutes: minutesLimit
    .optional()
    .describe('Longest time of one session; `limit` with the scope `session` says the same.'),
})

function limitsOf({ scope, limit, maximumMinutes, also }: z.infer<typeof parameters>): readonly Limit[] {
  const first = maximumMinutes === undefined ? { scope, limit } : { scope: 'session' as const, limit: maximumMinutes }
  return [first, ...also]
}

export const sessionDuration = definePolicy({
  id: 'session-duration',
  version: 2,
  title: 'Sessions end',
  why: 'A session of days has forgotten its beginning, mixes tasks, and ties unrelated commits to one conversation.',
  fix: 'Start a new session for each task.',
  severity: 'low',
  evidence: ['session', 'pullRequest', 'spending'],
  reads: 'header',
  onPullRequest: 'beside',
  parameters,
  evaluate(subject, given) {
    const limits = limitsOf(given)
    if ((subject.pullRequest ?? null) !== null) {
      const inSeconds = limits.map(({ scope, limit }) => ({ scope, limit: limit * 60 }))
      return judgeSums(subject, inSeconds, time)
    }
    const [maximum] = limits.flatMap(({ scope, limit }) => (scope === 'session' ? [limit] : [])).sort((a, b) => a - b)
    if (maximum === undefined) return skip('This budget is one of sums, which are judged on pull requests.')
    const { session } = subject
    const { startedAt, endedAt } = session
    if (startedAt === null || endedAt === null) {
      return doubt('The transcript does not record when the session began and ended.', citeSession(session))
    }
    const minutes = (Date.parse(endedAt) - Date.parse(startedAt)) / MINUTE
    if (minutes <= maximum) return nothingFound
    const ends = [session.events[0]?.id, session.events.at(-1)?.id].filter((id) => id !== undefined)
    const finding = {
      policy: 'session-duration',
      severity: 'low' as const,
      message: `The session lasted ${hours(minutes)}; at most ${hours(maximum)} are meant.`,
      fix: 'Start a new session for each task.',
      citations: ends.length > 0 ? citeEvents([...new Set(ends)]) : citeSession(session),
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [
      { title: 'three days', commands: ['ls'], session: { endedAt: '2026-11-25T09:00:00.000Z' } },
      {
        title: 'a pull request of many hours',
        commands: ['ls'],
        pullRequest: examplePullRequest(),
        spending: [{ ...spendingOf([], { scope: 'pull-request', name: '#7', month: null }), seconds: 90_000 }],
        with: { scope: 'pull-request', limit: 600 },
      },
    ],
    passes: [{ title: 'half an hour', commands: ['ls'] }],
    doubtful: [{ title: 'no time recorded', commands: ['ls'], session: { endedAt: null } }],
  },
})

function hours(minutes: number): string {
  return minutes < 120 ? `${Math.round(minutes)} minutes` : `${Math.round(minutes / 6) / 10} hours`
}
