/** Graphs as objects from node to neighbours, and walks through documents. */
import { allocate, charge } from '../budget.ts'
import { type AnyObject, entriesOf, get, isArray, isObject, isSet, RegoSet, type Value } from '../value.ts'
import { type Builtin, define, elements, object } from './builtin.ts'

function neighbours(graph: AnyObject, node: Value): readonly Value[] {
  const found = get(graph, node)
  if (found === undefined) return []
  if (isArray(found)) return found
  return isSet(found) ? found.values() : []
}

function reachable(value: Value, initial: Value): Value {
  const graph = object(value, 1)
  const reached = new RegoSet()
  const waiting = [...elements(initial, 2)]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    charge(1)
    if (reached.has(node) || get(graph, node) === undefined) continue
    reached.add(node)
    waiting.push(...neighbours(graph, node))
  }
  return reached
}

/**
 * Paths from the initial nodes to where they end. As in OPA, a path also ends in front of a node that any path through
 * the same first step has already passed.
 */
function reachablePaths(value: Value, initial: Value): Value {
  const graph = object(value, 1)
  const paths = new RegoSet()
  const end = (path: readonly Value[]): void => {
    allocate(path.length)
    paths.add(path)
  }
  const follow = (node: Value, path: readonly Value[], passed: RegoSet): void => {
    charge(1 + path.length)
    if (get(graph, node) === undefined) {
      end(path)
      return
    }
    const extended = [...path, node]
    const next = neighbours(graph, node)
    if (next.length === 0) end(extended)
    for (const one of next) {
      if (passed.has(one)) {
        end(extended)
      } else {
        passed.add(node)
        follow(one, extended, passed)
      }
    }
  }
  for (const start of elements(initial, 2)) {
    if (get(graph, start) === undefined) continue
    const next = neighbours(graph, start)
    if (next.length === 0) end([start])
    for (const one of next) follow(one, [start], RegoSet.of([start]))
  }
  return paths
}

/** All pairs of path and value, the document itself first. */
function walk(value: Value): Value {
  const found: Value[] = []
  const visit = (path: readonly Value[], at: Value): void => {
    charge(1)
    allocate(2 + path.length)
    found.push([path, at])
    if (isArray(at)) for (const [index, item] of at.entries()) visit([...path, index], item)
    else if (isSet(at)) for (const item of at.values()) visit([...path, item], item)
    else if (isObject(at)) for (const [key, item] of entriesOf(at)) visit([...path, key], item)
  }
  visit([], value)
  return found
}

export const graph: readonly Builtin[] = [
  define('graph.reachable', 2, reachable),
  define('graph.reachable_paths', 2, reachablePaths),
  { name: 'walk', arity: 1, isRelation: true, run: ([value]) => walk(value as Value) },
]
