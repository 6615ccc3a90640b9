/** Calls: of functions, of built-ins, and of what `with` puts in their place. */
import type { CallTerm, Term } from './ast.ts'
import { allocate, allocateText, charge, chargeText } from './budget.ts'
import { type Builtin, BuiltinRefusal } from './builtins/builtin.ts'
import { type Context, chain } from './compile-context.ts'
import { compileMatch, compileUnify } from './compile-match.ts'
import { compileRead, readAll } from './compile-read.ts'
import { deeper, type Group, type Link, type Machine, type Match, type Mock } from './machine.ts'
import { type Location, ProblemSignal } from './problem.ts'
import { isArray, type Value } from './value.ts'

export function compileCall(context: Context, call: CallTerm, output: Term | null, bound: Set<string>): Link {
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
export function isEquation(call: CallTerm, output: Term | null): boolean {
  return call.infix && call.operator[0] === 'equal' && output === null
}

type Callee =
  | { readonly kind: 'function'; readonly group: Group; readonly arity: number }
  | { readonly kind: 'builtin'; readonly builtin: Builtin; readonly arity: number }
  | { readonly kind: 'constant'; readonly value: Value; readonly arity: number }

export function calleeOf(context: Context, name: string, at: Location): Callee {
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
