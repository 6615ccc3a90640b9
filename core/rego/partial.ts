/** A partial document while its rules add to it: sets and values at the leaves of a tree of keys. */
import { type Location, ProblemSignal } from './problem.ts'
import { equal, type Key, keyOf, RegoObject, RegoSet, type Value } from './value.ts'

interface Branch {
  readonly kind: 'branch'
  readonly entries: Map<Key, { readonly key: Value; readonly below: Accumulator }>
}
interface SetLeaf {
  readonly kind: 'set'
  readonly values: RegoSet
}
interface ValueLeaf {
  readonly kind: 'value'
  readonly value: Value
}
export type Accumulator = Branch | SetLeaf | ValueLeaf

export function newBranch(): Accumulator {
  return { kind: 'branch', entries: new Map() }
}

export function newSet(): Accumulator {
  return { kind: 'set', values: new RegoSet() }
}

/** Adds `leaf` at `path`. Throws eval_conflict_error where another value, or something below or above it, is there. */
export function addAt(root: Accumulator, path: readonly Value[], leaf: ValueLeaf | SetLeaf, at: Location): void {
  let place = root
  for (const [index, key] of path.entries()) {
    if (place.kind !== 'branch') throw conflict(at)
    const known = keyOf(key)
    let entry = place.entries.get(known)
    if (entry === undefined) {
      entry = { key, below: index === path.length - 1 ? leaf : newBranch() }
      place.entries.set(known, entry)
    }
    place = entry.below
  }
  if (place === leaf) return
  if (place.kind === 'set' && leaf.kind === 'set') {
    for (const value of leaf.values.values()) place.values.add(value)
  } else if (place.kind !== 'value' || leaf.kind !== 'value' || !equal(place.value, leaf.value)) {
    throw conflict(at)
  }
}

export function setLeaf(element: Value): SetLeaf {
  return { kind: 'set', values: RegoSet.of([element]) }
}

function conflict(at: Location): ProblemSignal {
  return new ProblemSignal('eval_conflict_error', 'object keys must be unique', at)
}

export function readAccumulator(place: Accumulator): Value {
  switch (place.kind) {
    case 'set':
      return place.values
    case 'value':
      return place.value
    case 'branch':
      return RegoObject.of([...place.entries.values()].map(({ key, below }) => [key, readAccumulator(below)] as const))
  }
}
