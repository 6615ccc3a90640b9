/**
 * Orders every body so that each expression runs when all that it needs is bound, and refuses variables that nothing
 * binds. https://www.openpolicyagent.org/docs/policy-language#safety
 */
import {
  type Body,
  type ComprehensionTerm,
  type Expression,
  type Rule,
  type Statement,
  sourceName,
  type Term,
} from './ast.ts'
import { charge } from './budget.ts'
import type { Location, Problem } from './problem.ts'
import { argumentVariables, closureVariables, eachVariable, type Names, outputsOf, variablesOf } from './variables.ts'

export function orderRule(rule: Rule, problems: Problem[]): Rule {
  const args = argumentVariables(rule)
  const { body, bound } = orderBody(rule.body, args, problems)
  // A head can only show what its body, or an argument, has bound.
  for (const term of [...rule.head.slice(1), rule.value]) {
    eachVariable(term, (name) => {
      if (!bound.has(name)) report(name, term.at, problems)
    })
  }
  const [name, ...path] = rule.head
  return {
    ...rule,
    head: [name, ...path.map((part) => orderTerm(part, bound, problems))],
    value: orderTerm(rule.value, bound, problems),
    body,
    otherwise: rule.otherwise === null ? null : orderRule(rule.otherwise, problems),
  }
}

export function orderQuery(body: Body, problems: Problem[]): Body {
  return orderBody(body, new Set(), problems).body
}

function report(name: string, at: Location, problems: Problem[]): void {
  const shown = sourceName(name)
  // A temporary is unsafe only because of a variable that is reported itself.
  if (shown === '') return
  const message = `var ${shown} is unsafe`
  const known = problems.some((problem) => problem.message === message && problem.line === at.line)
  if (!known) problems.push({ code: 'rego_unsafe_var_error', message, ...at })
}

function orderBody(body: Body, outer: Names, problems: Problem[]): { body: Body; bound: Names } {
  const ofBody = new Set(outer)
  for (const expression of body) for (const name of variablesOf(expression)) ofBody.add(name)
  const bound = new Set(outer)
  const ordered: Expression[] = []
  let waiting = body.map(waitFor)
  for (let progress = true; progress && waiting.length > 0; ) {
    progress = false
    const still: Waiting[] = []
    for (const one of waiting) {
      charge(one.needs.size + 1)
      const outputs = outputsOf(one.expression, bound)
      if (missing(one, { bound, outputs, ofBody }).length === 0) {
        ordered.push(one.expression)
        for (const name of outputs) bound.add(name)
        progress = true
      } else {
        still.push(one)
      }
    }
    waiting = still
  }
  for (const one of waiting) {
    const outputs = outputsOf(one.expression, bound)
    for (const name of missing(one, { bound, outputs, ofBody })) report(name, one.expression.at, problems)
  }
  if (waiting.length > 0 && problems.length === 0) {
    const at = (waiting[0] as Waiting).expression.at
    problems.push({ code: 'rego_unsafe_var_error', message: 'an expression has no value to begin with', ...at })
  }
  return { body: ordered.map((expression) => orderClosures(expression, bound, problems)), bound }
}

interface Standing {
  readonly bound: Names
  readonly outputs: Names
  readonly ofBody: Names
}

/** An expression that is not placed yet, with what it needs in any case. */
interface Waiting {
  readonly expression: Expression
  readonly needs: Names
  /** Variables of its closures that are not the closures' own. */
  readonly shares: Names
}

function waitFor(expression: Expression): Waiting {
  const own = ownVariables(expression.statement)
  const shares = new Set([...closureVariables(expression)].filter((name) => !own.has(name)))
  return { expression, needs: variablesOf(expression), shares }
}

/** What the expression needs and neither has nor binds. A closure needs whatever it shares with the body around it. */
function missing({ needs, shares }: Waiting, { bound, outputs, ofBody }: Standing): readonly string[] {
  const needed: string[] = []
  for (const name of needs) if (!bound.has(name) && !outputs.has(name)) needed.push(name)
  for (const name of shares) if (ofBody.has(name) && !bound.has(name)) needed.push(name)
  return needed
}

function ownVariables(statement: Statement): Names {
  const names = new Set<string>()
  if (statement.kind === 'every') {
    names.add(statement.value.name)
    if (statement.key !== null) names.add(statement.key.name)
  }
  return names
}

function orderClosures(expression: Expression, bound: Names, problems: Problem[]): Expression {
  const term = (part: Term): Term => orderTerm(part, bound, problems)
  const { statement } = expression
  const withs = expression.withs.map((item) => ({ ...item, value: term(item.value) }))
  switch (statement.kind) {
    case 'term':
      return { ...expression, withs, statement: { kind: 'term', term: term(statement.term) } }
    case 'unify':
      return {
        ...expression,
        withs,
        statement: { kind: 'unify', left: term(statement.left), right: term(statement.right) },
      }
    case 'call': {
      const call = { ...statement.call, args: statement.call.args.map(term) }
      const output = statement.output === null ? null : term(statement.output)
      return { ...expression, withs, statement: { kind: 'call', call, output } }
    }
    case 'every': {
      const inner = new Set([...bound, ...ownVariables(statement)])
      const { body } = orderBody(statement.body, inner, problems)
      return { ...expression, withs, statement: { ...statement, domain: term(statement.domain), body } }
    }
    default:
      return expression
  }
}

function orderTerm(term: Term, bound: Names, problems: Problem[]): Term {
  const inner = (part: Term): Term => orderTerm(part, bound, problems)
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
    case 'call':
      return { ...term, args: term.args.map(inner) }
    case 'template':
      return { ...term, parts: term.parts.map((part) => (typeof part === 'string' ? part : inner(part))) }
    case 'comprehension':
      return orderComprehension(term, bound, problems)
  }
}

function orderComprehension(term: ComprehensionTerm, outer: Names, problems: Problem[]): ComprehensionTerm {
  const { body, bound } = orderBody(term.body, outer, problems)
  for (const part of term.key === null ? [term.value] : [term.key, term.value]) {
    eachVariable(part, (name) => {
      if (!bound.has(name)) report(name, part.at, problems)
    })
  }
  const key = term.key === null ? null : orderTerm(term.key, bound, problems)
  return { ...term, key, value: orderTerm(term.value, bound, problems), body }
}
