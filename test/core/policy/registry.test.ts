import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { controlsOf } from '#core/framework/controls-of.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { type EvidenceKind, evidenceKinds, type Policy, type Subject, severities } from '#core/policy/policy.ts'
import { policies } from '#core/policy/registry.ts'
import { exampleSubject } from '#core/policy/subject.ts'

/** Agents and models; behaviour; verification and delivery; budgets. */
const promised = [
  ...['approved-agents', 'approved-models', 'approved-mcp-servers', 'approved-skills', 'agent-version'],
  ...['permission-mode', 'sandboxed', 'config-drift', 'risky-config', 'instructions-present'],
  ...['no-dangerous-commands', 'no-hook-bypass', 'no-secret-access', 'no-secrets-in-transcript', 'lethal-trifecta'],
  ...['network-egress', 'protected-paths', 'no-test-tampering', 'no-force-push'],
  'no-package-install-outside-allowlist',
  ...['tests-after-last-edit', 'plan-before-code', 'signed-commits', 'session-present', 'evidence-complete'],
  ...['max-ai-share', 'human-review', 'scope-limit'],
  ...['cost-budget', 'token-budget', 'session-duration'],
]

describe('the catalogue', () => {
  it.each(promised)('has %s with everything that it has to say', (id) => {
    const policy = policies.find((one) => one.id === id)
    if (policy === undefined) throw new TypeError(`${id} is not there`)
    for (const words of [policy.title, policy.why, policy.fix]) expect(words.length).toBeGreaterThan(10)
    expect(severities).toContain(policy.severity)
    expect(policy.version).toBeGreaterThan(0)
    expect(policy.evidence.length).toBeGreaterThan(0)
    expect(controlsOf(id).length).toBeGreaterThan(0)
    const schema = z.toJSONSchema(policy.parameters, { io: 'input' })
    expect(schema.type).toBe('object')
    for (const [name, one] of Object.entries(schema.properties ?? {})) {
      expect(typeof one === 'object' ? one.description : null, name).toBeTruthy()
    }
  })

  it.each(policies.map((policy) => [policy.id, policy] as const))('%s decides by what it says', (_, policy) => {
    const seen = lookedAt(policy)
    // For a citation every rule may look at the session's name, and at its first event.
    const beside: readonly EvidenceKind[] = policy.reads === 'header' ? ['session', 'transcript'] : ['session']
    expect(policy.evidence.filter((kind) => !seen.has(kind))).toEqual([])
    expect([...seen].filter((kind) => !policy.evidence.includes(kind) && !beside.includes(kind))).toEqual([])
  })
})

/** What the rule reads of a subject, over all of its examples. */
function lookedAt({ examples, evaluate }: Policy): ReadonlySet<EvidenceKind> {
  const seen = new Set<EvidenceKind>()
  const watched = (subject: Subject): Subject => {
    const session = new Proxy(subject.session, {
      get(target, key) {
        seen.add(key === 'events' ? 'transcript' : 'session')
        return Reflect.get(target, key)
      },
    })
    return new Proxy(
      { ...subject, session },
      {
        get(target, key) {
          const kind = evidenceKinds.find((one) => one === key)
          if (kind !== undefined && kind !== 'session') seen.add(kind)
          return Reflect.get(target, key)
        },
      },
    )
  }
  for (const example of [...examples.violates, ...examples.passes, ...(examples.doubtful ?? [])]) {
    evaluate(watched(exampleSubject(example)), example.with ?? {})
  }
  return seen
}

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
