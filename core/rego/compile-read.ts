/** Terms whose variables are all bound, compiled to closures that read their value. */
import type { ComprehensionTerm, RefTerm, TemplateTerm, Term } from './ast.ts'
import { allocate, allocateText, defaultBudget, metered } from './budget.ts'
import { type Context, newSlot, refuse, slotOf } from './compile-context.ts'
import { toRego } from './json.ts'
import {
  type Doc,
  documentOf,
  type Frame,
  type Group,
  lookupBase,
  type Machine,
  type Read,
  type Run,
  rootDoc,
  settle,
  stepInto,
} from './machine.ts'
import { ProblemSignal } from './problem.ts'
import { equal, lookup, RegoObject, RegoSet, type Value } from './value.ts'
import type { Names } from './variables.ts'

export function compileRead(context: Context, term: Term, bound: Names): Read {
  switch (term.kind) {
    case 'scalar': {
      const { value } = term
      return () => value
    }
    case 'var': {
      if (!bound.has(term.name)) refuse(`var ${term.name} is unsafe`, term.at)
      const slot = slotOf(context, term.name)
      return (_machine, frame) => frame[slot] as Value
    }
    case 'ref':
      return compileRef(context, term, bound)
    case 'array':
      return compileArray(context, term.items, bound)
    case 'set':
      return compileSet(context, term.items, bound)
    case 'object':
      return compileObject(context, term.entries, bound)
    case 'comprehension':
      return compileComprehension(context, term, bound)
    case 'template':
      return compileTemplate(context, term, bound)
    case 'call':
      return refuse('a call is not possible here', term.at)
  }
}

/** The value of a term that is the same in every evaluation; undefined for any other. */
function constantOf(term: Term): Value | undefined {
  if (term.kind === 'scalar') return term.value
  if (term.kind !== 'array') return undefined
  const items: Value[] = []
  for (const item of term.items) {
    const value = constantOf(item)
    if (value === undefined) return undefined
    items.push(value)
  }
  return items
}

function compileArray(context: Context, items: readonly Term[], bound: Names): Read {
  const constant = constantOf({ kind: 'array', items, at: { file: '', line: 0, column: 0 } })
  if (constant !== undefined) return () => constant
  const reads = items.map((item) => compileRead(context, item, bound))
  return (machine, frame) => {
    allocate(reads.length)
    const values: Value[] = []
    for (const read of reads) {
      const value = read(machine, frame)
      if (value === undefined) return undefined
      values.push(value)
    }
    return values
  }
}

function compileSet(context: Context, items: readonly Term[], bound: Names): Read {
  const reads = items.map((item) => compileRead(context, item, bound))
  const build: Read = (machine, frame) => {
    const set = new RegoSet()
    for (const read of reads) {
      const value = read(machine, frame)
      if (value === undefined) return undefined
      set.add(value)
    }
    return set
  }
  return items.every((item) => item.kind === 'scalar') ? once(build) : build
}

function compileObject(context: Context, entries: readonly (readonly [Term, Term])[], bound: Names): Read {
  const reads = entries.map(
    ([key, value]) => [compileRead(context, key, bound), compileRead(context, value, bound)] as const,
  )
  const build: Read = (machine, frame) => {
    const object = new RegoObject()
    for (const [readKey, readValue] of reads) {
      const key = readKey(machine, frame)
      const value = readValue(machine, frame)
      if (key === undefined || value === undefined) return undefined
      const other = object.get(key)
      if (other !== undefined && !equal(other, value)) {
        throw new ProblemSignal('eval_conflict_error', 'object keys must be unique', entries[0]?.[0].at ?? null)
      }
      object.set(key, value)
    }
    return object
  }
  return entries.every(([key, value]) => key.kind === 'scalar' && value.kind === 'scalar') ? once(build) : build
}

/** Builds a literal of scalars the first time, and hands out the same value from then on. */
function once(build: Read): Read {
  let built: Value | undefined
  return (machine, frame) => {
    // On a budget of its own: what is remembered must cost the first evaluation no more than the others.
    built ??= metered(defaultBudget, () => orderedOnce(build(machine, frame))).value
    return built
  }
}

/** Sets and objects remember their order and encoding when they are first asked. */
function orderedOnce(value: Value | undefined): Value | undefined {
  if (value instanceof RegoSet) value.values()
  if (value instanceof RegoObject) value.keys()
  if (value instanceof RegoSet || value instanceof RegoObject) value.encoded()
  return value
}

