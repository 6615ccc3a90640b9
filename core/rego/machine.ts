/** What compiled code runs on: the world it sees, and how it looks into documents. */
import { charge, exceeded } from './budget.ts'
import type { Accumulator } from './partial.ts'
import { type Location, ProblemSignal } from './problem.ts'
import { entriesOf, isObject, lookup, RegoObject, type Value } from './value.ts'

/** The slots of one rule evaluation. A slot is read only after the code before it has set it. */
export type Frame = (Value | Doc | Accumulator | undefined)[]
/** Runs to the end of a body for every solution; true stops the search for more. */
export type Run = (machine: Machine, frame: Frame) => boolean
export type Read = (machine: Machine, frame: Frame) => Value | undefined
export type Match = (machine: Machine, frame: Frame, value: Value) => boolean
/** A step of a body, waiting for what comes after it. */
export type Link = (next: Run) => Run

/** All rules with one path. */
export interface Group {
  /** `data.package.name`. */
  readonly name: string
  readonly kind: 'complete' | 'function' | 'partial'
  /** Of functions. */
  readonly arity: number
  readonly at: Location
  /** The document; undefined when no rule applies. Of a partial one, together with the rules below its path. */
  evaluate: (machine: Machine) => Value | undefined
  call: (machine: Machine, args: readonly Value[]) => Value | undefined
}

export interface TreeNode {
  readonly children: Map<string, TreeNode>
  group: Group | null
}

/** What a function is replaced with by `with`. */
export type Mock =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'function'; readonly name: string }

/** Paths of `data` that `with` has replaced: below them there are no rules. */
export interface Cut {
  readonly children: ReadonlyMap<string, Cut>
  readonly isCut: boolean
}

/** Everything that `with` can change, and the documents computed under it. */
export interface World {
  readonly input: Value | undefined
  readonly data: Value
  readonly cut: Cut | null
  readonly mocks: ReadonlyMap<string, Mock> | null
  readonly documents: Map<Group, Value | undefined>
  readonly outer: World | null
}

/** What built-ins may know of their surroundings. */
export interface Surroundings {
  /** Nanoseconds since 1970, of the evidence. */
  readonly now: bigint
  readonly seed: string
  /** Remembers per evaluation, for example compiled patterns. */
  readonly memory: Map<string, unknown>
}

export interface Machine {
  world: World
  depth: number
  readonly maxDepth: number
  readonly strict: boolean
  readonly root: TreeNode
  readonly functions: ReadonlyMap<string, Group>
  readonly surroundings: Surroundings
  readonly active: Set<Group>
}

export function worldOf(input: Value | undefined, data: Value): World {
  return { input, data, cut: null, mocks: null, documents: new Map(), outer: null }
}

/** A place in `data` where rules and base documents may meet. */
export class Doc {
  readonly node: TreeNode
  readonly base: Value | undefined
  readonly cut: Cut | null

  constructor(node: TreeNode, base: Value | undefined, cut: Cut | null) {
    this.node = node
    this.base = base
    this.cut = cut
  }
}

export function rootDoc(machine: Machine): Doc {
  return new Doc(machine.root, machine.world.data, machine.world.cut)
}

/** Base documents are addressed by paths of text: `data.list[2]` also finds the key "2". */
export function lookupBase(base: Value, key: Value): Value | undefined {
  const found = lookup(base, key)
  return found === undefined && typeof key === 'number' ? lookup(base, String(key)) : found
}

/** One step down, from a place in `data` or from a value. */
export function stepInto(machine: Machine, from: Doc | Value, key: Value): Doc | Value | undefined {
  if (!(from instanceof Doc)) return lookup(from, key)
  const base = from.base === undefined ? undefined : lookupBase(from.base, key)
  if (typeof key !== 'string') return base
  const cut = from.cut?.children.get(key) ?? null
  const node = cut?.isCut ? undefined : from.node.children.get(key)
  if (node === undefined) return base
  if (node.group === null) return new Doc(node, base, cut)
  return node.group.kind === 'function' ? base : documentOf(machine, node.group)
}

/** What can follow a place, in order. */
export function keysAt(from: Doc): readonly Value[] {
  const keys = new Set<string>(from.node.children.keys())
  const own = from.base !== undefined && isObject(from.base) ? [...entriesOf(from.base)].map(([key]) => key) : []
  const others = own.filter((key) => typeof key !== 'string')
  for (const key of own) if (typeof key === 'string') keys.add(key)
  return [...others, ...[...keys].sort()]
}

/** The value at a place: rules below it and base documents merged; base documents win, as in OPA. */
export function settle(machine: Machine, from: Doc | Value): Value {
  if (!(from instanceof Doc)) return from
  const { base } = from
  if (base !== undefined && !isObject(base)) return base
  const merged = new RegoObject()
  for (const key of from.node.children.keys()) {
    const below = stepInto(machine, new Doc(from.node, undefined, from.cut), key)
    if (below !== undefined) merged.set(key, settle(machine, below))
  }
  if (base !== undefined) {
    for (const [key, value] of entriesOf(base)) {
      const rules = merged.get(key)
      merged.set(key, rules === undefined ? value : mergeOver(rules, value))
    }
  }
  return merged
}

function mergeOver(rules: Value, base: Value): Value {
  if (!isObject(rules) || !isObject(base)) return base
  const merged = RegoObject.of(entriesOf(rules))
  for (const [key, value] of entriesOf(base)) {
    const below = merged.get(key)
    merged.set(key, below === undefined ? value : mergeOver(below, value))
  }
  return merged
}

/** The document of a group, computed once per world. */
export function documentOf(machine: Machine, group: Group): Value | undefined {
  const { documents } = machine.world
  if (documents.has(group)) return documents.get(group)
  if (machine.active.has(group)) {
    throw new ProblemSignal('rego_recursion_error', `rule ${group.name} is recursive`, group.at)
  }
  machine.active.add(group)
  const value = deeper(machine, () => group.evaluate(machine))
  machine.active.delete(group)
  documents.set(group, value)
  return value
}

export function deeper<T>(machine: Machine, work: () => T): T {
  charge(1)
  if (machine.depth >= machine.maxDepth) throw exceeded(`rules and functions nested more than ${machine.maxDepth} deep`)
  machine.depth += 1
  const value = work()
  machine.depth -= 1
  return value
}
