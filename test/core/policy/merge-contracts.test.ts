import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultContract } from '#core/policy/contract.ts'
import { changeLine, differenceOf } from '#core/policy/difference.ts'
import { ContractDocument, type Document, type Gate, PolicyGroupDocument } from '#core/policy/document.ts'
import { mergeContracts } from '#core/policy/merge-contracts.ts'
import { policies } from '#core/policy/registry.ts'
import { matchesRepository } from '#core/policy/repository-glob.ts'

function contract(name: string, spec: object): ContractDocument {
  return ContractDocument.parse({ apiVersion: 'stemma.dev/v1', kind: 'Contract', metadata: { name }, spec })
}
function group(name: string, spec: object): PolicyGroupDocument {
  return PolicyGroupDocument.parse({ apiVersion: 'stemma.dev/v1', kind: 'PolicyGroup', metadata: { name }, spec })
}
const merged = (documents: readonly Document[], repository: string | null = 'acme/pay') =>
  mergeContracts(documents, { repository, version: 4 })
const policy = 'no-hook-bypass'
const payments = { attach: { repositories: ['acme/pay'] } }

describe('merging contracts', () => {
  it('is the default one where none applies', () => {
    expect(merged([])).toEqual({ ...defaultContract, version: 4 })
    expect(merged([contract('pay', payments)], null)).toEqual({ ...defaultContract, version: 4 })
    expect(merged([contract('pay', payments)], 'acme/other').name).toBe('default')
  })

  it('lets an organisation ask for nothing', () => {
    expect(merged([contract('none', {})])).toEqual({
      name: 'none',
      version: 4,
      policies: [],
      missingSession: 'success',
    })
  })

  it('takes the nearest parameters whole, and the gate that is shut', () => {
    const all = contract('all', { policies: [{ policy: 'approved-models', with: { allow: ['a'] }, gate: true }] })
    const globbed = contract('glob', {
      attach: { repositories: ['acme/*'] },
      policies: [{ policy: 'approved-models', with: { allow: ['b'] }, gate: false }],
    })
    const exact = contract('exact', { ...payments, policies: [{ policy: 'approved-models', with: { allow: ['c'] } }] })
    expect(merged([all, globbed, exact]).policies).toEqual([
      { policy: 'approved-models', with: { allow: ['c'] }, gate: true },
    ])
    expect(merged([all, globbed, exact]).name).toBe('exact + glob + all')
    expect(merged([all, globbed, exact], 'acme/other').policies[0]?.with).toEqual({ allow: ['b'] })
    expect(merged([all, globbed, exact], null).policies[0]?.with).toEqual({ allow: ['a'] })
  })

  it('asks entry, groups, reference and contract for a gate, in this order', () => {
    const gateOf = (entry: Gate, inGroup: Gate, reference: Gate, whole: Gate) =>
      merged([
        group('base', { policies: [{ policy, gate: inGroup }] }),
        contract('all', {
          policies: [{ policy, gate: entry }],
          groups: [{ group: 'base', gate: reference }],
          gate: whole,
        }),
      ]).policies[0]?.gate
    expect(gateOf('inherit', 'inherit', 'inherit', 'inherit')).toBe(false)
    expect(gateOf('inherit', 'inherit', 'inherit', true)).toBe(true)
    expect(gateOf('inherit', 'inherit', false, true)).toBe(false)
    expect(gateOf('inherit', true, false, false)).toBe(true)
    expect(gateOf(false, true, true, true)).toBe(false)
  })

  it('resolves groups of groups, each once however many ways lead to it', () => {
    const layers = Array.from({ length: 40 }, (_, level) =>
      ['a', 'b'].map((side) =>
        group(`${side}${level}`, {
          policies: level === 39 ? [{ policy, gate: true }] : [],
          groups: level === 39 ? [] : [{ group: `a${level + 1}` }, { group: `b${level + 1}` }],
        }),
      ),
    ).flat()
    expect(merged([...layers, contract('all', { groups: [{ group: 'a0' }] })]).policies).toEqual([
      { policy, with: {}, gate: true },
    ])
  })

  it('ends at a circle of groups', () => {
    const circle = [
      group('a', { groups: [{ group: 'b' }], policies: [{ policy }] }),
      group('b', { groups: [{ group: 'a' }] }),
      contract('all', { groups: [{ group: 'b' }] }),
    ]
    expect(merged(circle).policies.map((entry) => entry.policy)).toEqual([policy])
  })

  it('skips what is advisory farther away and what its own groups bring, never what is gated', () => {
    const skipping = contract('exact', { ...payments, skip: [policy] })
    const all = (gate: boolean) => contract('all', { policies: [{ policy, gate }] })
    expect(merged([all(false), skipping]).policies).toEqual([])
    expect(merged([all(true), skipping]).policies).toEqual([{ policy, with: {}, gate: true }])
    const base = group('base', { policies: [{ policy, gate: true }] })
    expect(merged([base, contract('all', { groups: [{ group: 'base' }], skip: [policy] })]).policies).toEqual([])
    const listing = contract('exact', { ...payments, policies: [{ policy }] })
    expect(merged([listing, contract('all', { skip: [policy] })]).policies).toHaveLength(1)
  })

  it('asks for the checks of all, each once', () => {
    const [near, far] = [{ ...payments, checks: ['slsa-source'] }, { checks: ['ai-readiness', 'slsa-source'] }]
    expect(merged([contract('far', far), contract('near', near)]).checks).toEqual(['slsa-source', 'ai-readiness'])
    expect(merged([contract('far', far), contract('near', near)], null).checks).toEqual(['ai-readiness', 'slsa-source'])
    expect(merged([contract('none', {})])).not.toHaveProperty('checks')
  })

  it.each([
    [{ checks: ['slsa-source'] }, '+ Contract all: check slsa-source'],
    [{ tier: 'metadata' }, '+ Contract all: tier (metadata)'],
    [{ redaction: { patterns: [], personalData: ['email'] } }, '+ Contract all: redaction'],
    [{ privacy: { retention: 30 } }, '+ Contract all: privacy (retention 30 days)'],
  ])('shows a reviewer %j, so that it is put in force', (spec, line) => {
    const lines = differenceOf([contract('all', {})], [contract('all', spec)]).map(changeLine)
    expect(lines.map((one) => one.slice(0, line.length))).toEqual([line])
  })

  it('treats missing sessions as the strictest says', () => {
    const say = (name: string, missingSession?: string) => contract(name, missingSession ? { missingSession } : {})
    expect(merged([say('a'), say('b')]).missingSession).toBe('success')
    expect(merged([say('a', 'neutral'), say('b', 'success')]).missingSession).toBe('neutral')
    expect(merged([say('a', 'neutral'), say('b', 'failure')]).missingSession).toBe('failure')
  })
})

