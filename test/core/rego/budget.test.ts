import { describe, expect, test } from 'vitest'
import { evaluate, parseQuery } from '#core/rego/rego.ts'
import { answer, compiled, errorOf, now, run } from './policy.ts'

const many = 'numbers.range(1, 1000)'

function doubled(levels: number): string {
  const rules = Array.from({ length: levels }, (_, level) => `a${level + 1} := [a${level}, a${level}]`)
  return `a0 := [1]\n${rules.join('\n')}\n`
}

describe('what never ends on its own stops with budget_exceeded, never with a result', () => {
  test.each([
    [
      'a product of three ranges',
      `p := count([1 | some a in ${many}; some b in ${many}; some c in ${many}; a + b < c])`,
    ],
    [
      'a search without a solution',
      `p if {\n  some a in ${many}\n  some b in ${many}\n  some c in ${many}\n  a + b + c < 0\n}`,
    ],
    ['a range', 'p := numbers.range(1, 1000000000000)'],
    ['all addresses', 'p := net.cidr_expand("::/0")'],
    [
      'text that doubles',
      `s0 := "0123456789"\n${Array.from({ length: 60 }, (_, at) => `s${at + 1} := concat("", [s${at}, s${at}])`).join('\n')}\np := s60`,
    ],
    ['arrays that double, written out', `${doubled(60)}p := a60`],
    ['arrays that double, as an element', `${doubled(60)}p := count({a60})`],
    ['arrays that double, compared', `${doubled(60)}${doubled(60).replaceAll('a', 'b')}p if a60 == b60`],
    [
      'sets that double, as an element',
      `s0 := {1}\n${Array.from({ length: 60 }, (_, at) => `s${at + 1} := {s${at}, [s${at}]}`).join('\n')}\np := count({s60})`,
    ],
    [
      'objects that double, as an element',
      `o0 := {"a": 1}\n${Array.from({ length: 60 }, (_, at) => `o${at + 1} := {"l": o${at}, "r": o${at}}`).join('\n')}\np := count({o60})`,
    ],
    [
      'an integer that squares',
      `n0 := 99999999999\n${Array.from({ length: 40 }, (_, at) => `n${at + 1} := n${at} * n${at}`).join('\n')}\np := n40 > 0`,
    ],
    [
      'a replacement by itself',
      `s := concat("", ["a" | some i in numbers.range(1, 50000)])\np := count(replace(s, "a", s))`,
    ],
    [
      'nested JSON',
      'open := concat("", ["[" | some i in numbers.range(1, 90000)])\np := json.unmarshal(concat("", [open, replace(open, "[", "]")]))',
    ],
    [
      'every sorting of a large set',
      `p := count([1 | some i in ${many}; some j in ${many}; max({x | some x in ${many}}) == i + j])`,
    ],
  ])('%s', (_name, body) => {
    expect(errorOf(body)).toBe('budget_exceeded')
  })
})

test('functions nested too deeply stop', () => {
  const chain = Array.from({ length: 150 }, (_, level) => `f${level}(x) := f${level + 1}(x)`).join('\n')
  expect(errorOf(`${chain}\nf150(x) := x\np := f0(1)`)).toBe('budget_exceeded')
  expect(answer(`${chain}\nf150(x) := x\np := f100(1)`)).toBe(1)
})

test('output, input and nesting of input have limits', () => {
  expect(errorOf('p := [sprintf("%d and more text", [i]) | some i in numbers.range(1, 20000)]')).toBe('budget_exceeded')
  expect(errorOf('p := 1', { input: 'x'.repeat(5_000_000) })).toBe('budget_exceeded')
  expect(errorOf('p := 1', { data: { a: Array(2_000_000).fill(0) } })).toBe('budget_exceeded')
  let nested: unknown = 1
  for (let depth = 0; depth < 5_000; depth++) nested = [nested]
  expect(errorOf('p := {input}', { input: nested })).toBe('budget_exceeded')
})

test('steps are counted, and a smaller budget is kept to', () => {
  const body = 'p := count([x | some x in numbers.range(1, 100)])'
  const outcome = run(body)
  expect(outcome.steps).toBeGreaterThan(100)
  expect(outcome.steps).toBeLessThan(1_000)
  expect(errorOf(body, { budget: { steps: 50 } })).toBe('budget_exceeded')
})

test('a pattern that blows up elsewhere is linear here', () => {
  const body =
    'text := concat("", ["a" | some i in numbers.range(1, 20000)])\np := regex.match("^(a+)+$", concat("", [text, "!"]))'
  expect(answer(body)).toBe(false)
})

test('a budget cannot be hidden by not, else or default', () => {
  const endless = `count([1 | some a in ${many}; some b in ${many}; some c in ${many}; a + b < c]) > 0`
  expect(errorOf(`default p := true\nq if ${endless}\np := false if not q`)).toBe('budget_exceeded')
})

test('the same policy costs the same, the first time and later', () => {
  const policy = compiled(
    'package t\n\np := count({3, 1, 2} & {x | some x in {1: 2, 3: 4}}) + count([1 | some x in {9, 8, 7}])',
  )
  const request = { query: 'data.t.p = x', now }
  const first = evaluate(policy, request)
  expect(evaluate(policy, request)).toEqual(first)
})

test('work for which there is no room is not begun, and so never counted', () => {
  const body = 'p := regex.split(`[a-z]{0,1000}`, concat("", ["a" | some i in numbers.range(1, 10000)]))'
  const outcome = run(body, { budget: { steps: 50_000 } })
  expect(outcome).toMatchObject({ error: { code: 'budget_exceeded' } })
  expect(outcome.steps).toBeLessThanOrEqual(50_000)
})

test('preparing many queries never exhausts a budget', () => {
  const policy = compiled('package t\n\np := 1')
  for (let count = 0; count < 20_000; count++) parseQuery(policy, 'data.t.p = x; x == 1')
  expect(parseQuery(policy, 'data.t.p = x')).not.toHaveProperty('errors')
})

test('YAML is read to a depth that is the same everywhere', () => {
  const nested = (levels: number) => `p := yaml.is_valid("${'['.repeat(levels)}${']'.repeat(levels)}")`
  expect(answer(nested(150))).toBe(true)
  expect(errorOf(nested(1_000))).toBe('budget_exceeded')
  const block = Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:`).join('\\n')
  expect(errorOf(`p := yaml.is_valid("${block}")`)).toBe('budget_exceeded')
})
