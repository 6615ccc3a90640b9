import { describe, expect, it } from 'vitest'
import {
  aiShare,
  formatCost,
  formatCount,
  formatDuration,
  formatMoney,
  formatShare,
  shortSession,
} from '#core/report/format.ts'

it.each([
  [0, '0'],
  [999, '999'],
  [1_234, '1,234'],
  [9_999, '9,999'],
  [10_000, '10k'],
  [12_345, '12.3k'],
  [999_949, '999.9k'],
  [999_950, '1M'],
  [4_561_000, '4.6M'],
  [2_000_000_000, '2G'],
  [null, 'not recorded'],
  [Number.NaN, 'not recorded'],
])('formatCount %s: %s', (value, text) => {
  expect(formatCount(value)).toBe(text)
})

it.each([
  [0, '$0.00'],
  [1, '<$0.01'],
  [62_000, '$0.06'],
  [412_300, '$0.41'],
  [1_234_500_000, '$1,234.50'],
  [-2_500_000, '-$2.50'],
  [null, 'not recorded'],
])('formatMoney %s: %s', (value, text) => {
  expect(formatMoney(value)).toBe(text)
})

it.each([
  [0, '0 s'],
  [45, '45 s'],
  [59.6, '1 min'],
  [3_570, '1 h'],
  [7_500, '2 h 5 min'],
  [273_600, '3 d 4 h'],
  [null, 'not recorded'],
  [-1, 'not recorded'],
])('formatDuration %s: %s', (value, text) => {
  expect(formatDuration(value)).toBe(text)
})

it.each([
  [0, '0%'],
  [0.0001, '<1%'],
  [0.784, '78%'],
  [0.9999, '>99%'],
  [1, '100%'],
  [null, 'not recorded'],
])('formatShare %s: %s', (value, text) => {
  expect(formatShare(value)).toBe(text)
})

describe('aiShare', () => {
  it('has unknown lines below the line and never above it', () => {
    expect(aiShare({ ai: 1, human: 0, mixed: 0, unknown: 3 })).toBe(0.25)
    expect(aiShare({ ai: 1, human: 2, mixed: 1, unknown: 0 })).toBe(0.25)
  })

  it('is not known without lines', () => {
    expect(aiShare({ ai: 0, human: 0, mixed: 0, unknown: 0 })).toBeNull()
  })
})

it('says of a cost with unpriced models that it is a lower bound', () => {
  expect(formatCost({ microUsd: 60_000, unpricedModels: [], priceTable: 't' })).toBe('$0.06')
  expect(formatCost({ microUsd: 60_000, unpricedModels: ['m'], priceTable: 't' })).toBe('≥ $0.06')
  expect(formatCost({ microUsd: null, unpricedModels: ['m'], priceTable: 't' })).toBe('unpriced')
  expect(formatCost({ microUsd: null, unpricedModels: [], priceTable: 't' })).toBe('not recorded')
})

it('shortens session ids', () => {
  expect(shortSession('claude-code:9c1e4f2a-7d31')).toBe('9c1e4f2a')
})
