/** The rules of all modules as one tree of paths, with the conflicts that OPA reports. */
import type { Rule, Term } from './ast.ts'
import type { TreeNode } from './machine.ts'
import type { Problem, ProblemCode } from './problem.ts'

export interface PlacedRule {
  readonly rule: Rule
  /** The part of the path that is known: package, name, and names after it. */
  readonly path: readonly string[]
  /** What follows in the head from the first part that is no text. */
  readonly dynamic: readonly Term[]
  readonly module: number
}

export interface RuleSet {
  readonly path: readonly string[]
  readonly kind: 'complete' | 'function' | 'partial'
  readonly rules: readonly PlacedRule[]
  readonly node: TreeNode
}

export function emptyNode(): TreeNode {
  return { children: new Map(), group: null }
}

export function placeRule(rule: Rule, packagePath: readonly string[], module: number): PlacedRule {
  const [name, ...rest] = rule.head
  const path = [...packagePath, name.name]
  let used = 0
  for (const part of rest) {
    if (part.kind !== 'scalar' || typeof part.value !== 'string') break
    path.push(part.value)
    used += 1
  }
  return { rule, path, dynamic: rest.slice(used), module }
}

/** The node at a path; made where it is missing. */
export function nodeAt(root: TreeNode, path: readonly string[]): TreeNode {
  let node = root
  for (const name of path) {
    let child = node.children.get(name)
    if (child === undefined) {
      child = emptyNode()
      node.children.set(name, child)
    }
    node = child
  }
  return node
}

function kindOf({ rule, dynamic }: PlacedRule): RuleSet['kind'] {
  if (rule.kind === 'function') return 'function'
  return rule.kind === 'set' || dynamic.length > 0 ? 'partial' : 'complete'
}

/** Groups rules by path. Problems: rules of different kinds or arities, several defaults, rules below complete ones. */
export function groupRules(root: TreeNode, placed: readonly PlacedRule[], problems: Problem[]): readonly RuleSet[] {
  const groups = new Map<string, PlacedRule[]>()
  for (const one of placed) {
    const key = JSON.stringify(one.path)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [one])
    else known.push(one)
  }
  const sets: RuleSet[] = []
  for (const rules of groups.values()) {
    const [first] = rules
    if (first === undefined) continue
    const set: RuleSet = { path: first.path, kind: kindOf(first), rules, node: nodeAt(root, first.path) }
    checkAlike(set, problems)
    sets.push(set)
  }
  for (const set of sets) checkBelow(set, problems)
  return sets
}

function report(problems: Problem[], code: ProblemCode, message: string, rule: Rule): void {
  problems.push({ code, message, ...rule.at })
}

function checkAlike(set: RuleSet, problems: Problem[]): void {
  const name = ['data', ...set.path].join('.')
  const [first] = set.rules
  if (first === undefined) return
  const odd = set.rules.find(
    (one) =>
      kindOf(one) !== set.kind ||
      one.rule.args.length !== first.rule.args.length ||
      (set.kind === 'partial' && isSetRoot(one) !== isSetRoot(first)),
  )
  if (odd !== undefined) report(problems, 'rego_type_error', `conflicting rules ${name} found`, odd.rule)
  const defaults = set.rules.filter((one) => one.rule.isDefault)
  if (defaults[1] !== undefined) {
    report(problems, 'rego_type_error', `multiple default rules ${name} found`, defaults[1].rule)
  }
  if (set.kind === 'partial' && defaults[0] !== undefined) {
    report(problems, 'rego_parse_error', 'a default rule must have a path of names only', defaults[0].rule)
  }
}

function isSetRoot({ rule, dynamic }: PlacedRule): boolean {
  return rule.kind === 'set' && dynamic.length === 0
}

function checkBelow(set: RuleSet, problems: Problem[]): void {
  const [first] = set.rules
  if (first === undefined || set.node.children.size === 0) return
  if (set.kind === 'partial' && !isSetRoot(first)) return
  const name = ['data', ...set.path].join('.')
  const below = [...set.node.children.keys()].map((child) => `${name}.${child}`).join(', ')
  report(problems, 'rego_type_error', `rule ${name} conflicts with [${below}]`, first.rule)
}
