/** Bodies compiled to chains of steps: each step calls the next for every solution it finds. */
import type { Body, CallTerm, Expression, Statement, Term, With } from './ast.ts'
import { allocate, allocateText, charge, chargeText } from './budget.ts'
import { type Builtin, BuiltinRefusal } from './builtins/builtin.ts'
import { type Context, chain, newSlot, refuse } from './compile-context.ts'
import { compileEnumeration, compileMatch, compileUnify } from './compile-match.ts'
import { compileRead } from './compile-read.ts'
import {
  deeper,
  type Group,
  type Link,
  type Machine,
  type Match,
  type Mock,
  type Read,
  type TreeNode,
  type World,
} from './machine.ts'
import { type Location, ProblemSignal } from './problem.ts'
import { type AnyObject, isArray, isSet, keysOf, lookup, type Value } from './value.ts'
import { isSafe } from './variables.ts'
import { replaceAt, replaceData } from './with.ts'

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

/** Arguments read in order; undefined where one of them is. */
function readAll(reads: readonly Read[], machine: Machine, frame: Parameters<Read>[1]): Value[] | undefined {
  const values: Value[] = []
  for (const read of reads) {
    const value = read(machine, frame)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function compileCall(context: Context, call: CallTerm, output: Term | null, bound: Set<string>): Link {
  const name = call.operator.join('.')
  if (isEquation(call, output)) {
    const [left, right] = call.args
    if (left !== undefined && right !== undefined) {
      const links = compileUnify(context, left, right, bound)
      return (next) => chain(links, next)
    }
  }
  const callee = calleeOf(context, name, call.at)
  checkArity(callee, call)
  const reads = call.args.map((arg) => compileRead(context, arg, bound))
  const result: Match =
    output === null ? (_machine, _frame, value) => value !== false : compileMatch(context, output, bound)
  const invoke = invoker(context, callee, name, call.at)
  if (callee.kind === 'builtin' && callee.builtin.isRelation) {
    return (next) => (machine, frame) => {
      charge(1)
      const values = readAll(reads, machine, frame)
      const found = values === undefined ? undefined : invoke(machine, values)
      if (found === undefined || !isArray(found)) return false
      return found.some((item) => result(machine, frame, item) && next(machine, frame))
    }
  }
  return (next) => (machine, frame) => {
    charge(1)
    const values = readAll(reads, machine, frame)
    if (values === undefined) return false
    const value = invoke(machine, values)
    return value !== undefined && result(machine, frame, value) && next(machine, frame)
  }
}

/** `a == b` as a statement asks the same as `a = b` once its variables are bound. */
function isEquation(call: CallTerm, output: Term | null): boolean {
  return call.infix && call.operator[0] === 'equal' && output === null
}

type Callee =
  | { readonly kind: 'function'; readonly group: Group; readonly arity: number }
  | { readonly kind: 'builtin'; readonly builtin: Builtin; readonly arity: number }
  | { readonly kind: 'constant'; readonly value: Value; readonly arity: number }

function calleeOf(context: Context, name: string, at: Location): Callee {
  if (name === 'rego.metadata.rule') return { kind: 'constant', value: context.metadata().rule, arity: 0 }
  if (name === 'rego.metadata.chain') return { kind: 'constant', value: context.metadata().chain, arity: 0 }
  const group = context.program.functions.get(name)
  if (group !== undefined) return { kind: 'function', group, arity: group.arity }
  const builtin = context.program.builtin(name)
  if (builtin !== undefined) return { kind: 'builtin', builtin, arity: builtin.arity }
  throw new ProblemSignal('rego_type_error', `undefined function ${name}`, at)
}

function checkArity(callee: Callee, call: CallTerm): void {
  if (call.args.length === callee.arity) return
  const name = call.operator.join('.')
  const message = `${name}: arity mismatch: wants ${callee.arity} arguments, has ${call.args.length}`
  throw new ProblemSignal('rego_type_error', message, call.at)
}

type Invoke = (machine: Machine, args: readonly Value[]) => Value | undefined

function invoker(context: Context, callee: Callee, name: string, at: Location): Invoke {
  const direct = directly(callee, at)
  if (callee.kind === 'constant') return direct
  return (machine, args) => {
    const mock = machine.world.mocks?.get(name)
    return mock === undefined ? direct(machine, args) : invokeMock(context, mock, { machine, args, at })
  }
}

function directly(callee: Callee, at: Location): Invoke {
  switch (callee.kind) {
    case 'constant':
      return () => callee.value
    case 'function':
      return (machine, args) => deeper(machine, () => callee.group.call(machine, args))
    case 'builtin':
      return (machine, args) => runBuiltin(machine, callee.builtin, args, at)
  }
}

/** What stands in for a function sees no stand-ins itself, so that it can call what it replaces. */
function invokeMock(
  context: Context,
  mock: Mock,
  call: { machine: Machine; args: readonly Value[]; at: Location },
): Value | undefined {
  const { machine, args, at } = call
  if (mock.kind === 'value') return mock.value
  const outer = machine.world
  machine.world = { ...outer, mocks: null, documents: new Map(), outer }
  const value = directly(calleeOf(context, mock.name, at), at)(machine, args)
  machine.world = outer
  return value
}

/** A built-in that refuses its operands makes the expression undefined, or stops a strict evaluation. */
function runBuiltin(machine: Machine, builtin: Builtin, args: readonly Value[], at: Location): Value | undefined {
  for (const arg of args) {
    if (typeof arg === 'string') chargeText(arg.length)
    else if (arg !== null && isArray(arg)) charge(arg.length >> 4)
  }
  try {
    const value = builtin.run(args, machine.surroundings)
    if (typeof value === 'string') allocateText(value.length)
    else if (value !== undefined && isArray(value)) allocate(value.length)
    return value
  } catch (error) {
    if (!(error instanceof BuiltinRefusal)) throw error
    if (error.code === 'unsupported_builtin') throw new ProblemSignal(error.code, error.message, at)
    if (!machine.strict) return undefined
    throw new ProblemSignal(error.code, `${builtin.name}: ${error.message}`, at)
  }
}

type Change = (machine: Machine, frame: Parameters<Read>[1], world: World) => World | undefined

function compileWiths(
  context: Context,
  withs: readonly With[],
  bound: Set<string>,
): (machine: Machine, frame: Parameters<Read>[1]) => World | undefined {
  const changes = withs.map((item) => compileWith(context, item, bound))
  return (machine, frame) => {
    charge(1)
    let world: World | undefined = machine.world
    for (const change of changes) {
      world = change(machine, frame, world)
      if (world === undefined) return undefined
    }
    return { ...world, documents: new Map(), outer: machine.world }
  }
}

function compileWith(context: Context, item: With, bound: Set<string>): Change {
  const [root = '', ...path] = item.target
  const name = item.target.join('.')
  const isFunction = context.program.functions.has(name) || (root !== 'data' && root !== 'input')
  if (isFunction) {
    calleeOf(context, name, item.at)
    return mockWith(name, mockOf(context, item, bound))
  }
  if (root === 'data') checkTarget(context, item)
  const read = compileRead(context, item.value, bound)
  return (machine, frame, world) => {
    const value = read(machine, frame)
    if (value === undefined) return undefined
    return root === 'input'
      ? { ...world, input: replaceAt(world.input, path, value) }
      : { ...world, ...replaceData(world, path, value) }
  }
}

function checkTarget(context: Context, item: With): void {
  let node: TreeNode | undefined = context.program.root
  for (const name of item.target.slice(1)) {
    if (node === undefined) return
    if (node.group !== null) refuse('with keyword cannot partially replace virtual document(s)', item.at)
    node = node.children.get(name)
  }
}

function mockWith(name: string, mock: (machine: Machine, frame: Parameters<Read>[1]) => Mock | undefined): Change {
  return (machine, frame, world) => {
    const replacement = mock(machine, frame)
    return replacement === undefined
      ? undefined
      : { ...world, mocks: new Map([...(world.mocks ?? []), [name, replacement]]) }
  }
}

function mockOf(
  context: Context,
  item: With,
  bound: Set<string>,
): (machine: Machine, frame: Parameters<Read>[1]) => Mock | undefined {
  const named = item.builtin ?? functionNamed(context, item.value)
  if (named !== null) return () => ({ kind: 'function', name: named })
  const read = compileRead(context, item.value, bound)
  return (machine, frame) => {
    const value = read(machine, frame)
    return value === undefined ? undefined : { kind: 'value', value }
  }
}

function functionNamed(context: Context, term: Term): string | null {
  if (term.kind !== 'ref' || term.head.kind !== 'var') return null
  const name = [term.head.name, ...term.path.map((part) => (part.kind === 'scalar' ? String(part.value) : '?'))].join(
    '.',
  )
  return context.program.functions.has(name) ? name : null
}
