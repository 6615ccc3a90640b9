/** Types and conversions. */
import { parseNumber } from '../number.ts'
import { isArray, isNumber, isSet, RegoSet, type TypeName, typeName, type Value } from '../value.ts'
import { type Builtin, define, elements, refuseType, refuseValue, wrongType } from './builtin.ts'

function toNumber(value: Value): Value {
  if (value === null) return 0
  if (typeof value === 'boolean') return value ? 1 : 0
  if (isNumber(value)) return value
  if (typeof value !== 'string') return wrongType(1, 'one of {boolean, null, number, string}', value)
  if (/^[+-]?(?:nan|inf|infinity)$/i.test(value)) refuseType(`operand 1 must be a valid number but got ${value}`)
  return parseNumber(value) ?? refuseValue(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`)
}

/** `is_string(x)` and its like: true, or false. */
function is(name: string, type: TypeName): Builtin {
  return define(name, 1, (value) => typeName(value) === type)
}

/** `cast_string(x)` and its like: the value, if it already is of the type. */
function cast(name: string, type: TypeName): Builtin {
  return define(name, 1, (value) => (typeName(value) === type ? value : wrongType(1, type, value)))
}

export const types: readonly Builtin[] = [
  is('is_null', 'null'),
  is('is_boolean', 'boolean'),
  is('is_number', 'number'),
  is('is_string', 'string'),
  is('is_array', 'array'),
  is('is_object', 'object'),
  is('is_set', 'set'),
  cast('cast_null', 'null'),
  cast('cast_boolean', 'boolean'),
  cast('cast_string', 'string'),
  cast('cast_object', 'object'),
  define('cast_array', 1, (value) => (isArray(value) ? value : elements(value, 1))),
  define('cast_set', 1, (value) => (isSet(value) ? value : RegoSet.of(elements(value, 1)))),
  define('type_name', 1, typeName),
  define('to_number', 1, toNumber),
]
