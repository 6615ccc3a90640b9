import { describe, expect, test } from 'vitest'
import type { Verdict } from '#core/policy/policy.ts'
import { exampleSubject } from '#core/policy/subject.ts'
import { withheldEvents } from '#core/policy/withheld-events.ts'

const verdict = (policy: string, result: Verdict['result']): Verdict => ({
  policy,
  version: 1,
  result,
  gate: true,
  findings: [],
  doubts: [],
  reason: null,
})
const { session } = exampleSubject({ title: 'none', commands: ['git status'] })
const withheld = { ...session, events: [] }
describe('without the events', () => {
  test('nothing passes or is skipped', () => {
    const verdicts = [verdict('no-hook-bypass', 'pass'), verdict('tests-after-last-edit', 'skipped')]
    expect(withheldEvents(withheld, verdicts).map(({ result }) => result)).toEqual(['error', 'error'])
  })

  test('a violation stays one', () => {
    expect(withheldEvents(withheld, [verdict('no-hook-bypass', 'fail')])[0]?.result).toBe('fail')
  })

  test('a policy that reads the header only decides all the same', () => {
    expect(withheldEvents(withheld, [verdict('approved-agents', 'pass')])[0]?.result).toBe('pass')
  })

  test('with all events, all stays as it is', () => {
    const verdicts = [verdict('no-hook-bypass', 'pass')]
    expect(withheldEvents(session, verdicts)).toBe(verdicts)
  })
})
