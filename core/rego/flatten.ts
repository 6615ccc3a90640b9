/**
 * Nested calls to a sequence: `f(g(x)) > 1` becomes `g(x, a); f(a, b); gt(b, 1)`. Calls end up as statements only, and
 * what a head computes moves to the end of its body. As in OPA, what is inside `not` moves out in front of it.
 */
import {
  type Body,
  type CallTerm,
  type ComprehensionTerm,
  type Expression,
  type Rule,
  type Statement,
  type Term,
  type VarTerm,
  variable,
  type With,
} from './ast.ts'
import type { Location } from './problem.ts'

/** How many operands a function takes; undefined for a name that is no function. */
export type ArityOf = (name: string) => number | undefined

interface Flattener {
  fresh: number
  readonly arityOf: ArityOf
}

/** Every call that was pulled out, in the order of its evaluation. */
type Pulled = { readonly call: CallTerm; readonly output: VarTerm }[]

export function flattenRule(rule: Rule, arityOf: ArityOf): Rule {
  return flattenBranch({ fresh: 0, arityOf }, rule)
}

export function flattenQuery(body: Body, arityOf: ArityOf): Body {
  return flattenBody({ fresh: 0, arityOf }, body)
}

function flattenBranch(flattener: Flattener, rule: Rule): Rule {
  const equations: Expression[] = []
  const args = rule.args.map((arg) => {
    if (isPlainPattern(arg)) return arg
    const local = temporary(flattener, arg.at)
    equations.push(plain({ kind: 'unify', left: local, right: arg }, arg.at))
    return local
  })
  const [name, ...path] = rule.head
  const last: Expression[] = []
  const head = path.map((part) => settle(flattener, part, last))
  const value = settle(flattener, rule.value, last)
  const body = flattenBody(flattener, [...equations, ...rule.body])
  const otherwise = rule.otherwise === null ? null : flattenBranch(flattener, rule.otherwise)
  return { ...rule, head: [name, ...head], args, value, body: [...body, ...last], otherwise }
}

/** Patterns that an argument can be matched against as it comes in. */
function isPlainPattern(term: Term): boolean {
  switch (term.kind) {
    case 'scalar':
    case 'var':
      return true
    case 'array':
      return term.items.every(isPlainPattern)
    case 'object':
      return term.entries.every(([key, value]) => key.kind === 'scalar' && isPlainPattern(value))
    default:
      return false
  }
}

/** A head's term as a variable or a literal; what it takes to compute it is added to `after`. */
function settle(flattener: Flattener, term: Term, after: Expression[]): Term {
  const pulled: Pulled = []
  const flat = flattenTerm(flattener, term, pulled)
  for (const { call, output } of pulled) after.push(plain({ kind: 'call', call, output }, call.at))
  if (!containsRef(flat)) return flat
  const local = temporary(flattener, term.at)
  after.push(plain({ kind: 'unify', left: local, right: flat }, term.at))
  return local
}

function containsRef(term: Term): boolean {
  switch (term.kind) {
    case 'ref':
      return true
    case 'array':
    case 'set':
      return term.items.some(containsRef)
    case 'object':
      return term.entries.some(([key, value]) => containsRef(key) || containsRef(value))
    default:
      return false
  }
}

function temporary(flattener: Flattener, at: Location): VarTerm {
  flattener.fresh += 1
  return variable(`#${flattener.fresh}`, at)
}

function plain(statement: Statement, at: Location): Expression {
  return { statement, negated: false, withs: [], at }
}

function flattenBody(flattener: Flattener, body: Body): Body {
  return body.flatMap((expression) => flattenExpression(flattener, expression))
}

function flattenExpression(flattener: Flattener, expression: Expression): Expression[] {
  const ofWiths: Pulled = []
  const withs: With[] = expression.withs.map((item) => ({
    ...item,
    value: flattenTerm(flattener, item.value, ofWiths),
  }))
  const pulled: Pulled = []
  const statement = flattenStatement(flattener, expression, pulled)
  return [
    ...ofWiths.map(({ call, output }) => plain({ kind: 'call', call, output }, call.at)),
    ...pulled.map(({ call, output }) => ({ ...plain({ kind: 'call', call, output }, call.at), withs })),
    ...(statement === null ? [] : [{ ...expression, statement, withs }]),
  ]
}

function flattenStatement(flattener: Flattener, expression: Expression, pulled: Pulled): Statement | null {
  const { statement, negated } = expression
  const term = (part: Term): Term => flattenTerm(flattener, part, pulled)
  switch (statement.kind) {
    case 'term':
      if (statement.term.kind !== 'call') return { kind: 'term', term: term(statement.term) }
      if (statement.term.operator.join('.') === 'print') return null
      return splitOutput(flattener, flattenCall(flattener, statement.term, pulled))
    case 'unify': {
      const { left, right } = statement
      if (!negated && right.kind === 'call') {
        return { kind: 'call', call: flattenCall(flattener, right, pulled), output: term(left) }
      }
      if (!negated && left.kind === 'call') {
        return { kind: 'call', call: flattenCall(flattener, left, pulled), output: term(right) }
      }
      return { kind: 'unify', left: term(left), right: term(right) }
    }
    case 'some': {
      const { at } = expression
      const key = statement.key === null ? temporary(flattener, at) : term(statement.key)
      const domain = term(statement.domain)
      const element: Term =
        domain.kind === 'ref'
          ? { ...domain, path: [...domain.path, key] }
          : { kind: 'ref', head: domain, path: [key], at: domain.at }
      return { kind: 'unify', left: term(statement.value), right: element }
    }
    case 'every':
      return { ...statement, domain: term(statement.domain), body: flattenBody(flattener, statement.body) }
    default:
      return statement
  }
}

/** A statement may name what takes its result as one more operand: `count(xs, n)`. */
function splitOutput(flattener: Flattener, call: CallTerm): Statement {
  const arity = flattener.arityOf(call.operator.join('.'))
  if (arity === undefined || call.args.length !== arity + 1) return { kind: 'call', call, output: null }
  return { kind: 'call', call: { ...call, args: call.args.slice(0, -1) }, output: call.args.at(-1) ?? null }
}

function flattenCall(flattener: Flattener, call: CallTerm, pulled: Pulled): CallTerm {
  return { ...call, args: call.args.map((arg) => flattenTerm(flattener, arg, pulled)) }
}

function flattenTerm(flattener: Flattener, term: Term, pulled: Pulled): Term {
  const inner = (part: Term): Term => flattenTerm(flattener, part, pulled)
  switch (term.kind) {
    case 'scalar':
    case 'var':
      return term
    case 'ref':
      return { ...term, head: inner(term.head), path: term.path.map(inner) }
    case 'array':
    case 'set':
      return { ...term, items: term.items.map(inner) }
    case 'object':
      return { ...term, entries: term.entries.map(([key, value]) => [inner(key), inner(value)] as const) }
    case 'call': {
      const call = flattenCall(flattener, term, pulled)
      const output = temporary(flattener, term.at)
      pulled.push({ call, output })
      return output
    }
    case 'template':
      return {
        ...term,
        parts: term.parts.map((part) => {
          if (typeof part === 'string' || part.kind !== 'comprehension') return part
          return flattenComprehension(flattener, part)
        }),
      }
    case 'comprehension':
      return flattenComprehension(flattener, term)
  }
}

function flattenComprehension(flattener: Flattener, term: ComprehensionTerm): ComprehensionTerm {
  const body = [...flattenBody(flattener, term.body)]
  const key = term.key === null ? null : settle(flattener, term.key, body)
  return { ...term, key, value: settle(flattener, term.value, body), body }
}
