/** json.filter, json.remove and json.patch. */
import { charge } from '../budget.ts'
import { entriesOf, equal, get, isArray, isObject, isSet, RegoObject, RegoSet, typeName, type Value } from '../value.ts'
import { array, type Builtin, define, elements, object, refuseType, refuseValue } from './builtin.ts'

/** Pointer segments: `~1` is a slash, `~0` a tilde. */
function segments(pointer: string): readonly string[] {
  const trimmed = pointer.startsWith('/') ? pointer.slice(1) : pointer
  return trimmed.split('/').map(unescapeSegment)
}

function unescapeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** What to keep or to remove, as a tree; null stands for everything below. */
type PathTree = Map<string, PathTree> | null

function pathTree(paths: Value): Map<string, PathTree> {
  const root = new Map<string, PathTree>()
  for (const path of elements(paths, 2)) {
    if (typeof path !== 'string' && !isArray(path)) {
      refuseType(
        `operand 2 must be one of {set, array} containing string paths or array of path segments but got ${typeName(path)}`,
      )
    }
    const parts = typeof path === 'string' ? segments(path) : path.map(String)
    let place: Map<string, PathTree> = root
    for (const [index, part] of parts.entries()) {
      const below: PathTree | undefined = place.get(part)
      if (below === null) break
      if (index === parts.length - 1) place.set(part, null)
      else if (below !== undefined) place = below
      else {
        const next = new Map<string, PathTree>()
        place.set(part, next)
        place = next
      }
    }
  }
  return root
}

function segmentOf(key: Value): string {
  return String(key)
}

function filter(value: Value, tree: PathTree): Value | undefined {
  charge(1)
  if (tree === null) return value
  if (isArray(value)) {
    return value.flatMap((item, index) => {
      const below = tree.get(String(index))
      const kept = below === undefined ? undefined : filter(item, below)
      return kept === undefined ? [] : [kept]
    })
  }
  if (isSet(value)) {
    return RegoSet.of(value.values().flatMap((item) => (tree.has(segmentOf(item)) ? [item] : [])))
  }
  if (!isObject(value)) return undefined
  const result = new RegoObject()
  for (const [key, item] of entriesOf(value)) {
    const below = tree.get(segmentOf(key))
    const kept = below === undefined ? undefined : filter(item, below)
    if (kept !== undefined) result.set(key, kept)
  }
  return result
}

function remove(value: Value, tree: Map<string, PathTree>): Value {
  charge(1)
  const without = (key: Value, item: Value): readonly Value[] => {
    const below = tree.get(segmentOf(key))
    if (below === null) return []
    return [below === undefined ? item : remove(item, below)]
  }
  if (isArray(value)) return value.flatMap((item, index) => without(index, item))
  if (isSet(value)) return RegoSet.of(value.values().flatMap((item) => without(item, item)))
  if (!isObject(value)) return value
  const result = new RegoObject()
  for (const [key, item] of entriesOf(value)) for (const kept of without(key, item)) result.set(key, kept)
  return result
}

function indexIn(items: readonly Value[], segment: string, mayAppend: boolean): number {
  if (segment === '-' && mayAppend) return items.length
  if (!/^(0|[1-9]\d*)$/.test(segment)) refuseValue(`invalid array index ${JSON.stringify(segment)}`)
  const index = Number(segment)
  if (index >= items.length + (mayAppend ? 1 : 0)) refuseValue(`array index ${segment} is out of range`)
  return index
}

type Segment = Value

/** Applies `change` to the collection that holds the last segment; every collection on the way is copied. */
function editAt(document: Value, path: readonly Segment[], change: (holder: Value, last: Segment) => Value): Value {
  charge(1)
  const [first, ...rest] = path
  if (first === undefined) return refuseValue('the path is empty')
  if (rest.length === 0) return change(document, first)
  const below = child(document, first)
  if (below === undefined) return refuseValue(`path ${String(first)} does not exist`)
  const changed = editAt(below, rest, change)
  if (isArray(document)) {
    const copy = [...document]
    copy[indexIn(document, String(first), false)] = changed
    return copy
  }
  if (isSet(document)) return RegoSet.of([...document.values().filter((item) => !equal(item, first)), changed])
  return RegoObject.of([...entriesOf(document as RegoObject), [first, changed]])
}

