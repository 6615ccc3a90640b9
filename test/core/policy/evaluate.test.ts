import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Contract } from '#core/policy/contract.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { definePolicy, type Evaluation, Verdict } from '#core/policy/policy.ts'
import { deniedShellEvents, editEvents, exampleSubject, shellEvents } from '#core/policy/subject.ts'

const subject = exampleSubject({ title: 'a session', commands: ['ls'] })

function contractOf(...policies: Contract['policies']): Contract {
  return { name: 'test', version: 3, policies, missingSession: 'success' }
}

function rule(id: string, answer: () => Evaluation) {
  return definePolicy({
    id,
    version: 7,
    title: id,
    why: 'A test.',
    fix: 'None.',
    severity: 'low',
    evidence: ['session'],
    parameters: z.object({ limit: z.number().default(1) }),
    evaluate: answer,
    examples: { violates: [], passes: [] },
  })
}

const citation = { event: 'c1', file: null, start: null, end: null }
const finding = { policy: 'x', severity: 'low' as const, message: 'm', fix: 'f', citations: [citation] }
const clean: Evaluation = { findings: [], doubts: [], skipped: null }

describe('evaluate', () => {
  it('gives one verdict for each entry of the contract, in its order, in the shape that is stored', () => {
    const verdicts = evaluate(defaultContract, subject)
    expect(verdicts.map(({ policy }) => policy)).toEqual(defaultContract.policies.map(({ policy }) => policy))
    expect(verdicts.map(({ gate }) => gate)).toEqual(defaultContract.policies.map(({ gate }) => gate))
    for (const verdict of verdicts) expect(Verdict.parse(verdict)).toEqual(verdict)
    expect(verdicts.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass', 'pass', 'skipped'])
  })

  it('calls a policy that nobody defined an error, never a pass', () => {
    const [verdict] = evaluate(contractOf({ policy: 'no-such', with: {}, gate: true }), subject)
    expect(verdict).toMatchObject({ result: 'error', gate: true, reason: 'There is no policy named "no-such".' })
  })

  it('calls a rule that throws an error with its reason, and goes on with the others', () => {
    const broken = rule('broken', () => {
      throw new TypeError('cannot read it')
    })
    const fine = rule('fine', () => clean)
    const verdicts = evaluate(
      contractOf({ policy: 'broken', with: {}, gate: false }, { policy: 'fine', with: {}, gate: false }),
      subject,
      [broken, fine],
    )
    expect(verdicts.map(({ result }) => result)).toEqual(['error', 'pass'])
    expect(verdicts[0]?.reason).toContain('cannot read it')
    expect(verdicts[0]?.version).toBe(7)
  })

  it('calls parameters that do not fit an error', () => {
    const [verdict] = evaluate(contractOf({ policy: 'fine', with: { limit: 'many' }, gate: true }), subject, [
      rule('fine', () => clean),
    ])
    expect(verdict?.result).toBe('error')
  })

  it.each<readonly [string, Evaluation, Verdict['result'], string | null]>([
    ['a finding', { ...clean, findings: [finding] }, 'fail', null],
    [
      'a finding and a doubt',
      { ...clean, findings: [finding], doubts: [{ message: 'd', citations: [] }] },
      'fail',
      null,
    ],
    ['a doubt alone', { ...clean, doubts: [{ message: 'd', citations: [] }] }, 'error', 'Cannot tell: d'],
    ['a rule that does not apply', { ...clean, skipped: 'no code' }, 'skipped', 'no code'],
    ['a note', { ...clean, note: '1 denied' }, 'pass', '1 denied'],
    ['nothing', clean, 'pass', null],
  ])('reads %s', (_, answer, result, reason) => {
    const [verdict] = evaluate(contractOf({ policy: 'one', with: {}, gate: false }), subject, [
      rule('one', () => answer),
    ])
    expect(verdict).toMatchObject({ result, reason })
  })
})

describe('the parameters of the contract', () => {
  it('reach the rule', () => {
    const contract = contractOf({ policy: 'approved-agents', with: { allow: ['codex'] }, gate: false })
    expect(evaluate(contract, subject)[0]?.result).toBe('fail')
  })

  it('exempt a command that is written exactly so', () => {
    const session = exampleSubject({ title: 'push', commands: ['git push --no-verify origin docs'] })
    const contract = (exempt: string[]) => contractOf({ policy: 'no-hook-bypass', with: { exempt }, gate: true })
    expect(evaluate(contract([]), session)[0]?.result).toBe('fail')
    expect(evaluate(contract(['git push --no-verify origin docs']), session)[0]?.result).toBe('pass')
  })
})

describe('a denied attempt', () => {
  const contract = contractOf({ policy: 'no-hook-bypass', with: {}, gate: true })

  it('is a note and no violation', () => {
    const session = exampleSubject({ title: 'denied', events: deniedShellEvents('d1', 'git commit --no-verify') })
    expect(evaluate(contract, session)[0]).toMatchObject({
      result: 'pass',
      reason: '1 attempt was denied before it did anything.',
    })
  })

  it('does not cover a later one that ran', () => {
    const events = [...deniedShellEvents('d1', 'git commit --no-verify'), ...shellEvents('c1', 'git commit -n', 0)]
    const [verdict] = evaluate(contract, exampleSubject({ title: 'denied, then done', events }))
    expect(verdict?.result).toBe('fail')
    expect(verdict?.findings[0]?.citations.map(({ event }) => event)).toEqual(['c1', 'c1-result'])
  })

  it('is known from a denial event too, where there is no result', () => {
    const [call] = shellEvents('c1', 'git commit -n', 0)
    const denial = {
      id: 'x',
      at: null,
      thread: 'main',
      kind: 'denial',
      callId: 'c1',
      by: 'hook',
      reason: 'no',
    } as const
    const [verdict] = evaluate(contract, exampleSubject({ title: 'denied', events: call ? [call, denial] : [] }))
    expect(verdict?.result).toBe('pass')
  })

  it('counts as done where nothing is recorded of its end', () => {
    const [call] = shellEvents('c1', 'git commit -n', 0)
    const [verdict] = evaluate(contract, exampleSubject({ title: 'cut', events: call ? [call] : [] }))
    expect(verdict?.result).toBe('fail')
  })
})

it('does not let an edit of the tests themselves stand for a run', () => {
  const contract = contractOf({ policy: 'tests-after-last-edit', with: {}, gate: false })
  const events = [
    ...editEvents('e1', 'src/a.ts'),
    ...shellEvents('t1', 'npm test', 0),
    ...editEvents('e2', 'src/a.test.ts'),
  ]
  expect(evaluate(contract, exampleSubject({ title: 'tests edited last', events }))[0]?.result).toBe('fail')
})
