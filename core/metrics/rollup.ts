/** Definitions of the overview's figures: rolled-up sums of a period -> what people see. */
import { type LineCounts, totalLines } from '../attribution/attribution.ts'
import type { Overview } from './overview.ts'
import { daysIn, type Period, previousPeriod } from './period.ts'

/** Sums over sessions. `metered` of them record tokens and `priced` of them have a price; 0 of them = not recorded. */
export interface SessionSums {
  readonly sessions: number
  readonly metered: number
  readonly priced: number
  readonly tokens: number
  readonly costMicroUsd: number
}

export interface ModelSums extends Omit<SessionSums, 'metered'> {
  readonly model: string
}

/** The sums of one period. */
export interface PeriodSums {
  readonly sessions: SessionSums
  /** Distinct people with a session. */
  readonly people: number
  readonly lines: LineCounts
  readonly models: readonly ModelSums[]
  readonly pullRequests: { readonly seen: number; readonly withSessions: number }
}

interface VerdictSum {
  readonly policy: string
  readonly result: string
  readonly verdicts: number
}

export interface RolledUp {
  /** First day with a session; null where there is none yet. What lies wholly before it is not recorded. */
  readonly recordedSince: string | null
  readonly current: PeriodSums
  readonly previous: PeriodSums
  readonly sessionDays: readonly (SessionSums & { readonly day: string })[]
  readonly lineDays: readonly (LineCounts & { readonly day: string })[]
  readonly users: readonly (SessionSums & { readonly person: { readonly id: string; readonly name: string } })[]
  readonly userLines: readonly {
    readonly person: { readonly id: string; readonly name: string }
    readonly ai: number
  }[]
  /** Of the same people in the period before. */
  readonly usersBefore: readonly { readonly id: string; readonly sessions: number; readonly ai: number }[]
  readonly agents: readonly { readonly agent: string; readonly sessions: number }[]
  /** What is waived is a result of its own. */
  readonly verdicts: readonly VerdictSum[]
}

const TOP_USERS = 20

export function overviewOf(period: Period, rolled: RolledUp): Overview {
  const before = previousPeriod(period)
  const current = wasRecorded(period, rolled.recordedSince) ? rolled.current : null
  const previous = wasRecorded(before, rolled.recordedSince) ? rolled.previous : null
  const compared = <Value>(figure: (sums: PeriodSums) => Value | null) => ({
    current: current && figure(current),
    previous: previous && figure(previous),
  })
  return {
    period: { ...period },
    previousPeriod: { ...before },
    sessions: compared(({ sessions }) => sessions.sessions),
    activeUsers: compared(({ people }) => people),
    aiPullRequests: compared(({ pullRequests }) => pullRequests.withSessions),
    pullRequests: compared(({ pullRequests }) => pullRequests.seen),
    aiLineShare: compared(({ lines }) => share(lines.ai, totalLines(lines))),
    costMicroUsd: compared(({ sessions }) => costOf(sessions)),
    tokens: compared(({ sessions }) => (sessions.metered === 0 ? null : sessions.tokens)),
    observedLineShare: compared(({ lines }) => share(totalLines(lines) - lines.unknown, totalLines(lines))),
    days: days(period, rolled),
    topUsers: topUsers(rolled, previous !== null),
    models: models(rolled),
    agents: [...rolled.agents].sort((left, right) => right.sessions - left.sessions),
    policies: policies(rolled),
  }
}

function wasRecorded(period: Period, since: string | null): boolean {
  return since !== null && period.to >= since
}

/** null where there is nothing to have a share of. */
function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function costOf({ priced, costMicroUsd }: { readonly priced: number; readonly costMicroUsd: number }): number | null {
  return priced === 0 ? null : costMicroUsd
}

/** Every day of the period, so that a gap is seen as a gap. */
function days(period: Period, { sessionDays, lineDays }: RolledUp): Overview['days'] {
  const sums = new Map(sessionDays.map((row) => [row.day, row]))
  const lines = new Map(lineDays.map((row) => [row.day, row]))
  return daysIn(period).map((day) => {
    const { ai, human, mixed, unknown } = lines.get(day) ?? { ai: 0, human: 0, mixed: 0, unknown: 0 }
    const sum = sums.get(day)
    return {
      day,
      sessions: sum?.sessions ?? 0,
      ai,
      human,
      mixed,
      unknown,
      costMicroUsd: sum === undefined ? null : costOf(sum),
    }
  })
}

function topUsers({ users, userLines, usersBefore }: RolledUp, isCompared: boolean): Overview['topUsers'] {
  const before = new Map(usersBefore.map((user) => [user.id, user]))
  const lines = new Map(userLines.map(({ person, ai }) => [person.id, { person, ai }]))
  const bySessions = users.map((user) => ({
    person: user.person,
    sessions: user.sessions,
    aiLines: lines.get(user.person.id)?.ai ?? 0,
    costMicroUsd: costOf(user),
  }))
  const listed = new Set(users.map(({ person }) => person.id))
  // A commit of the period may come from a session before it.
  const byLinesOnly = userLines
    .filter(({ person, ai }) => ai > 0 && !listed.has(person.id))
    .map(({ person, ai }) => ({ person, sessions: 0, aiLines: ai, costMicroUsd: null }))
  return [...bySessions, ...byLinesOnly]
    .sort((left, right) => right.aiLines - left.aiLines || right.sessions - left.sessions)
    .slice(0, TOP_USERS)
    .map((user) => ({
      ...user,
      previousSessions: isCompared ? (before.get(user.person.id)?.sessions ?? 0) : null,
      previousAiLines: isCompared ? (before.get(user.person.id)?.ai ?? 0) : null,
    }))
}

function models({ current, previous }: RolledUp): Overview['models'] {
  const before = new Map(previous.models.map((sums) => [sums.model, sums]))
  return current.models
    .map((sums) => {
      const earlier = before.get(sums.model)
      return {
        model: sums.model,
        sessions: sums.sessions,
        tokens: sums.tokens,
        costMicroUsd: costOf(sums),
        previousCostMicroUsd: earlier === undefined ? null : costOf(earlier),
      }
    })
    .sort((left, right) => (right.costMicroUsd ?? -1) - (left.costMicroUsd ?? -1) || right.tokens - left.tokens)
}

/** What is waived counts for itself: neither as a violation nor as a pass. */
function policies({ verdicts }: RolledUp): Overview['policies'] {
  const byPolicy = new Map<string, Overview['policies'][number]>()
  for (const { policy, result, verdicts: count } of verdicts) {
    const row = byPolicy.get(policy) ?? { policy, pass: 0, fail: 0, error: 0, waived: 0 }
    if (result === 'pass' || result === 'fail' || result === 'error' || result === 'waived') row[result] += count
    byPolicy.set(policy, row)
  }
  return [...byPolicy.values()].sort((left, right) => right.fail - left.fail || (left.policy < right.policy ? -1 : 1))
}
