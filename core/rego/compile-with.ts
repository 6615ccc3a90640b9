/** `with`: the world of one expression, made from values read in the world around it. */
import type { Term, With } from './ast.ts'
import { charge } from './budget.ts'
import { calleeOf } from './compile-call.ts'
import { type Context, refuse } from './compile-context.ts'
import { compileRead } from './compile-read.ts'
import type { Machine, Mock, Read, TreeNode, World } from './machine.ts'
import { replaceAt, replaceData } from './with.ts'

type Change = (machine: Machine, frame: Parameters<Read>[1], world: World) => World | undefined

export function compileWiths(
  context: Context,
  withs: readonly With[],
  bound: Set<string>,
): (machine: Machine, frame: Parameters<Read>[1]) => World | undefined {
  const changes = withs.map((item) => compileWith(context, item, bound))
  return (machine, frame) => {
    charge(1)
    let world: World | undefined = machine.world
    for (const change of changes) {
      world = change(machine, frame, world)
      if (world === undefined) return undefined
    }
    return { ...world, documents: new Map(), outer: machine.world }
  }
}

function compileWith(context: Context, item: With, bound: Set<string>): Change {
  const [root = '', ...path] = item.target
  const name = item.target.join('.')
  const isFunction = context.program.functions.has(name) || (root !== 'data' && root !== 'input')
  if (isFunction) {
    calleeOf(context, name, item.at)
    return mockWith(name, mockOf(context, item, bound))
  }
  if (root === 'data') checkTarget(context, item)
  const read = compileRead(context, item.value, bound)
  return (machine, frame, world) => {
    const value = read(machine, frame)
    if (value === undefined) return undefined
    return root === 'input'
      ? { ...world, input: replaceAt(world.input, path, value) }
      : { ...world, ...replaceData(world, path, value) }
  }
}

function checkTarget(context: Context, item: With): void {
  let node: TreeNode | undefined = context.program.root
  for (const name of item.target.slice(1)) {
    if (node === undefined) return
    if (node.group !== null) refuse('with keyword cannot partially replace virtual document(s)', item.at)
    node = node.children.get(name)
  }
}

function mockWith(name: string, mock: (machine: Machine, frame: Parameters<Read>[1]) => Mock | undefined): Change {
  return (machine, frame, world) => {
    const replacement = mock(machine, frame)
    return replacement === undefined
      ? undefined
      : { ...world, mocks: new Map([...(world.mocks ?? []), [name, replacement]]) }
  }
}

function mockOf(
  context: Context,
  item: With,
  bound: Set<string>,
): (machine: Machine, frame: Parameters<Read>[1]) => Mock | undefined {
  const named = item.builtin ?? functionNamed(context, item.value)
  if (named !== null) return () => ({ kind: 'function', name: named })
  const read = compileRead(context, item.value, bound)
  return (machine, frame) => {
    const value = read(machine, frame)
    return value === undefined ? undefined : { kind: 'value', value }
  }
}

function functionNamed(context: Context, term: Term): string | null {
  if (term.kind !== 'ref' || term.head.kind !== 'var') return null
  const name = [term.head.name, ...term.path.map((part) => (part.kind === 'scalar' ? String(part.value) : '?'))].join(
    '.',
  )
  return context.program.functions.has(name) ? name : null
}
