/** Set operations. */
import { isSet, RegoSet, typeName, type Value } from '../value.ts'
import { type Builtin, define, refuseType, set } from './builtin.ts'

function setsIn(value: Value): readonly RegoSet[] {
  return set(value, 1)
    .values()
    .map((item) =>
      isSet(item) ? item : refuseType(`operand 1 must be set of sets but got set containing ${typeName(item)}`),
    )
}

function union(sets: readonly RegoSet[]): RegoSet {
  const result = new RegoSet()
  for (const one of sets) for (const item of one.values()) result.add(item)
  return result
}

function intersection(sets: readonly RegoSet[]): RegoSet {
  const [first, ...others] = sets
  return RegoSet.of((first?.values() ?? []).filter((item) => others.every((other) => other.has(item))))
}

export const sets: readonly Builtin[] = [
  define('and', 2, (a, b) => intersection([set(a, 1), set(b, 2)])),
  define('or', 2, (a, b) => union([set(a, 1), set(b, 2)])),
  define('union', 1, (value) => union(setsIn(value))),
  define('intersection', 1, (value) => intersection(setsIn(value))),
]
