import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conclude } from '#core/policy/conclusion.ts'
import { results, type Verdict } from '#core/policy/policy.ts'
import { applyWaivers, type Waiver, type WaiverSubject } from '#core/policy/waiver.ts'

const citation = { event: 'c1', file: null, start: null, end: null }
const finding = { policy: 'x', severity: 'high' as const, message: 'm', fix: 'f', citations: [citation] }
const verdict = (result: Verdict['result']): Verdict => {
  const findings = result === 'fail' ? [finding] : []
  return { policy: 'x', version: 1, result, gate: true, findings, doubts: [], reason: null }
}
const waiver = (change: Partial<Waiver> = {}): Waiver => ({
  id: 'w1',
  policy: 'x',
  scope: { kind: 'repository', repository: 'Acme/Shop' },
  reason: 'The vendor mends it in December.',
  state: 'approved',
  requestedBy: { id: 'p1', name: 'Grace' },
  approvedBy: { id: 'p2', name: 'Ada' },
  createdAt: '2026-11-01T00:00:00.000Z',
  expiresAt: '2026-12-01T00:00:00.000Z',
  ...change,
})
const subject: WaiverSubject = {
  session: 's1',
  repository: 'acme/shop',
  pullRequest: 7,
  now: '2026-11-22T00:00:00.000Z',
}
const resultOf = (waivers: readonly Waiver[], change: Partial<WaiverSubject> = {}) =>
  applyWaivers([verdict('fail')], waivers, { ...subject, ...change })[0]?.result

describe('a waiver', () => {
  it('turns a violation into waived, keeps what was found, and says by whom, until when and why', () => {
    expect(applyWaivers([verdict('fail')], [waiver()], subject)).toEqual([
      {
        ...verdict('fail'),
        result: 'waived',
        reason: 'Waived until 2026-12-01 by Ada at the request of Grace: The vendor mends it in December.',
      },
    ])
  })

  it.each<[string, Partial<Waiver>]>([
    ['is not approved', { state: 'requested', approvedBy: null }],
    ['is revoked', { state: 'revoked' }],
    ['has ended', { expiresAt: '2026-11-22T00:00:00.000Z' }],
    ['was approved by who asked for it', { approvedBy: { id: 'p1', name: 'Grace' } }],
    ['is for another policy', { policy: 'y' }],
    ['is for another repository', { scope: { kind: 'repository', repository: 'acme/shop2' } }],
    ['is for another pull request', { scope: { kind: 'pullRequest', repository: 'acme/shop', number: 8 } }],
    ['is for another session', { scope: { kind: 'session', session: 's2' } }],
  ])('opens nothing that %s', (_, change) => {
    expect(resultOf([waiver(change)])).toBe('fail')
  })

  it('holds for a pull request, for a session, and for nothing that is not known', () => {
    const scope = { kind: 'pullRequest', repository: 'acme/shop', number: 7 } as const
    expect(resultOf([waiver({ scope })])).toBe('waived')
    expect(resultOf([waiver({ scope })], { pullRequest: null })).toBe('fail')
    expect(resultOf([waiver()], { repository: null })).toBe('fail')
    expect(resultOf([waiver({ scope: { kind: 'session', session: 's1' } })], { repository: null })).toBe('waived')
  })

  it('names the one that holds longest', () => {
    const later = waiver({ id: 'w0', expiresAt: '2026-12-24T00:00:00.000Z' })
    for (const list of [
      [waiver(), later],
      [later, waiver()],
    ])
      expect(applyWaivers([verdict('fail')], list, subject)[0]?.reason).toContain('2026-12-24')
  })

  it('touches violations and errors only, and never makes a conclusion worse', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...results)), (list) => {
        const before = list.map(verdict)
        const after = applyWaivers(before, [waiver()], subject)
        expect(after.map(({ result }) => result)).toEqual(
          list.map((result) => (result === 'fail' || result === 'error' ? 'waived' : result)),
        )
        const rest = { sessions: 1, unobservedCommits: 0, missingSession: 'success' } as const
        expect(conclude({ verdicts: after, ...rest })).toBe('success')
        expect(after.map(({ findings }) => findings)).toEqual(before.map(({ findings }) => findings))
      }),
    )
  })
})
