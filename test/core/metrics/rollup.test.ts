import { describe, expect, test } from 'vitest'
import { Overview } from '#core/metrics/overview.ts'
import { overviewOf, type PeriodSums, type RolledUp } from '#core/metrics/rollup.ts'

const noSums: PeriodSums = {
  sessions: { sessions: 0, metered: 0, priced: 0, tokens: 0, costMicroUsd: 0 },
  people: 0,
  lines: { ai: 0, human: 0, mixed: 0, unknown: 0 },
  models: [],
  pullRequests: { seen: 0, withSessions: 0 },
}
const nothing: RolledUp = {
  recordedSince: '2026-01-01',
  current: noSums,
  previous: noSums,
  sessionDays: [],
  lineDays: [],
  users: [],
  userLines: [],
  usersBefore: [],
  agents: [],
  verdicts: [],
}
const period = { from: '2026-11-08', to: '2026-11-14' }
const sums = (change: Partial<PeriodSums['sessions']>) => ({ ...noSums.sessions, ...change })
const person = (id: string) => ({ id, name: id.toUpperCase() })

describe('the overview', () => {
  test('has its published form', () => {
    expect(() => Overview.parse(overviewOf(period, nothing))).not.toThrow()
  })

  test('compares with the seven days before', () => {
    expect(overviewOf(period, nothing).previousPeriod).toEqual({ from: '2026-11-01', to: '2026-11-07' })
  })

  test('says nothing of the time before anything was recorded', () => {
    const overview = overviewOf(period, { ...nothing, recordedSince: '2026-11-08' })
    expect(overview.sessions).toEqual({ current: 0, previous: null })
    expect(overviewOf(period, { ...nothing, recordedSince: null }).activeUsers).toEqual({
      current: null,
      previous: null,
    })
    expect(overviewOf(period, { ...nothing, recordedSince: '2026-11-07' }).sessions.previous).toBe(0)
  })

  test('never shows a zero for what was not recorded', () => {
    const current = { ...noSums, sessions: sums({ sessions: 3 }) }
    const overview = overviewOf(period, { ...nothing, current })
    expect(overview.costMicroUsd.current).toBeNull()
    expect(overview.tokens.current).toBeNull()
    expect(overview.aiLineShare.current).toBeNull()
    expect(overview.observedLineShare.current).toBeNull()
    const metered = { ...noSums, sessions: sums({ sessions: 3, metered: 1, priced: 1 }) }
    expect(overviewOf(period, { ...nothing, current: metered })).toMatchObject({
      costMicroUsd: { current: 0 },
      tokens: { current: 0 },
    })
  })

  test('counts unknown lines in the whole, never as human', () => {
    const lines = { ai: 30, human: 10, mixed: 10, unknown: 50 }
    const overview = overviewOf(period, { ...nothing, current: { ...noSums, lines } })
    expect(overview.aiLineShare.current).toBe(0.3)
    expect(overview.observedLineShare.current).toBe(0.5)
  })

  test('has every day, also those without a session', () => {
    const { days } = overviewOf(period, {
      ...nothing,
      sessionDays: [{ day: '2026-11-09', ...sums({ sessions: 2, priced: 1, costMicroUsd: 7 }) }],
      lineDays: [{ day: '2026-11-10', ai: 1, human: 0, mixed: 0, unknown: 0 }],
    })
    expect(days).toHaveLength(7)
    expect(days[1]).toMatchObject({ day: '2026-11-09', sessions: 2, costMicroUsd: 7, ai: 0 })
    expect(days[2]).toMatchObject({ day: '2026-11-10', sessions: 0, costMicroUsd: null, ai: 1 })
  })

  test('orders people by AI lines, also those whose session lies before the period', () => {
    const { topUsers } = overviewOf(period, {
      ...nothing,
      users: [
        { person: person('ada'), ...sums({ sessions: 9 }) },
        { person: person('bob'), ...sums({ sessions: 1 }) },
      ],
      userLines: [
        { person: person('bob'), ai: 5 },
        { person: person('cy'), ai: 3 },
        { person: person('dan'), ai: 0 },
      ],
    })
    expect(topUsers.map(({ person: { id }, sessions, aiLines }) => [id, sessions, aiLines])).toEqual([
      ['bob', 1, 5],
      ['cy', 0, 3],
      ['ada', 9, 0],
    ])
  })

  test('compares people with the period before, where anything was recorded then', () => {
    const rolled = {
      ...nothing,
      users: [
        { person: person('ada'), ...sums({ sessions: 9 }) },
        { person: person('bob'), ...sums({ sessions: 1 }) },
      ],
      usersBefore: [{ id: 'ada', sessions: 4, ai: 30 }],
    }
    const earlier = (since: string) =>
      overviewOf(period, { ...rolled, recordedSince: since }).topUsers.map((user) => [
        user.previousSessions,
        user.previousAiLines,
      ])
    expect(earlier('2026-01-01')).toEqual([
      [4, 30],
      [0, 0],
    ])
    expect(earlier('2026-11-08')).toEqual([
      [null, null],
      [null, null],
    ])
  })

  test('puts the dearest model first, and what has no price last', () => {
    const model = (name: string, priced: number, costMicroUsd: number) => ({
      model: name,
      sessions: 1,
      tokens: 1,
      priced,
      costMicroUsd,
    })
    const { models } = overviewOf(period, {
      ...nothing,
      current: { ...noSums, models: [model('free', 0, 0), model('cheap', 1, 0), model('dear', 1, 9)] },
      previous: { ...noSums, models: [model('dear', 1, 4)] },
    })
    expect(
      models.map(({ model: name, costMicroUsd, previousCostMicroUsd }) => [name, costMicroUsd, previousCostMicroUsd]),
    ).toEqual([
      ['dear', 9, 4],
      ['cheap', 0, null],
      ['free', null, null],
    ])
  })

  test('sums verdicts by policy, the most violated first', () => {
    const { policies } = overviewOf(period, {
      ...nothing,
      verdicts: [
        { policy: 'a', result: 'pass', verdicts: 3 },
        { policy: 'b', result: 'fail', verdicts: 2 },
        { policy: 'b', result: 'skipped', verdicts: 5 },
      ],
    })
    expect(policies).toEqual([
      { policy: 'b', pass: 0, fail: 2, error: 0, waived: 0 },
      { policy: 'a', pass: 3, fail: 0, error: 0, waived: 0 },
    ])
  })

  test('counts what is waived apart', () => {
    const { policies } = overviewOf(period, {
      ...nothing,
      verdicts: [
        { policy: 'a', result: 'fail', verdicts: 1 },
        { policy: 'a', result: 'waived', verdicts: 3 },
        { policy: 'a', result: 'skipped', verdicts: 2 },
      ],
    })
    expect(policies).toEqual([{ policy: 'a', pass: 0, fail: 1, error: 0, waived: 3 }])
  })
})
