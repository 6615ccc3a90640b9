import { describe, expect, it } from 'vitest'
import { defaultContract } from '#core/policy/contract.ts'
import { policies } from '#core/policy/registry.ts'
import { exampleSubject } from '#core/policy/subject.ts'

describe.each(policies.map((policy) => [policy.id, policy] as const))('%s', (_, policy) => {
  const { violates, passes, doubtful = [] } = policy.examples

  // Each command of an example stands for itself, so that one that is seen cannot cover for one that is missed.
  const alone = (list: typeof violates) =>
    list.flatMap((example) =>
      (example.commands?.length ?? 0) > 1
        ? (example.commands ?? []).map((command) => ({
            ...example,
            title: `${example.title}: ${JSON.stringify(command)}`,
            commands: [command],
          }))
        : [example],
    )

  it.each(alone(violates).map((example) => [example.title, example] as const))('finds: %s', (_title, example) => {
    const { findings } = policy.evaluate(exampleSubject(example), example.with ?? {})
    expect(findings.length).toBeGreaterThan(0)
    for (const finding of findings) {
      expect(finding.policy).toBe(policy.id)
      expect(finding.citations.length).toBeGreaterThan(0)
    }
  })

  it.each(alone(passes).map((example) => [example.title, example] as const))('lets pass: %s', (_title, example) => {
    const { findings, doubts } = policy.evaluate(exampleSubject(example), example.with ?? {})
    expect({ findings, doubts }).toEqual({ findings: [], doubts: [] })
  })

  it.each(alone(doubtful).map((example) => [example.title, example] as const))('cannot tell: %s', (_title, example) => {
    const { findings, doubts } = policy.evaluate(exampleSubject(example), example.with ?? {})
    expect(findings).toEqual([])
    expect(doubts.length).toBeGreaterThan(0)
  })

  it('says why and what to do, and shows both a violation and a pass', () => {
    expect(policy.why).toMatch(/\.$/)
    expect(policy.fix).toMatch(/\.$/)
    expect(violates.length).toBeGreaterThan(0)
    expect(passes.length).toBeGreaterThan(0)
  })
})

it('has every policy of the default contract, each id once', () => {
  const ids = policies.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { policy } of defaultContract.policies) expect(ids).toContain(policy)
})
