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

it('has a place for every policy in the readiness framework', () => {
  const named = new Set(frameworks.find(({ id }) => id === 'ai-readiness')?.controls.flatMap((one) => one.policies))
  expect(policies.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([])
})
