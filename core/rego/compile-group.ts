/** All rules of one path compiled to one document or one function. */
import type { Rule } from './ast.ts'
import { compileBody } from './compile-body.ts'
import type { Context, Program } from './compile-context.ts'
import { compileMatch } from './compile-match.ts'
import { compileRead, readAll } from './compile-read.ts'
import { documentOf, type Frame, type Group, type Machine, type Match, type Run, type TreeNode } from './machine.ts'
import { type Accumulator, addAt, newBranch, newSet, readAccumulator, setLeaf } from './partial.ts'
import { type Location, ProblemSignal } from './problem.ts'
import type { PlacedRule, RuleSet } from './tree.ts'
import { equal, isSet, RegoSet, type Value } from './value.ts'

export type Metadata = Context['metadata']

export function contextFor(program: Program, metadata: Metadata): Context {
  return { program, slots: new Map(), count: 1, metadata, body: compileBody }
}

/** One definition of a complete rule or a function, with its `else` branches. */
interface Definition {
  readonly slots: number
  readonly args: readonly Match[]
  readonly branches: readonly Run[]
}

/** The slot in which a branch leaves the value it found. */
const RESULT = 0

function compileDefinition(program: Program, rule: Rule, metadata: Metadata, conflict: string): Definition {
  const context = contextFor(program, metadata)
  const bound = new Set<string>()
  const args = rule.args.map((arg) => compileMatch(context, arg, bound))
  const branches: Run[] = []
  for (let branch: Rule | null = rule; branch !== null; branch = branch.otherwise) {
    branches.push(compileBranch(context, branch, new Set(bound), conflict))
  }
  return { slots: context.count, args, branches }
}

function compileBranch(context: Context, rule: Rule, bound: Set<string>, conflict: string): Run {
  const link = compileBody(context, rule.body, bound)
  if (rule.value.kind === 'scalar') {
    const { value } = rule.value
    return link((_machine, frame) => {
      frame[RESULT] = value
      // Whatever else the body finds, the value stays.
      return true
    })
  }
  const read = compileRead(context, rule.value, bound)
  return link((machine, frame) => {
    const value = read(machine, frame)
    if (value === undefined) return false
    const before = frame[RESULT] as Value | undefined
    if (before !== undefined && !equal(before, value)) throw new ProblemSignal('eval_conflict_error', conflict, rule.at)
    frame[RESULT] = value
    return false
  })
}

function runDefinition(machine: Machine, definition: Definition, values: readonly Value[]): Value | undefined {
  const frame: Frame = new Array(definition.slots)
  const matches = definition.args.every((match, index) => match(machine, frame, values[index] as Value))
  if (!matches) return undefined
  for (const branch of definition.branches) {
    branch(machine, frame)
    if (frame[RESULT] !== undefined) return frame[RESULT] as Value
  }
  return undefined
}

const conflicts = {
  complete: 'complete rules must not produce multiple outputs',
  function: 'functions must not produce multiple outputs for same inputs',
} as const

type MetadataOf = (placed: PlacedRule) => Metadata

/** Gives a group, which calls and references already point to, its code. */
export function compileGroup(program: Program, set: RuleSet, group: Group, metadataOf: MetadataOf): void {
  if (set.kind === 'partial') {
    group.evaluate = compilePartial(program, set, metadataOf)
    return
  }
  const conflict = conflicts[set.kind]
  const compiled = set.rules.map((placed) => ({
    rule: placed.rule,
    definition: compileDefinition(program, placed.rule, metadataOf(placed), conflict),
  }))
  const regular = compiled.filter(({ rule }) => !rule.isDefault)
  const fallback = compiled.find(({ rule }) => rule.isDefault)
  group.call = (machine, args) => {
    let result: Value | undefined
    for (const { rule, definition } of regular) {
      const value = runDefinition(machine, definition, args)
      if (value === undefined) continue
      if (result !== undefined && !equal(result, value))
        throw new ProblemSignal('eval_conflict_error', conflict, rule.at)
      result = value
    }
    if (result !== undefined || fallback === undefined) return result
    return runDefinition(machine, fallback.definition, args)
  }
  group.evaluate = (machine) => group.call(machine, [])
}

type Contribute = (machine: Machine, into: Accumulator) => void

function compileContribution(program: Program, placed: PlacedRule, metadata: Metadata): Contribute {
  const { rule, dynamic } = placed
  const context = contextFor(program, metadata)
  const bound = new Set<string>()
  const link = compileBody(context, rule.body, bound)
  const keys = dynamic.map((part) => compileRead(context, part, bound))
  const read = compileRead(context, rule.value, bound)
  const run = link((machine, frame) => {
    const path = readAll(keys, machine, frame)
    const value = read(machine, frame)
    if (path === undefined || value === undefined) return false
    const leaf = rule.kind === 'set' ? setLeaf(value) : ({ kind: 'value', value } as const)
    addAt(frame[RESULT] as Accumulator, path, leaf, rule.at)
    return false
  })
  return (machine, into) => {
    const frame: Frame = new Array(context.count)
    frame[RESULT] = into
    run(machine, frame)
  }
}

function compilePartial(program: Program, set: RuleSet, metadataOf: MetadataOf): Group['evaluate'] {
  const contributions = set.rules.map((placed) => compileContribution(program, placed, metadataOf(placed)))
  const isSet = set.rules.every(({ rule, dynamic }) => rule.kind === 'set' && dynamic.length === 0)
  const first = set.rules[0] as PlacedRule
  return (machine) => {
    const result = isSet ? newSet() : newBranch()
    for (const contribute of contributions) contribute(machine, result)
    addBelow(machine, result, { node: set.node, path: [], at: first.rule.at })
    return readAccumulator(result)
  }
}

/** Rules with a known path below that of the partial document are part of it. */
function addBelow(
  machine: Machine,
  result: Accumulator,
  place: { readonly node: TreeNode; readonly path: readonly Value[]; readonly at: Location },
): void {
  for (const [name, node] of place.node.children) {
    const path = [...place.path, name]
    const { group } = node
    if (group === null) {
      addBelow(machine, result, { ...place, node, path })
    } else if (group.kind !== 'function') {
      const value = documentOf(machine, group)
      if (value === undefined) continue
      const leaf =
        isSet(value) && group.kind === 'partial'
          ? ({ kind: 'set', values: RegoSet.of(value.values()) } as const)
          : ({ kind: 'value', value } as const)
      addAt(result, path, leaf, group.at)
    }
  }
}
