/** Modules to a program: parse, resolve, order, check, then closures. Every problem of a pass is reported, not the first. */
import type { Module, Rule } from './ast.ts'
import { type Budget, defaultBudget, metered } from './budget.ts'
import { builtins } from './builtins/index.ts'
import type { Program } from './compile-context.ts'
import { compileGroup, type Metadata } from './compile-group.ts'
import { type ArityOf, flattenRule } from './flatten.ts'
import type { Group, TreeNode } from './machine.ts'
import { parseModule, type RegoVersion } from './module.ts'
import { type Location, type Problem, ProblemSignal, toProblem } from './problem.ts'
import { checkRecursion } from './recursion.ts'
import { globalsOf, resolveRule } from './resolve.ts'
import { orderRule } from './safety.ts'
import { emptyNode, groupRules, nodeAt, type PlacedRule, placeRule, type RuleSet } from './tree.ts'
import type { Value } from './value.ts'

export interface ModuleSource {
  /** Shown in errors. */
  readonly name: string
  readonly text: string
}

export interface CompileOptions {
  /** Version of modules that do not say `import rego.v1`; v1 unless given. */
  readonly version?: RegoVersion
}

/** Modules of one policy together; a policy is text that people write. */
const MAX_SOURCE_CHARACTERS = 1024 * 1024

/** Steps of ordering and checking; far above what a policy of people takes, and over within a second. */
export const compileBudget: Budget = { ...defaultBudget, steps: 5_000_000 }

export interface CompiledProgram extends Program {
  readonly root: TreeNode
  readonly functions: ReadonlyMap<string, Group>
}

export function isBuiltin(name: string): boolean {
  return builtins.has(name)
}

/** Runs a pass over one thing; what it throws becomes one more problem. Null after a problem. */
export function collect<T>(problems: Problem[], fallback: Location, work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof ProblemSignal) problems.push(toProblem(error, fallback))
    // Passes recurse along the nesting of the source, which only a hostile source makes as deep as this.
    else if (error instanceof RangeError)
      problems.push({ code: 'rego_compile_error', message: 'nested too deeply', ...fallback })
    else throw error
    return null
  }
}

export function compileProgram(
  sources: readonly ModuleSource[],
  options: CompileOptions,
): CompiledProgram | readonly Problem[] {
  const problems: Problem[] = []
  const start: Location = { file: sources[0]?.name ?? '', line: 1, column: 1 }
  const { value } = metered(compileBudget, () => collect(problems, start, () => compileModules(sources, options)))
  return value ?? problems
}

function compileModules(
  sources: readonly ModuleSource[],
  options: CompileOptions,
): CompiledProgram | readonly Problem[] {
  const problems: Problem[] = []
  const start = (source: ModuleSource): Location => ({ file: source.name, line: 1, column: 1 })
  const size = sources.reduce((sum, source) => sum + source.text.length, 0)
  const [first] = sources
  if (first !== undefined && size > MAX_SOURCE_CHARACTERS) {
    const message = `the modules have ${size} characters together; the limit is ${MAX_SOURCE_CHARACTERS}`
    return [{ code: 'budget_exceeded', message, ...start(first) }]
  }
  const version = options.version ?? 'v1'
  const modules = sources.flatMap(
    (source) => collect(problems, start(source), () => parseModule(source.name, source.text, version)) ?? [],
  )
  if (problems.length > 0) return problems

  const resolved = modules.map((module) => resolveModule(modules, module, problems))
  if (problems.length > 0) return problems
  const arityOf = arities(modules, resolved)
  const placed = modules.flatMap((module, index) =>
    (resolved[index] ?? []).flatMap((rule) => {
      const ready = collect(problems, rule.at, () => orderRule(flattenRule(rule, arityOf), problems))
      return ready === null ? [] : [placeRule(ready, module.package, index)]
    }),
  )
  if (problems.length > 0) return problems

  const root = emptyNode()
  for (const module of modules) nodeAt(root, module.package)
  const sets = groupRules(root, placed, problems)
  checkRecursion(sets, problems)
  if (problems.length > 0) return problems
  return compileSets(modules, root, sets, problems) ?? problems
}

