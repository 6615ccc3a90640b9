/** Known values against patterns, references that enumerate, and the equation of two terms. */
import type { RefTerm, Term } from './ast.ts'
import { charge } from './budget.ts'
import { type Context, newSlot, refuse, slotOf } from './compile-context.ts'
import { compileRead } from './compile-read.ts'
import {
  Doc,
  type Frame,
  keysAt,
  type Link,
  type Machine,
  type Match,
  type Read,
  rootDoc,
  settle,
  stepInto,
} from './machine.ts'
import { equal, get, isArray, isObject, keysOf, lookup, RegoSet, sizeOf, type Value } from './value.ts'
import { isSafe, pairsOf } from './variables.ts'

/** Matches a known value against a term; variables that were not bound yet are bound by it. */
export function compileMatch(context: Context, term: Term, bound: Set<string>): Match {
  if (term.kind === 'var' && !bound.has(term.name)) {
    const slot = slotOf(context, term.name)
    bound.add(term.name)
    return (_machine, frame, value) => {
      frame[slot] = value
      return true
    }
  }
  if (isSafe(term, bound)) {
    const read = compileRead(context, term, bound)
    return (machine, frame, value) => {
      const wanted = read(machine, frame)
      return wanted !== undefined && equal(wanted, value)
    }
  }
  if (term.kind === 'array') return matchArray(term.items.map((item) => compileMatch(context, item, bound)))
  if (term.kind === 'object') {
    return matchObject(
      term.entries.map(
        ([key, value]) => [compileRead(context, key, bound), compileMatch(context, value, bound)] as const,
      ),
    )
  }
  return refuse('this term cannot be matched against a value', term.at)
}

function matchArray(items: readonly Match[]): Match {
  return (machine, frame, value) => {
    if (!isArray(value) || value.length !== items.length) return false
    return items.every((match, index) => match(machine, frame, value[index] as Value))
  }
}

function matchObject(entries: readonly (readonly [Read, Match])[]): Match {
  return (machine, frame, value) => {
    if (!isObject(value) || sizeOf(value) !== entries.length) return false
    return entries.every(([key, match]) => {
      const name = key(machine, frame)
      const item = name === undefined ? undefined : get(value, name)
      return item !== undefined && match(machine, frame, item)
    })
  }
}

/** left = right. */
export function compileUnify(context: Context, left: Term, right: Term, bound: Set<string>): readonly Link[] {
  const links: Link[] = []
  let waiting = pairsOf(left, right)
  while (waiting.length > 0) {
    const still: (typeof waiting)[number][] = []
    for (const pair of waiting) {
      const link = compilePair(context, pair[0], pair[1], bound)
      if (link === null) still.push(pair)
      else links.push(...link)
    }
    if (still.length === waiting.length) refuse('neither side of this equation is known', left.at)
    waiting = still
  }
  return links
}

/** Null while neither side is known. */
function compilePair(context: Context, left: Term, right: Term, bound: Set<string>): readonly Link[] | null {
  for (const [known, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (!isSafe(known, bound) || (other.kind === 'ref' && !isSafe(other, bound))) continue
    const read = compileRead(context, known, bound)
    const match = compileMatch(context, other, bound)
    return [
      (next) => (machine, frame) => {
        charge(1)
        const value = read(machine, frame)
        return value !== undefined && match(machine, frame, value) && next(machine, frame)
      },
    ]
  }
  for (const [ref, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (ref.kind !== 'ref' || isSafe(ref, bound) || !isSafe(ref.head, bound)) continue
    const { links, slot } = compileEnumeration(context, ref, bound)
    // The other side may be a reference that enumerates as well; what it yields is compared.
    if (other.kind === 'ref' && !isSafe(other, bound)) {
      const second = compileEnumeration(context, other, bound)
      return [...links, ...second.links, same(slot, second.slot)]
    }
    const match = compileMatch(context, other, bound)
    return [...links, (next) => (machine, frame) => match(machine, frame, frame[slot] as Value) && next(machine, frame)]
  }
  return null
}

function same(left: number, right: number): Link {
  return (next) => (machine, frame) => equal(frame[left] as Value, frame[right] as Value) && next(machine, frame)
}

/** A reference with variables in its brackets: links that visit each value it can have, and the slot that holds it. */
export function compileEnumeration(
  context: Context,
  term: RefTerm,
  bound: Set<string>,
): { readonly links: readonly Link[]; readonly slot: number } {
  const links: Link[] = []
  let from = newSlot(context)
  links.push(begin(startOf(context, term, bound), from))
  for (const part of term.path) {
    const to = newSlot(context)
    if (isSafe(part, bound)) links.push(stepBy(compileRead(context, part, bound), from, to))
    else links.push(visitEach(context, part, { from, to }, bound))
    from = to
  }
  const last = from
  links.push((next) => (machine, frame) => {
    frame[last] = settle(machine, frame[last] as Doc | Value)
    return next(machine, frame)
  })
  return { links, slot: last }
}

function startOf(
  context: Context,
  term: RefTerm,
  bound: Set<string>,
): (machine: Machine, frame: Frame) => Doc | Value | undefined {
  if (term.head.kind === 'var' && term.head.name === 'data') return rootDoc
  if (term.head.kind === 'var' && term.head.name === 'input') return (machine) => machine.world.input
  return compileRead(context, term.head, bound)
}

function begin(start: (machine: Machine, frame: Frame) => Doc | Value | undefined, slot: number): Link {
  return (next) => (machine, frame) => {
    charge(1)
    const value = start(machine, frame)
    if (value === undefined) return false
    frame[slot] = value
    return next(machine, frame)
  }
}

function stepBy(key: Read, from: number, to: number): Link {
  return (next) => (machine, frame) => {
    const name = key(machine, frame)
    if (name === undefined) return false
    const value = stepInto(machine, frame[from] as Doc | Value, name)
    if (value === undefined) return false
    frame[to] = value
    return next(machine, frame)
  }
}

function visitEach(context: Context, part: Term, slots: { from: number; to: number }, bound: Set<string>): Link {
  const match = compileMatch(context, part, bound)
  const { from, to } = slots
  return (next) => (machine, frame) => {
    const visit = (key: Value, value: Doc | Value | undefined): boolean => {
      charge(1)
      if (value === undefined || !match(machine, frame, key)) return false
      frame[to] = value
      return next(machine, frame)
    }
    const collection = frame[from] as Doc | Value
    if (collection instanceof Doc) {
      return keysAt(collection).some((key) => visit(key, stepInto(machine, collection, key)))
    }
    if (typeof collection !== 'object' || collection === null) return false
    if (isArray(collection)) {
      for (let index = 0; index < collection.length; index++) {
        if (visit(index, collection[index])) return true
      }
      return false
    }
    if (collection instanceof RegoSet) return collection.values().some((value) => visit(value, value))
    return keysOf(collection).some((key) => visit(key, lookup(collection, key)))
  }
}
