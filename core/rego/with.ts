/** What `with` does to input and data: a copy along one path, everything else shared. */
import type { Cut, World } from './machine.ts'
import { entriesOf, get, isObject, RegoObject, type Value } from './value.ts'

/** The document with `value` at `path`. What is in the way and no object gives way. */
export function replaceAt(document: Value | undefined, path: readonly string[], value: Value): Value {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (document === undefined || !isObject(document)) return RegoObject.of([[first, replaceAt(undefined, rest, value)]])
  const changed = RegoObject.of(entriesOf(document))
  changed.set(first, replaceAt(get(document, first), rest, value))
  return changed
}

export function replaceData(world: World, path: readonly string[], value: Value): Pick<World, 'data' | 'cut'> {
  return { data: replaceAt(world.data, path, value), cut: cutAt(world.cut, path) }
}

function cutAt(cut: Cut | null, path: readonly string[]): Cut {
  const [first, ...rest] = path
  const children = new Map(cut?.children ?? [])
  if (first === undefined) return { children, isCut: true }
  children.set(first, cutAt(children.get(first) ?? null, rest))
  return { children, isCut: cut?.isCut ?? false }
}
