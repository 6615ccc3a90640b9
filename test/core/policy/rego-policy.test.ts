import { describe, expect, it } from 'vitest'
import type { Contract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import type { Verdict } from '#core/policy/policy.ts'
import { type RegoSource, regoPolicy } from '#core/policy/rego-policy.ts'
import { editEvents, exampleCommit, examplePullRequest, exampleSubject } from '#core/policy/subject.ts'

const subject = exampleSubject({
  title: 'a session',
  events: editEvents('e1', 'src/a.ts'),
  commands: ['git commit -n -m x', { command: 'npm test', exit: 1 }],
  commits: [exampleCommit({ ai: 3 })],
})

function judged(
  text: string,
  change: Partial<RegoSource> & { readonly with?: Record<string, unknown>; readonly on?: typeof subject } = {},
): Verdict {
  const compiled = regoPolicy({ id: 'custom', version: 4, file: 'custom.rego', text, ...change })
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const contract: Contract = {
    name: 'test',
    version: 1,
    policies: [{ policy: 'custom', with: change.with ?? {}, gate: true }],
    missingSession: 'success',
  }
  const [verdict] = evaluate(contract, change.on ?? subject, [compiled.policy])
  if (verdict === undefined) throw new Error('there is no verdict')
  return verdict
}

function problemsOf(text: string, change: Partial<RegoSource> = {}) {
  const compiled = regoPolicy({ id: 'custom', version: 1, file: 'custom.rego', text, ...change })
  return 'problems' in compiled ? compiled.problems : []
}

describe('violations, by every convention', () => {
  it.each([
    ['deny, a set of texts', 'deny contains "no" if { 1 == 1 }'],
    ['violation, a set of objects', 'violation contains {"msg": "no", "details": {}} if { 1 == 1 }'],
    ['violations, a set', 'violations contains "no" if { 1 == 1 }'],
    ['violations, an array', 'violations := ["no"]'],
    ['deny, an object of entries', 'deny["key"] := "no" if { 1 == 1 }'],
    ['deny with a name behind it', 'deny_commits contains "no"'],
    ['one text alone', 'deny := "no"'],
    ['an object that holds all', 'result := {"skipped": false, "violations": ["no"], "skip_reason": ""}'],
  ])('%s', (_, rules) => {
    const verdict = judged(`package p\n${rules}`)
    expect(verdict).toMatchObject({ result: 'fail', version: 4, gate: true })
    expect(verdict.findings.map(({ message }) => message)).toEqual(['no'])
    expect(verdict.findings[0]?.citations.length).toBeGreaterThan(0)
  })

  it('is one where deny is a boolean', () => {
    expect(judged('package p\ndeny if { 1 == 1 }').result).toBe('fail')
    expect(judged('package p\ndeny if { 1 == 2 }').result).toBe('pass')
    expect(judged('package p\ndefault deny := false\ndeny if { 1 == 2 }').result).toBe('pass')
  })

  it('takes older modules where that is asked for', () => {
    expect(judged('package p\ndeny[msg] { msg := "no" }', { language: 'v0' }).result).toBe('fail')
    expect(problemsOf('package p\ndeny[msg] { msg := "no" }')).not.toEqual([])
  })

  it('takes a package of several parts and odd names', () => {
    expect(judged('package a.b["c-d"]\ndeny contains "no"').result).toBe('fail')
  })
})

describe('what the policy says beside its message', () => {
  const finding = (entry: string) => judged(`package p\nviolation contains ${entry}`).findings[0]

  it('cites events that exist, and files with lines', () => {
    expect(
      finding('{"msg": "m", "events": ["c1", "nowhere"], "file": "src/a.ts", "line": 3, "end": 5}')?.citations,
    ).toEqual([
      { event: 'c1', file: null, start: null, end: null },
      { event: null, file: 'src/a.ts', start: 3, end: 5 },
    ])
  })

  it('cites the session where it names nothing that exists', () => {
    expect(finding('{"msg": "m", "event": "nowhere"}')?.citations).toEqual([
      { event: 'e1', file: null, start: null, end: null },
    ])
  })

  it('may set severity and fix, and cannot invent a severity', () => {
    expect(finding('{"msg": "m", "severity": "CRITICAL", "fix": "Do this."}')).toMatchObject({
      severity: 'critical',
      fix: 'Do this.',
    })
    expect(finding('{"msg": "m", "severity": "odd"}')?.severity).toBe('medium')
  })

  it('bounds what it says', () => {
    const text = judged('package p\ndeny contains concat("", ["x" | some i in numbers.range(1, 5000)])').findings[0]
    expect(text?.message.length).toBeLessThan(1_100)
  })
})

describe('what is not a violation', () => {
  it('passes where nothing is denied', () => {
    expect(judged('package p\ndeny contains "no" if { 1 == 2 }')).toMatchObject({ result: 'pass', reason: null })
  })

  it('notes warnings', () => {
    expect(judged('package p\ndeny contains "no" if false\nwarn contains "look"')).toMatchObject({
      result: 'pass',
      reason: 'Warning: look',
    })
  })

  it.each([
    ['skipped', 'skipped := true\nskip_reason := "no code"', 'no code'],
    ['skipped without a reason', 'skipped := true', 'The policy does not apply.'],
    ['ignore', 'ignore := true', 'The policy asks to be left out.'],
    ['valid_input', 'default valid_input := false', 'The input is not for this policy.'],
  ])('is skipped by %s', (_, rules, reason) => {
    expect(judged(`package p\ndeny contains "no" if false\n${rules}`)).toMatchObject({ result: 'skipped', reason })
  })

  it('is not skipped where it found something', () => {
    expect(judged('package p\ndeny contains "no"\nskipped := true').result).toBe('fail')
  })
})

describe('the input', () => {
  it.each([
    ['its version', 'input.version == "stemma.policy-input/v1"'],
    ['the session', 'input.session.agent.id == "claude-code"'],
    ['its events', 'some event in input.session.events; event.kind == "toolResult"; event.edits[_].path == "src/a.ts"'],
    ['commands, analysed', 'some command in input.commands; command.program == "git"; "-n" in command.arguments'],
    ['their ends', 'some command in input.commands; command.program == "npm"; command.exitCode == 1'],
    ['commits', 'input.commits[_].added.ai == 3'],
    ['what the contract passes', 'input.args.limit == 2'],
    ['the evidence’s time', 'time.now_ns() == time.parse_rfc3339_ns("2026-11-22T09:30:00Z")'],
    ['that there is no pull request', 'not input.pullRequest'],
  ])('holds %s', (_, body) => {
    expect(judged(`package p\ndeny contains "yes" if { ${body} }`, { with: { limit: 2 } }).result).toBe('fail')
  })

  it('holds the pull request where there is one', () => {
    const on = { ...subject, pullRequest: examplePullRequest() }
    expect(judged('package p\ndeny contains "yes" if input.pullRequest.author == "ada"', { on }).result).toBe('fail')
  })
})

describe('an error, never a pass', () => {
  it.each([
    [
      'an endless search',
      'deny contains "x" if { some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a + b < 0 }',
      'budget_exceeded',
    ],
    [
      'a built-in that reaches out',
      'deny contains http.send({"url": "x", "method": "get"}).body',
      'unsupported_builtin',
    ],
    ['two answers', 'deny := "a" if true\ndeny := "b" if true', 'eval_conflict_error'],
    ['an entry that says nothing', 'deny contains 7', 'neither a text nor an object'],
    ['a number', 'deny := 7', 'neither a set nor an array'],
    ['an object without a message', 'deny contains {"code": 7}', 'neither a text nor an object'],
    [
      'too many entries',
      'deny contains i if some i in [sprintf("%d", [n]) | some n in numbers.range(1, 2000)]',
      'at most 1000',
    ],
  ])('%s', (_, rules, reason) => {
    const verdict = judged(`package p\n${rules}`)
    expect(verdict.result).toBe('error')
    expect(verdict.reason).toContain(reason)
  })

  it('keeps to the budget that it is given', () => {
    const text = 'package p\ndeny contains "x" if { some a in numbers.range(1, 500); a < 0 }'
    expect(judged(text).result).toBe('pass')
    expect(judged(text, { budget: { steps: 100 } }).result).toBe('error')
  })
})

describe('a module that cannot be a policy', () => {
  it.each([
    ['no module', 'hello', 'rego_parse_error'],
    ['an unsafe variable', 'package p\ndeny contains x', 'rego_unsafe_var_error'],
    ['nothing that could find anything', 'package p\nallow := true', 'rego_compile_error'],
  ])('%s', (_, text, code) => {
    const [problem] = problemsOf(text)
    expect(problem).toMatchObject({ code, file: 'custom.rego' })
    expect(problem?.line).toBeGreaterThan(0)
  })
})
