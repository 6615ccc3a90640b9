/** Bodies compiled to chains of steps: each step calls the next for every solution it finds. */
import type { Body, Expression, Statement, Term } from './ast.ts'
import { charge } from './budget.ts'
import { compileCall, isEquation } from './compile-call.ts'
import { type Context, chain, newSlot, refuse } from './compile-context.ts'
import { compileEnumeration, compileMatch, compileUnify } from './compile-match.ts'
import { compileRead } from './compile-read.ts'
import { compileWiths } from './compile-with.ts'
import type { Link, Match } from './machine.ts'
import { type AnyObject, isArray, isSet, keysOf, lookup, type Value } from './value.ts'
import { isSafe } from './variables.ts'
export function compileBody(context: Context, body: Body, bound: Set<string>): Link {
  const links = body.map((expression) => compileExpression(context, expression, bound))
  return (next) => chain(links, next)
}

function compileExpression(context: Context, expression: Expression, bound: Set<string>): Link {
  if (expression.withs.length === 0) return compileInWorld(context, expression, bound)
  const enter = compileWiths(context, expression.withs, bound)
  const inner = compileInWorld(context, expression, bound)
  return (next) => {
    const run = inner((machine, frame) => {
      const world = machine.world
      machine.world = world.outer ?? world
      const stop = next(machine, frame)
      machine.world = world
      return stop
    })
    return (machine, frame) => {
      const outer = machine.world
      const world = enter(machine, frame)
      if (world === undefined) return false
      machine.world = world
      const stop = run(machine, frame)
      machine.world = outer
      return stop
    }
  }
}

function compileInWorld(context: Context, expression: Expression, bound: Set<string>): Link {
  const before: Link[] = []
  const statement = hoistStatement(context, expression, { bound, before })
  const links = [...before, compileStatement(context, { ...expression, statement }, bound)]
  return (next) => chain(links, next)
}

interface Hoisting {
  readonly bound: Set<string>
  readonly before: Link[]
}

/**
 * References nested in other terms are visited before the expression, as OPA does, when they enumerate. Under `not`
 * that holds for every nested reference: where it is undefined, the negation does not succeed either.
 */
function hoistStatement(context: Context, expression: Expression, hoisting: Hoisting): Statement {
  const { statement, negated } = expression
  const nested = (term: Term): Term => hoist(context, term, negated, hoisting)
  const top = (term: Term): Term =>
    term.kind === 'ref' ? { ...term, head: nested(term.head), path: term.path.map(nested) } : nested(term)
  switch (statement.kind) {
    case 'term':
      return { kind: 'term', term: top(statement.term) }
    case 'unify':
      return { kind: 'unify', left: top(statement.left), right: top(statement.right) }
    case 'call': {
      const equality = isEquation(statement.call, statement.output)
      const args = statement.call.args.map(equality ? top : nested)
      return { kind: 'call', call: { ...statement.call, args }, output: statement.output }
    }
    case 'every':
      return { ...statement, domain: nested(statement.domain) }
    default:
      return statement
  }
}

function hoist(context: Context, term: Term, always: boolean, hoisting: Hoisting): Term {
  const inner = (part: Term): Term => hoist(context, part, always, hoisting)
  switch (term.kind) {
    case 'array':
    case 'set':
      return { ...term, items: term.items.map(inner) }
    case 'object':
      return { ...term, entries: term.entries.map(([key, value]) => [inner(key), inner(value)] as const) }
    case 'ref': {
      const ref = { ...term, head: inner(term.head), path: term.path.map(inner) }
      if (!always && isSafe(ref, hoisting.bound)) return ref
      const local = { kind: 'var', name: `#ref${newSlot(context)}`, at: term.at } as const
      hoisting.before.push(...compileUnify(context, local, ref, hoisting.bound))
      return local
    }
    default:
      return term
  }
}

function compileStatement(context: Context, expression: Expression, bound: Set<string>): Link {
  if (expression.negated) return compileNegation(context, expression, bound)
  const { statement, at } = expression
  switch (statement.kind) {
    case 'term':
      return compileTest(context, statement.term, bound)
    case 'unify': {
      const links = compileUnify(context, statement.left, statement.right, bound)
      return (next) => chain(links, next)
    }
    case 'call':
      return compileCall(context, statement.call, statement.output, bound)
    case 'every':
      return compileEvery(context, statement, bound)
    default:
      return refuse('this statement is not possible here', at)
  }
}

function compileNegation(context: Context, expression: Expression, bound: Set<string>): Link {
  const holds = compileStatement(context, { ...expression, negated: false }, new Set(bound))(() => true)
  return (next) => (machine, frame) => {
    charge(1)
    return !holds(machine, frame) && next(machine, frame)
  }
}

/** A term alone: it holds unless it is false or undefined. */
function compileTest(context: Context, term: Term, bound: Set<string>): Link {
  if (term.kind === 'ref' && !isSafe(term, bound)) {
    const { links, slot } = compileEnumeration(context, term, bound)
    return (next) => chain(links, (machine, frame) => frame[slot] !== false && next(machine, frame))
  }
  const read = compileRead(context, term, bound)
  return (next) => (machine, frame) => {
    charge(1)
    const value = read(machine, frame)
    return value !== undefined && value !== false && next(machine, frame)
  }
}

type Every = Extract<Statement, { kind: 'every' }>

function compileEvery(context: Context, statement: Every, bound: Set<string>): Link {
  const domain = compileRead(context, statement.domain, bound)
  const inner = new Set(bound)
  const key: Match = statement.key === null ? () => true : compileMatch(context, statement.key, inner)
  const value = compileMatch(context, statement.value, inner)
  const holds = context.body(context, statement.body, inner)(() => true)
  return (next) => (machine, frame) => {
    const collection = domain(machine, frame)
    if (collection === undefined || typeof collection !== 'object' || collection === null) return false
    const check = (name: Value, item: Value): boolean => {
      charge(1)
      return key(machine, frame, name) && value(machine, frame, item) && holds(machine, frame)
    }
    return every(collection, check) && next(machine, frame)
  }
}

function every(collection: Value, check: (key: Value, value: Value) => boolean): boolean {
  if (isArray(collection)) return collection.every((item, index) => check(index, item))
  if (isSet(collection)) return collection.values().every((item) => check(item, item))
  return keysOf(collection as AnyObject).every((key) => check(key, lookup(collection, key) as Value))
}
