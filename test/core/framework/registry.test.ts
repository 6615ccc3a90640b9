import { expect, it } from 'vitest'
import { frameworks } from '#core/framework/registry.ts'
import { policies } from '#core/policy/registry.ts'

it('has each framework and each of its controls once', () => {
  const ids = frameworks.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { controls } of frameworks) {
    const own = controls.map(({ id }) => id)
    expect(new Set(own).size).toBe(own.length)
  }
})

it.each(frameworks.flatMap(({ id, controls }) => controls.map((control) => [`${id} ${control.id}`, control] as const)))(
  '%s can be shown, by policies that exist or by an attestation, and its id is a token of OSCAL',
  (_, control) => {
    const known: readonly string[] = policies.map(({ id }) => id)
    expect(control.policies.filter((policy) => !known.includes(policy))).toEqual([])
    expect(control.policies.length > 0 || control.attestation !== null).toBe(true)
    expect(new Set(control.policies).size).toBe(control.policies.length)
    expect(control.id).toMatch(/^[A-Za-z_][A-Za-z0-9.\-_]*$/)
    expect(control.about).toMatch(/\.$/)
  },
)

it('cites where the ids of others are from, with its date', () => {
  for (const { id, publisher, source } of frameworks) {
    if (publisher === 'Stemma') expect(source, id).toBeUndefined()
    else expect(source, id).toMatch(/20\d\d/)
  }
})

it.each([
  ['nist-ssdf', /^(?:PO|PS|PW|RV)\.\d\.\d$/],
  ['slsa-source', /^source-l[1-4]-[a-z]+$/],
  ['owasp-agentic', /^ASI(?:0[1-9]|10)$/],
  ['iso-42001', /^A\.(?:[2-9]|10)\.\d(?:\.\d)?$/],
  ['eu-ai-act', /^Art\.\d+(?:\.\d+)?$/],
])('%s has ids in the form of its publisher', (id, form) => {
  const controls = frameworks.find((one) => one.id === id)?.controls ?? []
  expect(controls.length).toBeGreaterThan(0)
  for (const control of controls) expect(control.id).toMatch(form)
})

it('has a place for every policy in the readiness framework', () => {
  const named = new Set(frameworks.find(({ id }) => id === 'ai-readiness')?.controls.flatMap((one) => one.policies))
  expect(policies.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([])
})
