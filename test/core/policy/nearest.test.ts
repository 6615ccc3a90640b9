import { expect, it } from 'vitest'
import { nearest } from '#core/policy/nearest.ts'
import { specificity } from '#core/policy/repository-glob.ts'

it.each([
  ['no-hok-bypas', 'no-hook-bypass'],
  ['NO-HOOK-BYPASS', 'no-hook-bypass'],
  ['aproved-modls', 'approved-models'],
  ['something-else', null],
  ['', null],
])('of %s the nearest is %s', (wanted, expected) => {
  expect(nearest(wanted, ['approved-models', 'no-hook-bypass'])).toBe(expected)
})

it('ends for hostile names', () => {
  const names = Array.from({ length: 100 }, () => 'b'.repeat(60))
  expect(nearest('a'.repeat(1_000_000), names)).toBeNull()
})

it('an exact repository is narrower than any glob, and a glob with more letters than one with fewer', () => {
  const order = ['acme/pay', 'acme/payment-*', 'acme/pay*', 'acme/*', '*/*']
  expect([...order].sort((left, right) => specificity(right) - specificity(left))).toEqual(order)
  expect(new Set(order.map(specificity)).size).toBe(order.length)
})
