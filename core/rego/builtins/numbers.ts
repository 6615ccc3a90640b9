/** Arithmetic, rounding, ranges and bits. */
import { allocate } from '../budget.ts'
import { add, divide, isInteger, multiply, type Numeric, negate, normal, subtract, toBigInt } from '../number.ts'
import { isNumber, isSet, RegoSet, type Value } from '../value.ts'
import { type Builtin, bigInteger, define, number, refuseType, refuseValue, set, wrongType } from './builtin.ts'

/** Shifts that would make a number of more bits than this are refused. */
const MAX_SHIFT = 4096n

function minus(a: Value, b: Value): Value {
  if (isNumber(a)) return subtract(a, isNumber(b) ? b : wrongType(2, 'number', b))
  if (!isSet(a)) return wrongType(1, 'one of {number, set}', a)
  const other = set(b, 2)
  return RegoSet.of(a.values().filter((item) => !other.has(item)))
}

function quotient(a: Value, b: Value): Value {
  const [top, bottom] = [number(a, 1), number(b, 2)]
  if (bottom === 0) refuseValue('divide by zero')
  return divide(top, bottom)
}

function remainder(a: Value, b: Value): Value {
  const [top, bottom] = [toBigInt(number(a, 1)), toBigInt(number(b, 2))]
  if (bottom === 0n) refuseValue('modulo by zero')
  if (top === null || bottom === null) return refuseValue('modulo on floating-point number')
  return normal(top % bottom)
}

/** Half away from zero, as Go rounds. */
function round(value: Numeric): Numeric {
  if (typeof value === 'bigint' || Number.isInteger(value)) return value
  return normal(value < 0 ? -Math.round(-value) : Math.round(value)) || 0
}

function whole(value: Value, of: (fraction: number) => number): Numeric {
  const numeric = number(value, 1)
  return typeof numeric === 'bigint' ? numeric : normal(of(numeric)) || 0
}

function range(from: bigint, to: bigint, step: bigint): Value {
  const distance = from <= to ? to - from : from - to
  // Counted before anything is created: the ends may be any number of digits apart.
  allocate(Number(distance / step) + 1)
  const values: Value[] = []
  if (from <= to) for (let at = from; at <= to; at += step) values.push(normal(at))
  else for (let at = from; at >= to; at -= step) values.push(normal(at))
  return values
}

function shiftOf(value: Value): bigint {
  const by = bigInteger(value, 2)
  if (by < 0n) refuseType('operand 2 must be an unsigned integer number but got a negative integer')
  return by
}

function shiftLeft(a: Value, b: Value): Value {
  const by = shiftOf(b)
  if (by > MAX_SHIFT) refuseValue(`a shift by more than ${MAX_SHIFT} bits is not supported`)
  return normal(bigInteger(a, 1) << by)
}

export const numbers: readonly Builtin[] = [
  define('plus', 2, (a, b) => add(number(a, 1), number(b, 2))),
  define('minus', 2, minus),
  define('mul', 2, (a, b) => multiply(number(a, 1), number(b, 2))),
  define('div', 2, quotient),
  define('rem', 2, remainder),
  define('abs', 1, (value) => (number(value, 1) < 0 ? negate(number(value, 1)) : value)),
  define('round', 1, (value) => round(number(value, 1))),
  define('ceil', 1, (value) => whole(value, Math.ceil)),
  define('floor', 1, (value) => whole(value, Math.floor)),
  define('numbers.range', 2, (from, to) => range(bigInteger(from, 1), bigInteger(to, 2), 1n)),
  define('numbers.range_step', 3, (from, to, step) => {
    if (!isNumber(step) || !isInteger(step) || step <= 0) refuseValue('step must be a positive integer')
    return range(bigInteger(from, 1), bigInteger(to, 2), bigInteger(step, 3))
  }),
  define('bits.and', 2, (a, b) => normal(bigInteger(a, 1) & bigInteger(b, 2))),
  define('bits.or', 2, (a, b) => normal(bigInteger(a, 1) | bigInteger(b, 2))),
  define('bits.xor', 2, (a, b) => normal(bigInteger(a, 1) ^ bigInteger(b, 2))),
  define('bits.negate', 1, (value) => normal(~bigInteger(value, 1))),
  define('bits.lsh', 2, shiftLeft),
  define('bits.rsh', 2, (a, b) => normal(bigInteger(a, 1) >> (shiftOf(b) > MAX_SHIFT ? MAX_SHIFT : shiftOf(b)))),
]
