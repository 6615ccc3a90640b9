import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayOf, daysIn, lengthOf, periodEnding, previousPeriod } from '#core/metrics/period.ts'

const day = fc.integer({ min: 0, max: 60_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
const period = fc.tuple(day, fc.integer({ min: 1, max: 400 })).map(([to, days]) => periodEnding(to, days))

describe('periods', () => {
  test('have whole UTC days, the same everywhere and across daylight saving', () => {
    expect(dayOf('2026-03-29T23:59:59.999Z')).toBe('2026-03-29')
    expect(dayOf('2026-03-29T23:30:00-02:00')).toBe('2026-03-30')
    expect(daysIn({ from: '2026-03-28', to: '2026-03-30' })).toEqual(['2026-03-28', '2026-03-29', '2026-03-30'])
    expect(daysIn({ from: '2028-02-28', to: '2028-03-01' })).toHaveLength(3)
  })

  test('are followed by the next without gap or overlap', () => {
    fc.assert(
      fc.property(period, (current) => {
        const before = previousPeriod(current)
        expect(lengthOf(before)).toBe(lengthOf(current))
        const days = [...daysIn(before), ...daysIn(current)]
        expect(days).toEqual(daysIn({ from: before.from, to: current.to }))
        expect(new Set(days).size).toBe(days.length)
      }),
    )
  })
})
