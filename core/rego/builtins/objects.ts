/** Objects. */
import { allocate, charge } from '../budget.ts'
import {
  type AnyObject,
  entriesOf,
  equal,
  get,
  isArray,
  isObject,
  isSet,
  keysOf,
  lookup,
  RegoObject,
  RegoSet,
  type Value,
} from '../value.ts'
import { array, type Builtin, define, elements, object, refuseType, wrongType } from './builtin.ts'

/** Null is a value like any other: only what is absent gives way. */
function orElse(found: Value | undefined, fallback: Value): Value {
  return found === undefined ? fallback : found
}

function getPath(value: Value, path: Value, fallback: Value): Value {
  const root = object(value, 1)
  if (!isArray(path)) return orElse(get(root, path), fallback)
  let at: Value | undefined = root
  for (const key of path) at = at === undefined ? undefined : lookup(at, key)
  return orElse(at, fallback)
}

/** Keys named by an array or a set, or the keys of an object. */
function keysNamed(value: Value): RegoSet {
  if (isSet(value)) return value
  return RegoSet.of(isObject(value) ? keysOf(value) : elements(value, 2, 'one of {object, set, array}'))
}

function restrict(value: Value, keys: Value, keep: boolean): Value {
  const from = object(value, 1)
  const named = keysNamed(keys)
  return RegoObject.of([...entriesOf(from)].filter(([key]) => named.has(key) === keep))
}

/** Everything of both; where both have an object, their union; else the second's value. */
export function union(a: AnyObject, b: AnyObject): RegoObject {
  const merged = RegoObject.of(entriesOf(a))
  for (const [key, value] of entriesOf(b)) {
    const before = merged.get(key)
    merged.set(key, before !== undefined && isObject(before) && isObject(value) ? union(before, value) : value)
  }
  return merged
}

function isSubset(whole: Value, part: Value): boolean | undefined {
  charge(1)
  if (isObject(whole) && isObject(part)) {
    return keysOf(part).every((key) => {
      const [mine, wanted] = [get(whole, key), get(part, key) as Value]
      if (mine === undefined) return false
      return equal(mine, wanted) || (sameKind(mine, wanted) && isSubset(mine, wanted) === true)
    })
  }
  if (isSet(whole) && isSet(part)) return part.values().every((item) => whole.has(item))
  if (isArray(whole) && isArray(part)) return isRun(whole, part)
  if (isArray(whole) && isSet(part)) {
    const present = RegoSet.of(whole)
    return part.values().every((item) => present.has(item))
  }
  return refuseType('both arguments object.subset must be of the same type or array and set')
}

function sameKind(a: Value, b: Value): boolean {
  return (isObject(a) && isObject(b)) || (isSet(a) && isSet(b)) || (isArray(a) && isArray(b))
}

/** Whether `part` occurs in `whole` as an uninterrupted run. */
function isRun(whole: readonly Value[], part: readonly Value[]): boolean {
  for (let start = 0; start + part.length <= whole.length; start++) {
    charge(1)
    if (part.every((item, index) => equal(item, whole[start + index] as Value))) return true
  }
  return false
}

export const objects: readonly Builtin[] = [
  define('object.get', 3, getPath),
  define('object.keys', 1, (value) => RegoSet.of(keysOf(object(value, 1)))),
  define('object.remove', 2, (value, keys) => restrict(value, keys, false)),
  define('object.filter', 2, (value, keys) => restrict(value, keys, true)),
  define('object.union', 2, (a, b) => union(object(a, 1), object(b, 2))),
  define('object.union_n', 1, (values) => {
    allocate(array(values, 1).length)
    return array(values, 1).reduce<AnyObject>((merged, one) => {
      if (!isObject(one)) return wrongType(1, 'array of objects', one)
      return union(merged, one)
    }, new RegoObject())
  }),
  define('object.subset', 2, (whole, part) => isSubset(whole, part)),
]
