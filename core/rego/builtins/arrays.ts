/** Arrays. */
import { isArray, type Value } from '../value.ts'
import { array, type Builtin, define, integer } from './builtin.ts'

function slice(value: Value, from: Value, to: Value): Value {
  const items = array(value, 1)
  const start = Math.max(integer(from, 2), 0)
  const stop = Math.min(integer(to, 3), items.length)
  return start >= stop ? [] : items.slice(start, stop)
}

export const arrays: readonly Builtin[] = [
  define('array.concat', 2, (a, b) => [...array(a, 1), ...array(b, 2)]),
  define('array.slice', 3, slice),
  define('array.reverse', 1, (value) => [...array(value, 1)].reverse()),
  define('array.flatten', 1, (value) => array(value, 1).flatMap((item) => (isArray(item) ? item : [item]))),
]
