/** Which variables occur in a flattened term or expression, and which of them it binds. */
import type { Body, ComprehensionTerm, Expression, Rule, Statement, Term } from './ast.ts'

export type Names = ReadonlySet<string>

/** Something that knows which variables are bound. */
interface Bound {
  readonly has: (name: string) => boolean
}

/** Terms directly inside a term and outside of closures: comprehensions and templates have none. */
function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'ref':
      return [term.head, ...term.path]
    case 'array':
    case 'set':
      return term.items
    case 'object':
      return term.entries.flat()
    case 'call':
      return term.args
    default:
      return []
  }
}

/** As `partsOf`, and what a template has besides texts. */
export function partsWithTemplates(term: Term): readonly Term[] {
  return term.kind === 'template' ? term.parts.filter((part) => typeof part !== 'string') : partsOf(term)
}

/** Calls `visit` for each variable outside of closures. `input` and `data` are no variables. */
export function eachVariable(term: Term, visit: (name: string) => void): void {
  if (term.kind === 'var' && term.name !== 'input' && term.name !== 'data') visit(term.name)
  for (const part of partsOf(term)) eachVariable(part, visit)
}

/** Terms directly inside a statement. */
export function termsOf(statement: Statement): readonly Term[] {
  switch (statement.kind) {
    case 'term':
      return [statement.term]
    case 'unify':
    case 'assign':
      return [statement.left, statement.right]
    case 'call':
      return statement.output === null ? statement.call.args : [...statement.call.args, statement.output]
    case 'every':
      return [statement.domain]
    case 'some':
      return [statement.value, statement.domain]
    case 'declare':
      return []
  }
}

export function variablesOf(expression: Expression): Names {
  const names = new Set<string>()
  const visit = (name: string): void => void names.add(name)
  for (const term of termsOf(expression.statement)) eachVariable(term, visit)
  for (const item of expression.withs) eachVariable(item.value, visit)
  return names
}

/** Calls `visit` for each comprehension (also those of templates) directly inside a term. */
function eachComprehension(term: Term, visit: (found: ComprehensionTerm) => void): void {
  if (term.kind === 'comprehension') visit(term)
  for (const part of partsWithTemplates(term)) eachComprehension(part, visit)
}

/** Every variable inside the closures of an expression, at any depth. */
export function closureVariables(expression: Expression): Names {
  const names = new Set<string>()
  const visit = (name: string): void => void names.add(name)
  const enter = (found: ComprehensionTerm): void => {
    if (found.key !== null) all(found.key)
    all(found.value)
    allInBody(found.body)
  }
  const all = (term: Term): void => {
    eachVariable(term, visit)
    eachComprehension(term, enter)
  }
  const allInBody = (body: Body): void => {
    for (const inner of body) {
      for (const term of termsOf(inner.statement)) all(term)
      for (const item of inner.withs) all(item.value)
      if (inner.statement.kind === 'every') allInBody(inner.statement.body)
    }
  }
  for (const term of termsOf(expression.statement)) eachComprehension(term, enter)
  for (const item of expression.withs) eachComprehension(item.value, enter)
  if (expression.statement.kind === 'every') allInBody(expression.statement.body)
  return names
}

export function isSafe(term: Term, safe: Bound): boolean {
  let result = true
  eachVariable(term, (name) => {
    if (!safe.has(name)) result = false
  })
  return result
}

/** What an expression binds when everything in `safe` is bound. */
export function outputsOf(expression: Expression, safe: Names): Names {
  const outputs = new Set<string>()
  if (expression.negated || expression.withs.some((item) => !isSafe(item.value, safe))) return outputs
  const { statement } = expression
  for (const term of termsOf(statement)) collectRefOutputs(term, safe, outputs)
  const bound = { has: (name: string): boolean => safe.has(name) || outputs.has(name) }
  const bind = (name: string): void => {
    if (!safe.has(name)) outputs.add(name)
  }
  if (statement.kind === 'unify') {
    const pairs = pairsOf(statement.left, statement.right)
    for (let before = -1; before !== outputs.size; ) {
      before = outputs.size
      for (const [left, right] of pairs) {
        if (isSafe(left, bound)) bindPattern(right, bound, bind)
        if (isSafe(right, bound)) bindPattern(left, bound, bind)
      }
    }
  } else if (statement.kind === 'call') {
    if (!statement.call.args.every((arg) => isSafe(arg, bound))) return new Set()
    if (statement.output !== null) bindPattern(statement.output, bound, bind)
  }
  return outputs
}

/** A reference whose head is known binds the variables in its brackets: it enumerates. */
function collectRefOutputs(term: Term, safe: Names, outputs: Set<string>): void {
  if (term.kind === 'ref') {
    if (!isSafe(term.head, safe)) return
    for (const part of term.path) {
      eachVariable(part, (name) => {
        if (!safe.has(name)) outputs.add(name)
      })
    }
  } else if (term.kind !== 'call') {
    for (const part of partsOf(term)) collectRefOutputs(part, safe, outputs)
  }
}

type Pair = readonly [Term, Term]

/** Splits the equation of two literals into the equations of their parts, as far as the shapes are alike. */
export function pairsOf(left: Term, right: Term): readonly Pair[] {
  if (left.kind === 'array' && right.kind === 'array' && left.items.length === right.items.length) {
    return left.items.flatMap((item, index) => pairsOf(item, right.items[index] as Term))
  }
  if (left.kind === 'object' && right.kind === 'object' && left.entries.length === right.entries.length) {
    const values = new Map(right.entries.map(([key, value]) => [literalKey(key), value]))
    const pairs = left.entries.map(([key, value]) => [value, values.get(literalKey(key))] as const)
    if (!values.has(null) && left.entries.every(([key]) => literalKey(key) !== null)) {
      if (pairs.every(([, value]) => value !== undefined)) {
        return pairs.flatMap(([mine, other]) => pairsOf(mine, other as Term))
      }
    }
  }
  return [[left, right]]
}

/** A key that is known before evaluation, as a text; null for any other. */
function literalKey(key: Term): string | null {
  return key.kind === 'scalar' ? `${typeof key.value} ${String(key.value)}` : null
}

/** Variables that matching a known value binds: not those in sets, nor in keys of objects. */
function bindPattern(term: Term, bound: Bound, bind: (name: string) => void): void {
  if (term.kind === 'var') bind(term.name)
  if (term.kind === 'array') for (const item of term.items) bindPattern(item, bound, bind)
  if (term.kind === 'object') {
    for (const [key, value] of term.entries) if (isSafe(key, bound)) bindPattern(value, bound, bind)
  }
}

/** Variables that a function's arguments bind. */
export function argumentVariables(rule: Rule): Names {
  const names = new Set<string>()
  for (const arg of rule.args) eachVariable(arg, (name) => names.add(name))
  return names
}
