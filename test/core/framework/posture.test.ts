import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Framework } from '#core/framework/framework.ts'
import {
  type Attestation,
  type PolicyTally,
  type PostureInput,
  postureOf,
  postureTrend,
} from '#core/framework/posture.ts'

const none = { pass: 0, fail: 0, error: 0, skipped: 0, waived: 0 }
const at = '2026-11-22T12:00:00.000Z'

const framework: Framework = {
  id: 'sample',
  title: 'Sample',
  version: '1',
  publisher: 'Nobody',
  url: null,
  about: 'A test.',
  controls: [
    {
      id: 'C1',
      group: 'G',
      title: 'Two policies',
      about: 'Both.',
      policies: ['approved-agents', 'no-hook-bypass'],
      attestation: null,
    },
    { id: 'C2', group: 'G', title: 'By hand', about: 'Only people.', policies: [], attestation: 'We do.' },
    { id: 'C3', group: 'G', title: 'Either', about: 'Both ways.', policies: ['sandboxed'], attestation: 'In a box.' },
  ],
}

function tally(policy: string, counts: Partial<PolicyTally['counts']>): PolicyTally {
  return { policy, counts: { ...none, ...counts }, against: [`${policy}-bad`], for: [`${policy}-good`] }
}

function attestation(control: string, change: Partial<Attestation> = {}): Attestation {
  return {
    framework: 'sample',
    control,
    by: 'ada',
    statement: 'We do.',
    madeAt: '2026-11-01T00:00:00.000Z',
    expiresAt: '2027-11-01T00:00:00.000Z',
    ...change,
  }
}

function posture(change: Partial<PostureInput> = {}) {
  return postureOf({
    framework,
    scope: { kind: 'project', name: 'acme/app' },
    at,
    tallies: [],
    attestations: [],
    inForce: ['approved-agents', 'no-hook-bypass', 'sandboxed'],
    ...change,
  })
}

const state = (change: Partial<PostureInput>, index = 0) => posture(change).controls[index]

describe('a control with policies', () => {
  const held = [tally('approved-agents', { pass: 3 }), tally('no-hook-bypass', { pass: 2, skipped: 1, waived: 1 })]

  it('is satisfied where all of them held, with the evidence', () => {
    expect(state({ tallies: held })).toMatchObject({
      state: 'satisfied',
      coverage: { decided: 6, total: 7 },
      evidence: ['approved-agents-good', 'no-hook-bypass-good'],
    })
  })

  it('is violated by one violation, whatever else held', () => {
    const tallies = [tally('approved-agents', { pass: 90 }), tally('no-hook-bypass', { pass: 90, fail: 1 })]
    expect(state({ tallies })).toMatchObject({ state: 'violated', why: 'no-hook-bypass was violated once.' })
    expect(state({ tallies })?.evidence).toContain('no-hook-bypass-bad')
  })

  it('names the policies that no contract has, so that they can be put in force', () => {
    expect(state({ inForce: ['approved-agents'] })?.missing).toEqual(['no-hook-bypass'])
    expect(state({})?.missing).toEqual([])
  })

  it.each([
    [
      'a policy that no contract has',
      { tallies: held, inForce: ['approved-agents'] },
      'no-hook-bypass is not part of a contract.',
    ],
    ['no evidence', { tallies: [held[0] as PolicyTally] }, 'no-hook-bypass has seen no evidence yet.'],
    [
      'an error, which is no pass',
      { tallies: [tally('approved-agents', { pass: 1 }), tally('no-hook-bypass', { pass: 9, error: 2 })] },
      'no-hook-bypass could not tell 2 times.',
    ],
    [
      'pull requests that nobody has merged yet',
      { tallies: [held[0] as PolicyTally, { ...tally('no-hook-bypass', { skipped: 2 }), waits: 2 }] },
      'no-hook-bypass waits for 2 pull requests that are not merged.',
    ],
    [
      'no pull request, where it judges nothing else',
      {
        tallies: [held[0] as PolicyTally, tally('no-hook-bypass', { skipped: 4 })],
        onPullRequests: new Set(['no-hook-bypass']),
      },
      'no-hook-bypass judges whole pull requests, and decided none in this period.',
    ],
    [
      'a policy that was skipped only',
      { tallies: [tally('approved-agents', { pass: 1 }), tally('no-hook-bypass', { skipped: 4 })] },
      'no-hook-bypass did not apply to anything that it saw.',
    ],
  ])('is not evaluated, and says why: %s', (_, change, why) => {
    expect(state(change)).toMatchObject({ state: 'not-evaluated', why })
  })

  it('has no coverage, rather than none of nothing, where nothing was seen', () => {
    expect(state({})?.coverage).toBeNull()
  })

  it('takes no attestation where none can replace its policies', () => {
    expect(state({ attestations: [attestation('C1')] })?.state).toBe('not-evaluated')
  })
})

describe('an attestation', () => {
  it('satisfies a control that only people can speak for', () => {
    expect(state({ attestations: [attestation('C2')] }, 1)).toMatchObject({
      state: 'satisfied',
      why: 'ada attests: We do.',
      attestation: { by: 'ada' },
    })
  })

  it.each([
    ['expired', attestation('C2', { expiresAt: at }), 'The attestation has expired.'],
    ['of another framework', attestation('C2', { framework: 'other' }), 'Nobody has attested to it.'],
  ])('counts for nothing when it is %s', (_, one, why) => {
    expect(state({ attestations: [one] }, 1)).toMatchObject({ state: 'not-evaluated', why })
  })

  it('counts for nothing before it was made', () => {
    expect(state({ attestations: [attestation('C2', { madeAt: '2026-12-01T00:00:00.000Z' })] }, 1)?.state).toBe(
      'not-evaluated',
    )
  })

  it('stands in for a policy that could not look, and never overrules one that saw', () => {
    const attestations = [attestation('C3')]
    expect(state({ attestations }, 2)?.state).toBe('satisfied')
    expect(state({ attestations, tallies: [tally('sandboxed', { error: 3 })] }, 2)?.state).toBe('satisfied')
    expect(state({ attestations, tallies: [tally('sandboxed', { pass: 9, fail: 1 })] }, 2)?.state).toBe('violated')
  })
})

it('counts each control once', () => {
  const { counts, controls } = posture({ attestations: [attestation('C2')] })
  expect(counts).toEqual({ satisfied: 1, violated: 0, 'not-evaluated': 2 })
  expect(controls).toHaveLength(3)
})

it('tells what changed since an earlier posture', () => {
  const before = posture()
  const after = posture({ attestations: [attestation('C2')] })
  expect(postureTrend(before, after)).toEqual([{ control: 'C2', before: 'not-evaluated', after: 'satisfied' }])
  expect(postureTrend(after, after)).toEqual([])
})

it('is never satisfied by a failure or an error more', () => {
  const counts = fc.record({
    pass: fc.nat(3),
    fail: fc.nat(3),
    error: fc.nat(3),
    skipped: fc.nat(3),
    waived: fc.nat(3),
  })
  fc.assert(
    fc.property(counts, counts, fc.constantFrom('fail', 'error'), (left, right, worse) => {
      const tallies = [tally('approved-agents', left), tally('no-hook-bypass', right)]
      const [control] = posture({ tallies }).controls
      const more = { ...right, [worse]: right[worse as 'fail'] + 1 }
      const [then] = posture({ tallies: [tally('approved-agents', left), tally('no-hook-bypass', more)] }).controls
      expect(then?.state).not.toBe('satisfied')
      if (control?.state === 'violated') expect(then?.state).toBe('violated')
    }),
  )
})
