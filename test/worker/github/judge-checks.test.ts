import { describe, expect, test } from 'vitest'
import { frameworks } from '#core/framework/registry.ts'
import { frameworkChecks } from '#core/report/framework-check.ts'
import { judgeFrameworkRules, listChecks, type ObservedChecks } from '#worker/github/judge-checks.ts'
import type { RepositoryState } from '#worker/github/setup-state.ts'

const SLSA = 'Stemma / SLSA source track'

const repository = (name: string, part: Partial<RepositoryState> = {}): RepositoryState => ({
  name,
  page: `https://github.com/${name}`,
  branch: 'main',
  requiredFrom: [],
  requiredBeside: [],
  problem: null,
  ...part,
})

/** `on`: repositories whose contract asks for the check; null among them: all that it does not name. */
const observed = (repositories: readonly RepositoryState[], on: readonly (string | null)[]): ObservedChecks => ({
  appId: '42',
  repositories,
  frameworks,
  checksIn: (place) => frameworkChecks({ checks: on.includes(place) ? ['slsa-source'] : [] }, frameworks),
})
const slsaOf = (given: ObservedChecks) => listChecks(given).find(({ framework }) => framework === 'slsa-source')

describe('the contexts', () => {
  test('are the one of the contract and one for each framework, in the words that the check bears', () => {
    const checks = listChecks(observed([], []))
    expect(checks.map(({ framework }) => framework)).toEqual([null, ...frameworks.map(({ id }) => id)])
    expect(checks[0]).toMatchObject({ context: 'Stemma', on: 'everywhere' })
    for (const { id } of frameworks) {
      const [opened] = frameworkChecks({ checks: [id] }, frameworks)
      expect(checks.find(({ framework }) => framework === id)?.context).toBe(opened?.name)
    }
  })

  test.each<[string, readonly (string | null)[], string]>([
    ['nowhere', [], 'nowhere'],
    ['in one repository', ['acme/shop'], 'somewhere'],
    ['everywhere', [null, 'acme/shop', 'acme/till'], 'everywhere'],
  ])('are on %s', (_, on, said) => {
    const given = observed([repository('acme/shop'), repository('acme/till')], on)
    expect(slsaOf(given)).toMatchObject({ context: SLSA, on: said, pinned: 0, unpinned: 0, read: 2 })
  })

  test('are counted where rules require them, from this App and otherwise; what could not be read is not counted', () => {
    const given = observed(
      [
        repository('acme/a', { requiredFrom: [42], requiredBeside: [{ context: SLSA, source: 42 }] }),
        repository('acme/b', { requiredFrom: [null], requiredBeside: [{ context: SLSA, source: null }] }),
        repository('acme/c', { requiredFrom: [7] }),
        repository('acme/d', { problem: 'GitHub answered 500' }),
      ],
      [null],
    )
    expect(listChecks(given)[0]).toMatchObject({ pinned: 1, unpinned: 2, read: 3 })
    expect(slsaOf(given)).toMatchObject({ pinned: 1, unpinned: 1, read: 3 })
  })
})

describe('rules about checks of frameworks', () => {
  const ruled = (source: number | null) => repository('acme/shop', { requiredBeside: [{ context: SLSA, source }] })

  test('are well where the check is on and pinned, or where none is required', () => {
    expect(judgeFrameworkRules(observed([ruled(42), repository('acme/till')], ['acme/shop']))).toEqual([])
  })

  test.each([
    ['that nobody opens would wait for ever', 42, [], /wait for it for ever/, /under `checks` of the contract/],
    ['from any source can be posted by anybody', null, ['acme/shop'], /not from this App/, /source of the check/],
    ['from another App is not ours', 7, ['acme/shop'], /not from this App/, /source of the check/],
  ])('%s', (_, source, on, text, next) => {
    const [step, ...more] = judgeFrameworkRules(observed([ruled(source)], on))
    expect(more).toEqual([])
    expect(step).toMatchObject({ state: 'missing', subject: 'Rules of acme/shop', next: { kind: 'link' } })
    expect(step?.text).toMatch(text)
    expect(step?.text).toContain(SLSA)
    expect(step?.next?.text).toMatch(next)
  })
})
