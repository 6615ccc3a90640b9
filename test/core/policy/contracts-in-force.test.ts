import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Contract } from '#core/policy/contract.ts'
import { defaultInForce, documentsOf, verdictsUnder } from '#core/policy/contracts-in-force.ts'
import { changeLine, differenceOf } from '#core/policy/difference.ts'
import { ContractDocument } from '#core/policy/document.ts'
import type { Verdict } from '#core/policy/policy.ts'

function contract(name: string, spec: object): ContractDocument {
  return ContractDocument.parse({ apiVersion: 'stemma.dev/v1', kind: 'Contract', metadata: { name }, spec })
}

describe('the difference of documents', () => {
  it('is empty for the same, in another order of documents, entries, keys and globs', () => {
    const a = contract('a', {
      policies: [{ policy: 'x', with: { one: 1, two: 2 } }, { policy: 'y' }],
      skip: ['p', 'q'],
    })
    const b = contract('b', { attach: { repositories: ['a/b', 'c/d'] } })
    const same = [
      contract('b', { attach: { repositories: ['c/d', 'a/b'] } }),
      contract('a', { policies: [{ policy: 'y' }, { policy: 'x', with: { two: 2, one: 1 } }], skip: ['q', 'p'] }),
    ]
    expect(differenceOf([a, b], same)).toEqual([])
  })

  it('says what came, what went and what is otherwise', () => {
    const before = [contract('a', { policies: [{ policy: 'x' }, { policy: 'y', gate: true }] })]
    const after = [contract('a', { policies: [{ policy: 'x', with: { allow: ['z'] }, gate: true }], skip: ['q'] })]
    expect(differenceOf(before, after).map(changeLine)).toEqual([
      '~ Contract a: policy x (gate inherit → gate true, with {"allow":["z"]})',
      '- Contract a: policy y (gate true)',
      '+ Contract a: skip q',
    ])
    expect(
      differenceOf([], [contract('b', {})])
        .map(changeLine)
        .slice(0, 2),
    ).toEqual(['+ Contract b', '+ Contract b: attach (organisation)'])
  })

  it('sees a JSON contract as a document of the organisation', () => {
    expect(documentsOf(defaultInForce)).toMatchObject([{ kind: 'Contract', metadata: { name: 'default' } }])
    expect(differenceOf(documentsOf(defaultInForce), documentsOf(defaultInForce))).toEqual([])
  })

  it('turned round says the opposite', () => {
    const list = fc
      .uniqueArray(fc.constantFrom('x', 'y', 'z'))
      .map((names) => [contract('a', { policies: names.map((policy) => ({ policy })) })])
    fc.assert(
      fc.property(list, list, (one, two) => {
        const there = differenceOf(one, two).map(({ what }) => what)
        expect(differenceOf(two, one).map(({ what }) => what)).toEqual(there)
        expect(there.length === 0).toBe(differenceOf(one, two).length === 0)
      }),
    )
  })
})

describe('verdicts under another contract', () => {
  const pass: Verdict = { policy: 'x', version: 3, result: 'pass', gate: false, findings: [], doubts: [], reason: null }
  const of = (...policies: Contract['policies']): Contract => ({
    name: 'c',
    version: 1,
    policies,
    missingSession: 'success',
  })

  it('keep their result and take its gate where the parameters are the same', () => {
    const judged = of({ policy: 'x', with: { a: [1], b: 2 }, gate: false })
    const wanted = of({ policy: 'x', with: { b: 2, a: [1] }, gate: true })
    expect(verdictsUnder(wanted, { judged, verdicts: [pass] })).toEqual([{ ...pass, gate: true }])
  })

  it('are errors where the parameters differ or nobody judged, and go where nobody asks', () => {
    const judged = of({ policy: 'x', with: { a: [1] }, gate: false })
    const wanted = of({ policy: 'x', with: { a: [2] }, gate: true }, { policy: 'y', with: {}, gate: true })
    expect(verdictsUnder(wanted, { judged, verdicts: [pass] })).toMatchObject([
      { policy: 'x', result: 'error', gate: true },
      { policy: 'y', result: 'error', gate: true },
    ])
    expect(verdictsUnder(of(), { judged, verdicts: [pass] })).toEqual([])
  })
})
