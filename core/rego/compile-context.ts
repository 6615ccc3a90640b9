/** What the compiler knows while it turns one rule, or one query, into closures. */
import type { Body } from './ast.ts'
import type { Builtin } from './builtins/builtin.ts'
import type { Group, Link, Run, TreeNode } from './machine.ts'
import type { Location } from './problem.ts'
import { ProblemSignal } from './problem.ts'
import type { Value } from './value.ts'

export interface Program {
  readonly root: TreeNode
  readonly functions: ReadonlyMap<string, Group>
  readonly builtin: (name: string) => Builtin | undefined
}

export interface Context {
  readonly program: Program
  readonly slots: Map<string, number>
  count: number
  /** What rego.metadata.rule() and rego.metadata.chain() answer here. */
  readonly metadata: () => { readonly rule: Value; readonly chain: Value }
  /** Compiles a body; `bound` grows by what it binds. Passed in, since terms contain bodies and bodies contain terms. */
  readonly body: (context: Context, body: Body, bound: Set<string>) => Link
}

export function slotOf(context: Context, name: string): number {
  const known = context.slots.get(name)
  if (known !== undefined) return known
  const slot = context.count
  context.slots.set(name, slot)
  context.count += 1
  return slot
}

export function newSlot(context: Context): number {
  const slot = context.count
  context.count += 1
  return slot
}

export function chain(links: readonly Link[], last: Run): Run {
  return links.reduceRight((next, link) => link(next), last)
}

export function refuse(message: string, at: Location): never {
  throw new ProblemSignal('rego_compile_error', message, at)
}
