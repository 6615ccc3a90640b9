import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compile } from '#core/rego/rego.ts'
import { answer, problems } from './policy.ts'

describe('errors say where they are', () => {
  test.each([
    ['package t\n\np := [1, 2', 'rego_parse_error', 3, 11],
    ['package t\n\np if {\n  x := "open\n}', 'rego_parse_error', 4, 8],
    ['package t\np := 1 q := 2', 'rego_parse_error', 2, 8],
    ['package t\np { true }', 'rego_parse_error', 2, 3],
    ['package t\np := 0x10', 'rego_parse_error', 2, 6],
    ['p := 1', 'rego_parse_error', 1, 1],
    ['package t\np if {\n  not x > 1\n}', 'rego_unsafe_var_error', 3, 3],
    ['package t\np contains y if true', 'rego_unsafe_var_error', 2, 12],
    ['package t\np if missing(1)', 'rego_type_error', 2, 6],
    ['package t\np if count(1, 2, 3)', 'rego_type_error', 2, 6],
    ['package t\np := 1\np contains 2', 'rego_type_error', 3, 1],
    ['package t\np := 1\np.q := 2', 'rego_type_error', 2, 1],
    ['package t\np if {\n  x := 1\n  x := 2\n}', 'rego_compile_error', 4, 3],
    ['package t\nf(x) if {\n  x := 2\n}', 'rego_compile_error', 3, 3],
    ['package t\np if input := 2', 'rego_compile_error', 2, 6],
    ['package t\np if q\nq if p', 'rego_recursion_error', 2, 1],
    ['package t\np if data.t[x]', 'rego_recursion_error', 2, 1],
    ['package t\nimport rules.x', 'rego_parse_error', 2, 1],
    ['package t\ndefault p := 1\ndefault p := 2', 'rego_type_error', 3, 1],
    ['package t\np := {"a": {"b": 1}}\nq if p.a with data.t.p.a as 1', 'rego_compile_error', 3, 10],
  ])('%j', (text, code, line, column) => {
    expect(problems(text)[0]).toMatchObject({ code, file: 'm.rego', line, column })
  })
})

test('all unsafe variables are reported, not only the first', () => {
  const found = problems('package t\np if {\n  a > 1\n  b > 2\n}\nq if c == 1')
  expect(found.map(({ message }) => message)).toEqual(['var a is unsafe', 'var b is unsafe', 'var c is unsafe'])
})

test('version 0 needs neither if nor contains', () => {
  const text = 'package t\np[x] { x := 1 }\nq = 2 { true }\nr { true } { false }'
  expect(compile([{ name: 'm', text }], { version: 'v0' })).toHaveProperty('program')
  expect(compile([{ name: 'm', text }])).toHaveProperty('errors')
})

test('keywords head references where a dot follows', () => {
  expect(answer('if.some.not := 4\np := if.some.not')).toBe(4)
})

test('a bar right after a term begins a comprehension, after an operator a union', () => {
  expect(answer('p := [x | some x in {2, 1}]')).toEqual([1, 2])
  expect(answer('a := {1}\nb := {2}\np := ({} | {}) if false\np := a | b')).toEqual([1, 2])
})

test('strings: escapes, raw strings and templates', () => {
  expect(answer('p := "a\\u00e9\\n"')).toBe('aé\n')
  expect(answer('p := `a\\n`')).toBe('a\\n')
  expect(answer('who := "you"\np := $"hi {who}, {1 + 1} \\{x} {input.nothing}"')).toBe('hi you, 2 {x} <undefined>')
})

test('METADATA answers rego.metadata.rule and chain', () => {
  const body =
    '# METADATA\n# title: Short\n# custom:\n#   level: 3\np := [rego.metadata.rule().custom.level, count(rego.metadata.chain())]'
  expect(answer(body)).toEqual([3, 1])
})

describe('whatever the text is, compile answers', () => {
  const words = fc.constantFrom(
    ...'package t p q x y := = == if contains in every some not with as input data default else import { } [ ] ( ) | & , ; : . "s" 1 2.5 null true _ \n # count f(x) $"{" `'.split(
      ' ',
    ),
  )
  test('random words', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (tokens) => {
        const result = compile([{ name: 'm', text: `package t\n${tokens.join(' ')}` }])
        expect('errors' in result ? result.errors.length : 1).toBeGreaterThan(0)
      }),
      { numRuns: 1_500 },
    )
  })
  test('random text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(() => compile([{ name: 'm', text }])).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
  test.each([
    ['brackets', '['.repeat(100_000)],
    ['braces in braces', '{"a":'.repeat(50_000)],
    ['calls in calls', 'f('.repeat(50_000)],
    ['templates in templates', '$"{'.repeat(50_000)],
    ['a sum', Array(30_000).fill('1').join('+')],
    ['a path', `input${'.a'.repeat(100_000)}`],
    ['branches', `1 if false\n${'else := 2 if false\n'.repeat(20_000)}`],
    ['negations', 'true if '.concat('not '.repeat(50_000))],
  ])('deep or long: %s', (_name, text) => {
    expect(() => compile([{ name: 'm', text: `package t\np := ${text}` }])).not.toThrow()
  })
  test('a body in the worst order stops with the budget', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `x${index} = x${index + 1}`)
    const found = problems(`package t\np if {\n${lines.join('\n')}\nx20000 = 1\n}`)
    expect(found[0]?.code).toBe('budget_exceeded')
  })
})