function compileComprehension(context: Context, term: ComprehensionTerm, outer: Names): Read {
  const bound = new Set(outer)
  const link = context.body(context, term.body, bound)
  const value = compileRead(context, term.value, bound)
  const result = newSlot(context)
  if (term.shape === 'array') {
    const collect = link((machine, frame) => {
      const item = value(machine, frame)
      if (item === undefined) return false
      allocate(1)
      ;(frame[result] as Value[]).push(item)
      return false
    })
    return (machine, frame) => collectInto(collect, machine, frame, result, [])
  }
  if (term.shape === 'set') {
    const collect = link((machine, frame) => {
      const item = value(machine, frame)
      if (item !== undefined) (frame[result] as RegoSet).add(item)
      return false
    })
    return (machine, frame) => collectInto(collect, machine, frame, result, new RegoSet())
  }
  const key =
    term.key === null ? refuse('an object comprehension needs a key', term.at) : compileRead(context, term.key, bound)
  const collect = link((machine, frame) => {
    const name = key(machine, frame)
    const item = value(machine, frame)
    if (name === undefined || item === undefined) return false
    const object = frame[result] as RegoObject
    const other = object.get(name)
    if (other !== undefined && !equal(other, item)) {
      throw new ProblemSignal('eval_conflict_error', 'object keys must be unique', term.at)
    }
    object.set(name, item)
    return false
  })
  return (machine, frame) => collectInto(collect, machine, frame, result, new RegoObject())
}

function collectInto(collect: Run, machine: Machine, frame: Frame, slot: number, empty: Value): Value {
  frame[slot] = empty
  collect(machine, frame)
  return frame[slot] as Value
}

function compileTemplate(context: Context, term: TemplateTerm, bound: Names): Read {
  const parts = term.parts.map((part) => (typeof part === 'string' ? part : compileRead(context, part, bound)))
  return (machine, frame) => {
    let text = ''
    for (const part of parts) {
      const shown = typeof part === 'string' ? part : showPart(part(machine, frame) as RegoSet, term)
      allocateText(shown.length)
      text += shown
    }
    return text
  }
}

function showPart(values: RegoSet, term: TemplateTerm): string {
  const [value, second] = values.values()
  if (value === undefined) return '<undefined>'
  if (second !== undefined) {
    throw new ProblemSignal('eval_conflict_error', 'template expressions must not produce multiple outputs', term.at)
  }
  return typeof value === 'string' ? value : toRego(value)
}

/** A reference all of whose brackets are known. */
function compileRef(context: Context, term: RefTerm, bound: Names): Read {
  const keys = term.path.map((part) => compileRead(context, part, bound))
  if (term.head.kind === 'var' && term.head.name === 'data') return compileDataRef(context, term, keys)
  if (term.head.kind === 'var' && term.head.name === 'input') return follow((machine) => machine.world.input, keys)
  return follow(compileRead(context, term.head, bound), keys)
}

function follow(start: Read, keys: readonly Read[]): Read {
  return (machine, frame) => {
    let value = start(machine, frame)
    for (const key of keys) {
      if (value === undefined) return undefined
      const name = key(machine, frame)
      if (name === undefined) return undefined
      value = lookup(value, name)
    }
    return value
  }
}

function compileDataRef(context: Context, term: RefTerm, keys: readonly Read[]): Read {
  const step: Read = (machine, frame) => {
    let at: Doc | Value | undefined = rootDoc(machine)
    for (const key of keys) {
      const name = key(machine, frame)
      if (name === undefined || at === undefined) return undefined
      at = stepInto(machine, at, name)
    }
    return at === undefined ? undefined : settle(machine, at)
  }
  const target = staticTarget(context, term)
  if (target === null) return step
  const rest = keys.slice(target.used)
  if (target.group === null) {
    return (machine, frame) => {
      let value: Value | undefined = machine.world.data
      for (const key of keys) {
        if (value === undefined) return undefined
        const name = key(machine, frame)
        if (name === undefined) return undefined
        value = lookupBase(value, name)
      }
      return value
    }
  }
  const { group } = target
  const read = follow((machine) => documentOf(machine, group), rest)
  return (machine, frame) => (machine.world.cut === null ? read(machine, frame) : step(machine, frame))
}

/** Where a path certainly leads whatever the data: to a group, or (null) past all rules. Null when only evaluation can tell. */
function staticTarget(context: Context, term: RefTerm): { readonly group: Group | null; readonly used: number } | null {
  let node = context.program.root
  for (const [index, part] of term.path.entries()) {
    if (part.kind !== 'scalar') return null
    const child = typeof part.value === 'string' ? node.children.get(part.value) : undefined
    if (child === undefined) return { group: null, used: index }
    if (child.group !== null) return child.group.kind === 'function' ? null : { group: child.group, used: index + 1 }
    node = child
  }
  return null
}

/** Values read in order; undefined where one of them is. */
export function readAll(reads: readonly Read[], machine: Machine, frame: Frame): Value[] | undefined {
  const values: Value[] = []
  for (const read of reads) {
    const value = read(machine, frame)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}