const gate = fc.constantFrom<Gate>(true, false, 'inherit')
const id = fc.constantFrom(...policies.slice(0, 4).map((one) => one.id))
const entries = fc.uniqueArray(
  fc.record({ policy: id, gate, with: fc.option(fc.constantFrom({}, { x: 1 }, { y: 2 }), { nil: undefined }) }),
  { selector: (entry) => entry.policy, maxLength: 4 },
)
const references = fc.uniqueArray(fc.record({ group: fc.constantFrom('g0', 'g1'), gate }), {
  selector: (reference) => reference.group,
})
const contracts = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      spec: fc.record({
        policies: entries,
        groups: references,
        gate,
        skip: fc.uniqueArray(id, { maxLength: 2 }),
        attach: fc.constantFrom(
          'organisation',
          ...['acme/pay', 'acme/*', '*/pay'].map((glob) => ({ repositories: [glob] })),
        ),
        missingSession: fc.constantFrom('success', 'neutral', 'failure', undefined),
      }),
    }),
    { selector: (one) => one.name, minLength: 1 },
  )
  .map((list) => list.map(({ name, spec }) => contract(name, spec)))
const documents = fc
  .tuple(contracts, entries, entries)
  .map(([list, one, two]): readonly Document[] => [
    ...list,
    group('g0', { policies: one, groups: [{ group: 'g1' }] }),
    group('g1', { policies: two }),
  ])

describe('properties of the merge', () => {
  it('does not depend on the order of the documents', () => {
    fc.assert(
      fc.property(
        documents.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(merged(shuffled)).toEqual(merged(list))
        },
      ),
    )
  })

  it('names each policy once, and keeps every gate that some contract shuts', () => {
    fc.assert(
      fc.property(documents, (list) => {
        const whole = merged(list)
        expect(new Set(whole.policies.map((entry) => entry.policy)).size).toBe(whole.policies.length)
        for (const one of list.filter((document) => document.kind === 'Contract')) {
          const alone = merged([one, ...list.filter((document) => document.kind === 'PolicyGroup')])
          if (alone.name !== one.metadata.name) continue
          for (const { policy: gated } of alone.policies.filter((entry) => entry.gate)) {
            expect(whole.policies).toContainEqual(expect.objectContaining({ policy: gated, gate: true }))
          }
        }
      }),
    )
  })
})

describe('globs of repositories', () => {
  it.each([
    ['acme/*', 'acme/pay', true],
    ['acme/*', 'other/pay', false],
    ['*/pay', 'acme/pay', true],
    ['acme/pay', 'ACME/Pay', true],
    ['acme/p*y', 'acme/payday', true],
    ['acme/p*y', 'acme/payday2', false],
    ['acme/*', 'acme/pay/more', false],
    ['acme/a.c', 'acme/abc', false],
    ['acme/**', 'acme/', true],
  ])('%s and %s: %s', (glob, repository, fits) => {
    expect(matchesRepository(glob, repository)).toBe(fits)
  })

  it('agrees with a regular expression, and ends for hostile ones', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    fc.assert(
      fc.property(text, name, (glob, repository) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(repository)
        expect(matchesRepository(`x/${glob}`, `x/${repository}`)).toBe(expected)
      }),
    )
    // A backtracking matcher would not come back from this one.
    expect(matchesRepository(`x/${'*a'.repeat(60)}b`, `x/${'a'.repeat(140)}`)).toBe(false)
  })
})
