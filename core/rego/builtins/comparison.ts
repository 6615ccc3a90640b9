/** Comparison and membership. */
import { compare, equal, isArray, isObject, isSet, keysOf, lookup, type Value } from '../value.ts'
import { type Builtin, define } from './builtin.ts'

function contains(collection: Value, element: Value): boolean {
  if (isSet(collection)) return collection.has(element)
  if (isArray(collection)) return collection.some((item) => equal(item, element))
  if (!isObject(collection)) return false
  return keysOf(collection).some((key) => equal(lookup(collection, key) as Value, element))
}

export const comparison: readonly Builtin[] = [
  define('equal', 2, (a, b) => equal(a as Value, b as Value)),
  define('neq', 2, (a, b) => !equal(a as Value, b as Value)),
  define('lt', 2, (a, b) => compare(a as Value, b as Value) < 0),
  define('lte', 2, (a, b) => compare(a as Value, b as Value) <= 0),
  define('gt', 2, (a, b) => compare(a as Value, b as Value) > 0),
  define('gte', 2, (a, b) => compare(a as Value, b as Value) >= 0),
  define('internal.member_2', 2, (element, collection) => contains(collection as Value, element as Value)),
  define('internal.member_3', 3, (key, element, collection) => {
    const found = lookup(collection as Value, key as Value)
    return found !== undefined && equal(found, element as Value)
  }),
]
