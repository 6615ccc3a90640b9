/** Modules by the grammar: most of them compile, for variables are used where they are bound, mostly. */
import { builtins } from '#core/rego/builtins/index.ts'
import type { Random } from '../random.ts'
import { inputNames } from './input.ts'

const functions = [...builtins].map(([name, { arity }]) => ({ name, arity }))

interface Scope {
  readonly random: Random
  /** Variables that have a value here. */
  readonly bound: readonly string[]
  /** Rules that may be named: earlier ones, so that most modules do not call themselves. */
  readonly rules: readonly string[]
  readonly depth: number
}

export function grammarModule(random: Random): string {
  const rules: string[] = []
  const texts = random.times(1 + random.below(6), (index) => {
    const text = rule({ random, bound: [], rules: [...rules], depth: 3 }, index)
    rules.push(`r${index}`)
    return text
  })
  return ['package fuzz', ...texts].join('\n\n')
}

function rule(scope: Scope, index: number): string {
  const { random } = scope
  const name = `r${index}`
  const [lines, bound] = body(scope, 1 + random.below(4))
  const inner = { ...scope, bound }
  const block = `{\n  ${lines.join('\n  ')}\n}`
  switch (random.below(6)) {
    case 0:
      return `${name} contains ${term(inner)} if ${block}`
    case 1:
      return `${name}[${term(inner)}] := ${term(inner)} if ${block}`
    case 2:
      return `default ${name} := ${scalar(random)}\n\n${name} := ${term(inner)} if ${block}`
    case 3:
      return `${name} := ${term(inner)} if ${block} else := ${scalar(random)}`
    case 4:
      return `${name} := ${term({ ...scope, bound: [] })}`
    default:
      return `${name} if ${block}`
  }
}

function body(scope: Scope, count: number): [lines: readonly string[], bound: readonly string[]] {
  const { random } = scope
  const bound = [...scope.bound]
  const lines = random.times(count, () => {
    const inner = { ...scope, bound: [...bound], depth: scope.depth - 1 }
    const fresh = `v${bound.length}`
    switch (random.below(8)) {
      case 0:
        bound.push(fresh)
        return `${fresh} := ${term(inner)}`
      case 1:
        bound.push(fresh)
        return `some ${fresh} in ${term(inner)}`
      case 2:
        bound.push(fresh, `k${bound.length}`)
        return `some k${bound.length - 1}, ${fresh} in ${term(inner)}`
      case 3:
        return `${term(inner)} ${random.pick(['==', '!=', '<', '<=', '>', '>='])} ${term(inner)}`
      case 4:
        return `not ${term(inner)}`
      case 5:
        return `every e in ${term(inner)} { ${term({ ...inner, bound: [...bound, 'e'] })} }`
      case 6:
        return `${term(inner)} with input as ${term(inner)}`
      default:
        return term(inner)
    }
  })
  return [lines, bound]
}

function term(scope: Scope): string {
  const { random, bound, rules, depth } = scope
  const inner = { ...scope, depth: depth - 1 }
  if (depth <= 0) return bound.length > 0 && random.chance(0.5) ? random.pick(bound) : scalar(random)
  switch (random.below(12)) {
    case 0:
      return scalar(random)
    case 1:
      return bound.length > 0 ? random.pick(bound) : scalar(random)
    case 2:
      return `input.${random.pick(inputNames)}${random.chance(0.5) ? `[${random.pick(['_', '0', '"a"', 'x'])}]` : ''}`
    case 3:
      return rules.length > 0 ? random.pick(rules) : 'input'
    case 4:
      return `[${random.times(random.below(4), () => term(inner)).join(', ')}]`
    case 5:
      return `{${random.times(1 + random.below(3), () => term(inner)).join(', ')}}`
    case 6:
      return `{${random.times(random.below(3), () => `${scalar(random)}: ${term(inner)}`).join(', ')}}`
    case 7: {
      const [lines, known] = body(inner, 1 + random.below(2))
      const [open, close] = random.pick(['[]', '{}'])
      return `${open}${term({ ...inner, bound: known })} | ${lines.join('; ')}${close}`
    }
    case 8:
      return `(${term(inner)} ${random.pick(['+', '-', '*', '/', '%', '&', '|'])} ${term(inner)})`
    case 9:
      return `$"${random.pick(['', 'a', '\\n'])}{${term(inner)}}"`
    default: {
      const { name, arity } = random.pick(functions)
      return `${name}(${random.times(arity, () => term(inner)).join(', ')})`
    }
  }
}

const scalars = [
  '0',
  '1',
  '-1',
  '2.5',
  '1e3',
  '""',
  '"a"',
  '"a.b"',
  'true',
  'false',
  'null',
  '`(a+)+$`',
  '[]',
  '{}',
  'set()',
  '"10.0.0.0/8"',
  '1000000',
]

function scalar(random: Random): string {
  return random.pick(scalars)
}
