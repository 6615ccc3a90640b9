/** Aggregates over arrays, sets, objects and strings. */
import { add, multiply, type Numeric } from '../number.ts'
import { compare, isArray, isNumber, isObject, isSet, sizeOf, sortValues, typeName, type Value } from '../value.ts'
import { type Builtin, define, elements, refuseType, wrongType } from './builtin.ts'

function numbersIn(value: Value): readonly Numeric[] {
  const kind = isSet(value) ? 'set' : 'array'
  return elements(value, 1).map((item) =>
    isNumber(item)
      ? item
      : refuseType(`operand 1 must be ${kind} of numbers but got ${kind} containing ${typeName(item)}`),
  )
}

function count(value: Value): number {
  if (typeof value === 'string') return value.length - (value.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0)
  if (isArray(value)) return value.length
  if (isSet(value)) return value.size
  return isObject(value) ? sizeOf(value) : wrongType(1, 'one of {array, object, set, string}', value)
}

function most(value: Value, sign: number): Value | undefined {
  let best: Value | undefined
  for (const item of elements(value, 1)) {
    if (best === undefined || compare(item, best) * sign > 0) best = item
  }
  return best
}

export const aggregates: readonly Builtin[] = [
  define('count', 1, count),
  define('sum', 1, (value) => numbersIn(value).reduce<Numeric>(add, 0)),
  define('product', 1, (value) => numbersIn(value).reduce<Numeric>(multiply, 1)),
  define('max', 1, (value) => most(value, 1)),
  define('min', 1, (value) => most(value, -1)),
  define('sort', 1, (value) => sortValues([...elements(value, 1)])),
]