function child(document: Value, segment: Segment): Value | undefined {
  if (isArray(document)) return document[indexIn(document, String(segment), false)]
  if (isSet(document)) return document.get(segment)
  return isObject(document) ? get(document, segment) : undefined
}

function read(document: Value, path: readonly Segment[]): Value {
  let at: Value | undefined = document
  for (const segment of path) {
    at = at === undefined ? undefined : child(at, segment)
    if (at === undefined) return refuseValue(`path ${String(segment)} does not exist`)
  }
  return at as Value
}

function insert(document: Value, path: readonly Segment[], value: Value): Value {
  if (path.length === 0) return value
  return editAt(document, path, (holder, last) => {
    if (isArray(holder)) {
      const index = indexIn(holder, String(last), true)
      return [...holder.slice(0, index), value, ...holder.slice(index)]
    }
    if (isSet(holder)) {
      if (!equal(last, value)) refuseValue('a set element is its own key')
      return RegoSet.of([...holder.values(), value])
    }
    if (!isObject(holder)) return refuseValue('cannot add below a scalar')
    return RegoObject.of([...entriesOf(holder), [last, value]])
  })
}

function removeAt(document: Value, path: readonly Segment[]): Value {
  if (path.length === 0) return refuseValue('cannot remove the whole document')
  read(document, path)
  return editAt(document, path, (holder, last) => {
    if (isArray(holder)) {
      const index = indexIn(holder, String(last), false)
      return [...holder.slice(0, index), ...holder.slice(index + 1)]
    }
    if (isSet(holder)) return RegoSet.of(holder.values().filter((item) => !equal(item, last)))
    return RegoObject.of([...entriesOf(holder as RegoObject)].filter(([key]) => !equal(key, last)))
  })
}

function pathOf(value: Value | undefined, what: string): readonly Segment[] {
  if (value !== undefined && isArray(value)) return value
  if (typeof value !== 'string') return refuseValue(`must supply a ${what} that is a string or an array`)
  if (value === '') return []
  return value.startsWith('/') ? segments(value) : segments(`/${value}`)
}

function patch(document: Value, operations: Value): Value {
  let current = document
  for (const operation of array(operations, 2)) {
    if (!isObject(operation)) return refuseType('operand 2 must be array of JSON-Patch objects')
    current = applyPatch(current, {
      kind: get(operation, 'op'),
      path: pathOf(get(operation, 'path'), 'path'),
      from: get(operation, 'from'),
      value: get(operation, 'value'),
    })
  }
  return current
}

interface Operation {
  readonly kind: Value | undefined
  readonly path: readonly Segment[]
  readonly from: Value | undefined
  readonly value: Value | undefined
}

function applyPatch(document: Value, { kind, path, from, value }: Operation): Value {
  const given = (): Value => (value === undefined ? refuseValue('missing required attribute value') : value)
  switch (kind) {
    case 'add':
      return insert(document, path, given())
    case 'remove':
      return removeAt(document, path)
    case 'replace':
      if (path.length === 0) return given()
      return insert(removeAt(document, path), path, given())
    case 'move': {
      const source = pathOf(from, 'from')
      const moved = read(document, source)
      return insert(removeAt(document, source), path, moved)
    }
    case 'copy':
      return insert(document, path, read(document, pathOf(from, 'from')))
    case 'test':
      return equal(read(document, path), given()) ? document : refuseValue('the tested value differs')
    default:
      return refuseValue(`unrecognized op ${JSON.stringify(typeof kind === 'string' ? kind : null)}`)
  }
}

export const jsonPaths: readonly Builtin[] = [
  define('json.filter', 2, (value, paths) => filter(object(value, 1), pathTree(paths)) ?? new RegoObject()),
  define('json.remove', 2, (value, paths) => remove(object(value, 1), pathTree(paths))),
  define('json.patch', 2, patch),
]
