/** The contract of a built-in function, and the checks of operands that all of them share. */
import type { Surroundings } from '../machine.ts'
import { isInteger, type Numeric, toBigInt } from '../number.ts'
import { type AnyObject, isArray, isNumber, isObject, type RegoSet, typeName, type Value } from '../value.ts'

export interface Builtin {
  /** Dotted, as policies call it. */
  readonly name: string
  readonly arity: number
  /** A relation yields every element of the array that `run` returns, one after the other. */
  readonly isRelation?: boolean
  /** Undefined means that the function has no value for these operands. Throws BuiltinRefusal for operands it refuses. */
  readonly run: (args: readonly Value[], surroundings: Surroundings) => Value | undefined
}

type RefusalCode = 'eval_type_error' | 'eval_builtin_error' | 'unsupported_builtin'

export class BuiltinRefusal extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.name = 'BuiltinRefusal'
    this.code = code
  }
}

export function refuseValue(message: string): never {
  throw new BuiltinRefusal('eval_builtin_error', message)
}

export function refuseType(message: string): never {
  throw new BuiltinRefusal('eval_type_error', message)
}

export function unsupported(name: string, why: string): never {
  throw new BuiltinRefusal('unsupported_builtin', `${name} is not supported: ${why}`)
}

/** A built-in of a fixed number of operands; the operands arrive as parameters. */
export function define(name: string, arity: number, run: (...args: Value[]) => Value | undefined): Builtin {
  return { name, arity, run: (args) => run(...args) }
}

export function wrongType(position: number, wanted: string, got: Value): never {
  refuseType(`operand ${position} must be ${wanted} but got ${typeName(got)}`)
}

export function text(value: Value, position: number): string {
  return typeof value === 'string' ? value : wrongType(position, 'string', value)
}

export function number(value: Value, position: number): Numeric {
  return isNumber(value) ? value : wrongType(position, 'number', value)
}

export function bool(value: Value, position: number): boolean {
  return typeof value === 'boolean' ? value : wrongType(position, 'boolean', value)
}

export function bigInteger(value: Value, position: number): bigint {
  const numeric = number(value, position)
  return toBigInt(numeric) ?? refuseType(`operand ${position} must be integer number but got floating-point number`)
}

/** An integer small enough to count with. */
export function integer(value: Value, position: number): number {
  const numeric = number(value, position)
  if (!isInteger(numeric)) refuseType(`operand ${position} must be integer number but got floating-point number`)
  return typeof numeric === 'number' ? numeric : Number(numeric)
}

export function array(value: Value, position: number): readonly Value[] {
  return isArray(value) ? value : wrongType(position, 'array', value)
}

export function object(value: Value, position: number): AnyObject {
  return isObject(value) ? value : wrongType(position, 'object', value)
}

export function set(value: Value, position: number): RegoSet {
  return typeName(value) === 'set' ? (value as RegoSet) : wrongType(position, 'set', value)
}

/** Elements of an array or a set; for anything else the error names both types in OPA's order. */
export function elements(value: Value, position: number, wanted = 'one of {set, array}'): readonly Value[] {
  if (isArray(value)) return value
  return typeName(value) === 'set' ? (value as RegoSet).values() : wrongType(position, wanted, value)
}