function resolveModule(modules: readonly Module[], module: Module, problems: Problem[]): readonly Rule[] {
  const siblings = modules.filter((other) => other.package.join('\0') === module.package.join('\0'))
  const globals = collect(problems, module.at, () => globalsOf(module, siblings))
  if (globals === null) return []
  return module.rules.flatMap((rule) => collect(problems, rule.at, () => resolveRule(rule, globals, isBuiltin)) ?? [])
}

/** Rules come before built-ins of the same name, which resolving has already decided. */
function arities(modules: readonly Module[], resolved: readonly (readonly Rule[])[]): ArityOf {
  const known = new Map<string, number>()
  for (const [index, module] of modules.entries()) {
    for (const rule of resolved[index] ?? []) {
      if (rule.kind !== 'function') continue
      known.set(['data', ...placeRule(rule, module.package, index).path].join('.'), rule.args.length)
    }
  }
  return (name) => known.get(name) ?? builtins.get(name)?.arity
}

function compileSets(
  modules: readonly Module[],
  root: TreeNode,
  sets: readonly RuleSet[],
  problems: Problem[],
): CompiledProgram | null {
  const functions = new Map<string, Group>()
  const notCompiled = (): never => {
    throw new Error('this rule is used before it is compiled')
  }
  for (const set of sets) {
    const { rule } = set.rules[0] as PlacedRule
    const name = ['data', ...set.path].join('.')
    const group: Group = {
      name,
      kind: set.kind,
      arity: rule.args.length,
      at: rule.at,
      evaluate: notCompiled,
      call: notCompiled,
    }
    set.node.group = group
    if (set.kind === 'function') functions.set(name, group)
  }
  const program: CompiledProgram = { root, functions, builtin: (name) => builtins.get(name) }
  for (const set of sets) {
    const { group } = set.node
    if (group === null) continue
    const { rule } = set.rules[0] as PlacedRule
    collect(problems, rule.at, () =>
      compileGroup(program, set, group, (one) => () => metadataOf(modules, modules[one.module] as Module, one)),
    )
  }
  return problems.length > 0 ? null : program
}

/** What rego.metadata.rule() and .chain() answer in a rule: its annotations, then the document's and the packages'. */
function metadataOf(modules: readonly Module[], module: Module, placed: PlacedRule): ReturnType<Metadata> {
  const rule = sourceRule(module, placed.rule)
  const own = rule?.annotations.find(({ scope }) => scope === 'rule')
  const document = module.rules
    .filter((other) => other.head[0].name === placed.rule.head[0].name)
    .flatMap(({ annotations }) => annotations.find(({ scope }) => scope === 'document') ?? [])[0]
  const path = ['data', ...placed.path]
  const chain: Value[] = [own === undefined ? { path } : { path, annotations: { scope: 'rule', ...own.value } }]
  if (document !== undefined) chain.push({ path, annotations: { scope: 'document', ...document.value } })
  const packagePath = ['data', ...module.package]
  const ofPackage = module.annotations.find(({ scope }) => scope === 'package')
  if (ofPackage !== undefined) chain.push({ path: packagePath, annotations: { scope: 'package', ...ofPackage.value } })
  for (let length = module.package.length; length > 0; length--) {
    const prefix = module.package.slice(0, length)
    for (const other of modules) {
      if (other.package.join('\0') !== prefix.join('\0')) continue
      const found = other.annotations.find(({ scope }) => scope === 'subpackages')
      if (found !== undefined)
        chain.push({ path: ['data', ...prefix], annotations: { scope: 'subpackages', ...found.value } })
    }
  }
  return { rule: own === undefined ? {} : { scope: 'rule', ...own.value }, chain }
}

function sourceRule(module: Module, rule: Rule): Rule | undefined {
  return module.rules.find(({ at }) => at.line === rule.at.line && at.column === rule.at.column)
}
