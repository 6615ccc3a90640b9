/** Rules that need themselves are refused before evaluation: the graph of who refers to whom must have no cycle. */
import type { Body, Expression, RefTerm, Rule, Term, With } from './ast.ts'
import type { Problem } from './problem.ts'
import type { RuleSet } from './tree.ts'
import { partsWithTemplates, termsOf } from './variables.ts'

/** A part of a path that is only known during evaluation. */
const ANY = null

type Path = readonly (string | null)[]

interface Node {
  readonly set: RuleSet
  readonly uses: Path[]
}

interface Trie {
  readonly children: Map<string, Trie>
  readonly nodes: Node[]
}

export function checkRecursion(sets: readonly RuleSet[], problems: Problem[]): void {
  const root: Trie = { children: new Map(), nodes: [] }
  const nodes = sets.map((set): Node => ({ set, uses: usesOf(set) }))
  for (const node of nodes) insert(root, node)
  const state = new Map<Node, 'open' | 'done'>()
  // Depth first with a stack of its own: a chain of rules may be longer than the call stack.
  for (const start of nodes) {
    const stack: { node: Node; next: Node[] }[] = []
    const enter = (node: Node): void => {
      state.set(node, 'open')
      stack.push({ node, next: node.uses.flatMap((path) => reach(root, path)) })
    }
    if (!state.has(start)) enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.next.pop()
      if (next === undefined) {
        state.set(top.node, 'done')
        stack.pop()
      } else if (state.get(next) === 'open') {
        const from = stack.findIndex(({ node }) => node === next)
        report([...stack.slice(from).map(({ node }) => node), next], problems)
      } else if (!state.has(next)) {
        enter(next)
      }
    }
  }
}

function report(cycle: readonly Node[], problems: Problem[]): void {
  const names = cycle.map(({ set }) => ['data', ...set.path].join('.'))
  const at = cycle[0]?.set.rules[0]?.rule.at
  if (at === undefined) return
  problems.push({
    code: 'rego_recursion_error',
    message: `rule ${names[0]} is recursive: ${names.join(' -> ')}`,
    ...at,
  })
}

function insert(root: Trie, node: Node): void {
  let place = root
  for (const name of node.set.path) {
    let child = place.children.get(name)
    if (child === undefined) {
      child = { children: new Map(), nodes: [] }
      place.children.set(name, child)
    }
    place = child
  }
  place.nodes.push(node)
}

/** Every group whose document a reference may touch: on the way, at its end, and all below its end. */
function reach(root: Trie, path: Path): Node[] {
  const found: Node[] = []
  let places = [root]
  for (const part of path) {
    places = places.flatMap((place) => {
      if (part === ANY) return [...place.children.values()]
      const child = place.children.get(part)
      return child === undefined ? [] : [child]
    })
    for (const place of places) found.push(...place.nodes)
  }
  const below = (place: Trie): void => {
    for (const child of place.children.values()) {
      found.push(...child.nodes.filter(({ set }) => set.kind !== 'function'))
      below(child)
    }
  }
  for (const place of places) below(place)
  return found
}

function usesOf(set: RuleSet): Path[] {
  const uses: Path[] = []
  for (const { rule } of set.rules) {
    for (let branch: Rule | null = rule; branch !== null; branch = branch.otherwise) {
      for (const term of [...branch.head.slice(1), branch.value]) inTerm(term, uses)
      inBody(branch.body, uses)
    }
  }
  return uses
}

function inBody(body: Body, uses: Path[]): void {
  for (const expression of body) inExpression(expression, uses)
}

function inExpression({ statement, withs }: Expression, uses: Path[]): void {
  for (const term of termsOf(statement)) inTerm(term, uses)
  if (statement.kind === 'call') inCall(statement.call.operator, uses)
  if (statement.kind === 'every') inBody(statement.body, uses)
  for (const item of withs) inWith(item, uses)
}

function inWith(item: With, uses: Path[]): void {
  inTerm(item.value, uses)
}

function inCall(operator: readonly string[], uses: Path[]): void {
  if (operator[0] === 'data') uses.push(operator.slice(1))
}

function inTerm(term: Term, uses: Path[]): void {
  if (term.kind === 'ref' && term.head.kind === 'var' && term.head.name === 'data') uses.push(pathOf(term))
  if (term.kind === 'call') inCall(term.operator, uses)
  if (term.kind === 'comprehension') {
    if (term.key !== null) inTerm(term.key, uses)
    inTerm(term.value, uses)
    inBody(term.body, uses)
  }
  for (const part of partsWithTemplates(term)) inTerm(part, uses)
}

function pathOf(term: RefTerm): Path {
  // No rule's path has a number in it, so the text of a number leads past all rules.
  return term.path.map((part) => (part.kind === 'scalar' ? String(part.value) : ANY))
}
