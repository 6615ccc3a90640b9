import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConclusionInput, conclude, conclusionTable } from '#core/policy/conclusion.ts'
import { type Result, results, type Verdict } from '#core/policy/policy.ts'

function verdict(result: Result, gate: boolean): Verdict {
  return { policy: 'p', version: 1, result, gate, findings: [], doubts: [], reason: null }
}

const input = (change: Partial<ConclusionInput>): ConclusionInput => ({
  verdicts: [],
  sessions: 1,
  unobservedCommits: 0,
  missingSession: 'success',
  ...change,
})

describe('conclude', () => {
  it.each([
    ['pass', true, 'success'],
    ['skipped', true, 'success'],
    ['waived', true, 'success'],
    ['fail', true, 'failure'],
    ['error', true, 'failure'],
    ['pass', false, 'success'],
    ['skipped', false, 'success'],
    ['waived', false, 'success'],
    ['fail', false, 'neutral'],
    ['error', false, 'neutral'],
  ] as const)('%s, gate %s: %s', (result, gate, conclusion) => {
    expect(conclude(input({ verdicts: [verdict(result, gate)] }))).toBe(conclusion)
  })

  it('is neutral where some commits have no evidence', () => {
    expect(conclude(input({ verdicts: [verdict('pass', true)], unobservedCommits: 1 }))).toBe('neutral')
  })

  it.each(['success', 'neutral', 'failure'] as const)(
    'follows the contract without any session: %s',
    (missingSession) => {
      expect(conclude(input({ sessions: 0, unobservedCommits: 4, missingSession }))).toBe(missingSession)
    },
  )

  it('without any session is as bad as what is said of the pull request as a whole', () => {
    const whole = { sessions: 0, missingSession: 'success' as const }
    expect(conclude(input({ ...whole, verdicts: [verdict('fail', true)] }))).toBe('failure')
    expect(conclude(input({ ...whole, verdicts: [verdict('fail', false)] }))).toBe('neutral')
    expect(conclude(input({ ...whole, missingSession: 'failure', verdicts: [verdict('pass', true)] }))).toBe('failure')
  })

  it('is published as it decides', () => {
    const guide = readFileSync('docs/guides/enforcement.md', 'utf8')
    for (const result of results) {
      const { gated, advisory } = conclusionTable[result]
      expect(guide).toContain(`| ${result} | ${gated} | ${advisory} |`)
    }
  })

  const verdicts = fc.array(
    fc.tuple(fc.constantFrom(...results), fc.boolean()).map(([result, gate]) => verdict(result, gate)),
  )
  const rank = { success: 0, neutral: 1, failure: 2 }

  it('never becomes better by another verdict or by missing evidence, whatever the order', () => {
    fc.assert(
      fc.property(verdicts, fc.constantFrom(...results), fc.boolean(), (list, result, gate) => {
        const before = rank[conclude(input({ verdicts: list }))]
        expect(rank[conclude(input({ verdicts: [...list, verdict(result, gate)] }))]).toBeGreaterThanOrEqual(before)
        expect(rank[conclude(input({ verdicts: list, unobservedCommits: 1 }))]).toBeGreaterThanOrEqual(before)
        expect(rank[conclude(input({ verdicts: list.toReversed() }))]).toBe(before)
      }),
    )
  })
})
