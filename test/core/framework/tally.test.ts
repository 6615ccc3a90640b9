import { describe, expect, it } from 'vitest'
import { countedSums, talliesOf, type VerdictEvidence, type VerdictSum, withWaived } from '#core/framework/tally.ts'

function sum(on: VerdictSum['on'], policy: string, result: VerdictSum['result'], change: Partial<VerdictSum> = {}) {
  return { on, policy, result, repository: 'acme/app', verdicts: 1, unmerged: 0, ...change }
}
function evidence(of: VerdictSum, name: string): VerdictEvidence {
  return { on: of.on, policy: of.policy, result: of.result, repository: of.repository, name }
}
function tallyOf(sums: readonly VerdictSum[], behind: readonly VerdictEvidence[] = []) {
  return talliesOf(countedSums(sums), { evidence: behind, sums })
}

describe('a rule about whole pull requests', () => {
  const whole = sum('pullRequest', 'max-ai-share', 'pass', { repository: 'Acme/App', verdicts: 2 })
  const part = sum('session', 'max-ai-share', 'fail', { verdicts: 7 })

  it('counts pull requests, and not the sessions in them beside', () => {
    const [tally] = tallyOf([whole, part], [evidence(part, 's'), evidence(whole, 'p')])
    expect(tally).toMatchObject({ counts: { pass: 2, fail: 0 }, for: ['p'], against: [] })
  })

  it('counts sessions of repositories without pull requests', () => {
    const elsewhere = sum('session', 'max-ai-share', 'fail', { repository: 'acme/tools' })
    const [tally] = tallyOf([whole, part, elsewhere], [evidence(elsewhere, 'e'), evidence(part, 's')])
    expect(tally).toMatchObject({ counts: { pass: 2, fail: 1 }, against: ['e'] })
  })
})

it('counts sessions and pull requests where a rule judges both', () => {
  const sums = [sum('session', 'cost-budget', 'pass', { verdicts: 3 }), sum('pullRequest', 'cost-budget', 'fail')]
  expect(tallyOf(sums)).toMatchObject([{ policy: 'cost-budget', counts: { pass: 3, fail: 1 } }])
})

it('counts what is waived for itself, where the waiver holds', () => {
  const sums = [
    sum('session', 'no-hook-bypass', 'fail', { verdicts: 3 }),
    sum('session', 'no-hook-bypass', 'fail', { repository: 'acme/tools' }),
    sum('session', 'no-hook-bypass', 'error'),
  ]
  const waived = [{ repository: 'acme/app', policy: 'no-hook-bypass', result: 'fail' as const, verdicts: 2 }]
  expect(tallyOf(withWaived(sums, waived))).toMatchObject([{ counts: { pass: 0, fail: 2, error: 1, waived: 2 } }])
})

it('never counts more as waived than there is', () => {
  const one = sum('session', 'no-hook-bypass', 'fail', { verdicts: 2 })
  expect(tallyOf(withWaived([one], [{ ...one, verdicts: 5 }]))).toMatchObject([{ counts: { fail: 0, waived: 2 } }])
})

describe('what people do last', () => {
  it('is not missing before the merge', () => {
    const sums = [
      sum('pullRequest', 'human-review', 'fail', { verdicts: 3, unmerged: 2 }),
      sum('pullRequest', 'human-review', 'pass', { verdicts: 4, unmerged: 1 }),
      sum('pullRequest', 'human-review', 'skipped', { unmerged: 1 }),
    ]
    expect(tallyOf(sums)).toMatchObject([{ counts: { pass: 4, fail: 1, skipped: 3 }, waits: 2 }])
  })

  it('is not waited for by rules about what is there already', () => {
    const sums = [sum('pullRequest', 'signed-commits', 'fail', { verdicts: 3, unmerged: 2 })]
    expect(tallyOf(sums)).toMatchObject([{ counts: { fail: 3, skipped: 0 }, waits: 0 }])
  })
})
