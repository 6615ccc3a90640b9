/**
 * Names to what they stand for: imports and rules of the package become `data…` references, every declared local
 * (argument, `:=`, `some`, `every`) gets a name of its own, so that later passes need no scopes.
 */
import {
  type Body,
  type CallTerm,
  type Expression,
  type Module,
  type Rule,
  type Statement,
  scalar,
  type Term,
  type VarTerm,
  variable,
  type With,
} from './ast.ts'
import { type Location, ProblemSignal } from './problem.ts'

/** What is visible everywhere in a module: a name of a rule or an import, and the path that it stands for. */
type Globals = ReadonlyMap<string, readonly string[]>

interface Scope {
  readonly parent: Scope | null
  readonly declared: Map<string, string>
  /** Names looked up in this very scope so far; declaring one of them afterwards would change what it meant. */
  readonly referenced: Set<string>
  readonly isArguments: boolean
}

interface Resolver {
  readonly globals: Globals
  readonly isBuiltin: (name: string) => boolean
  fresh: number
}

function scopeIn(parent: Scope | null, isArguments = false): Scope {
  return { parent, declared: new Map(), referenced: new Set(), isArguments }
}

/** Names that rules of `module` and its siblings in one package, and its imports, stand for. Imports win. */
export function globalsOf(module: Module, siblings: readonly Module[]): Globals {
  const globals = new Map<string, readonly string[]>()
  for (const sibling of siblings) {
    for (const rule of sibling.rules) {
      const name = rule.head[0].name
      globals.set(name, ['data', ...module.package, name])
    }
  }
  const seen = new Set<string>()
  for (const { alias, path, at } of module.imports) {
    if (seen.has(alias)) throw new ProblemSignal('rego_compile_error', `the name ${alias} is imported twice`, at)
    seen.add(alias)
    globals.set(alias, path)
  }
  return globals
}

/** Throws ProblemSignal with `rego_compile_error` for a local that is declared twice or after its use. */
export function resolveRule(rule: Rule, globals: Globals, isBuiltin: (name: string) => boolean): Rule {
  const resolver: Resolver = { globals, isBuiltin, fresh: 0 }
  const scope = scopeIn(null, true)
  for (const arg of rule.args) declarePattern(resolver, scope, arg)
  const args = rule.args.map((arg) => resolveTerm(resolver, scope, arg))
  return resolveBranch(resolver, scope, rule, args)
}

function resolveBranch(resolver: Resolver, outer: Scope, rule: Rule, args: readonly Term[]): Rule {
  const scope = scopeIn(outer)
  const body = resolveBody(resolver, scope, rule.body)
  const [name, ...path] = rule.head
  return {
    ...rule,
    head: [name, ...path.map((part) => resolveTerm(resolver, scope, part))],
    args,
    body,
    value: resolveTerm(resolver, scope, rule.value),
    otherwise: rule.otherwise === null ? null : resolveBranch(resolver, outer, rule.otherwise, args),
  }
}

/** A query sees no rules by their short names. */
export function resolveQuery(body: Body, globals: Globals, isBuiltin: (name: string) => boolean): Body {
  return resolveBody({ globals, isBuiltin, fresh: 0 }, scopeIn(null), body)
}

function resolveBody(resolver: Resolver, scope: Scope, body: Body): Body {
  const resolved: Expression[] = []
  for (const expression of body) {
    const withs = expression.withs.map((item) => resolveWith(resolver, scope, item))
    const statement = resolveStatement(resolver, scope, expression.statement)
    if (statement !== null) resolved.push({ ...expression, statement, withs })
  }
  return resolved
}

function resolveStatement(resolver: Resolver, scope: Scope, statement: Statement): Statement | null {
  const term = (part: Term): Term => resolveTerm(resolver, scope, part)
  switch (statement.kind) {
    case 'term':
      return { kind: 'term', term: term(statement.term) }
    case 'unify':
      return { kind: 'unify', left: term(statement.left), right: term(statement.right) }
    case 'assign': {
      const right = term(statement.right)
      if (!isPattern(statement.left)) throw refused('cannot assign to this term', statement.left.at)
      declarePattern(resolver, scope, statement.left)
      return { kind: 'unify', left: term(statement.left), right }
    }
    case 'declare':
      for (const name of statement.names) declare(resolver, scope, name)
      return null
    case 'some': {
      const domain = term(statement.domain)
      if (statement.key !== null) declarePattern(resolver, scope, statement.key)
      declarePattern(resolver, scope, statement.value)
      return {
        kind: 'some',
        key: statement.key === null ? null : term(statement.key),
        value: term(statement.value),
        domain,
      }
    }
    case 'every': {
      const domain = term(statement.domain)
      const inner = scopeIn(scope)
      if (statement.key !== null) declarePattern(resolver, inner, statement.key)
      declarePattern(resolver, inner, statement.value)
      return {
        kind: 'every',
        key: statement.key === null ? null : resolveVariable(resolver, inner, statement.key),
        value: resolveVariable(resolver, inner, statement.value),
        domain,
        body: resolveBody(resolver, scopeIn(inner), statement.body),
      }
    }
    case 'call':
      return statement
  }
}

/** What `:=` can assign to: variables, and arrays and objects of them. */
function isPattern(term: Term): boolean {
  switch (term.kind) {
    case 'var':
      return term.name !== 'input' && term.name !== 'data'
    case 'scalar':
      return true
    case 'array':
      return term.items.every(isPattern)
    case 'object':
      return term.entries.every(([, value]) => isPattern(value))
    default:
      return false
  }
}

function declarePattern(resolver: Resolver, scope: Scope, term: Term): void {
  if (term.kind === 'var') declare(resolver, scope, term)
  if (term.kind === 'array') for (const item of term.items) declarePattern(resolver, scope, item)
  if (term.kind === 'object') for (const [, value] of term.entries) declarePattern(resolver, scope, value)
}

function declare(resolver: Resolver, scope: Scope, term: VarTerm): void {
  const { name, at } = term
  if (name === '_') return
  if (name === 'input' || name === 'data') throw refused(`variables must not shadow ${name}`, at)
  if (scope.declared.has(name)) {
    // An argument may come twice in one head: f(x, x). The second then asks for the same value.
    if (scope.isArguments) return
    throw refused(`var ${name} assigned above`, at)
  }
  if (scope.parent?.isArguments && scope.parent.declared.has(name)) throw refused(`arg ${name} redeclared`, at)
  if (scope.referenced.has(name)) throw refused(`var ${name} referenced above`, at)
  scope.declared.set(name, unique(resolver, name))
}

function unique(resolver: Resolver, name: string): string {
  resolver.fresh += 1
  return `${name}#${resolver.fresh}`
}

function refused(message: string, at: Location): ProblemSignal {
  return new ProblemSignal('rego_compile_error', message, at)
}

function find(scope: Scope, name: string): string | null {
  scope.referenced.add(name)
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const known = at.declared.get(name)
    if (known !== undefined) return known
  }
  return null
}

function resolveVariable(resolver: Resolver, scope: Scope, term: VarTerm): VarTerm {
  if (term.name === '_') return variable(unique(resolver, '_'), term.at)
  const local = find(scope, term.name)
  return local === null ? term : variable(local, term.at)
}

function pathTo(path: readonly string[], at: Location): Term {
  const [root = '', ...rest] = path
  return { kind: 'ref', head: variable(root, at), path: rest.map((part) => scalar(part, at)), at }
}

function resolveName(resolver: Resolver, scope: Scope, term: VarTerm): Term {
  if (term.name === 'input' || term.name === 'data') return pathTo([term.name], term.at)
  const local = resolveVariable(resolver, scope, term)
  if (local !== term) return local
  const path = resolver.globals.get(term.name)
  return path === undefined ? term : pathTo(path, term.at)
}

function resolveTerm(resolver: Resolver, scope: Scope, term: Term): Term {
  const inner = (part: Term): Term => resolveTerm(resolver, scope, part)
  switch (term.kind) {
    case 'scalar':
      return term
    case 'var':
      return resolveName(resolver, scope, term)
    case 'ref': {
      const head = inner(term.head)
      const path = term.path.map(inner)
      if (head.kind === 'ref') return { ...term, head: head.head, path: [...head.path, ...path] }
      return { ...term, head, path }
    }
    case 'array':
    case 'set':
      return { ...term, items: term.items.map(inner) }
    case 'object':
      return { ...term, entries: term.entries.map(([key, value]) => [inner(key), inner(value)] as const) }
    case 'call':
      return { ...term, operator: resolveOperator(resolver, scope, term), args: term.args.map(inner) }
    case 'template':
      return {
        ...term,
        parts: term.parts.map((part) => (typeof part === 'string' ? part : resolvePart(resolver, scope, part))),
      }
    case 'comprehension': {
      const own = scopeIn(scope)
      const body = resolveBody(resolver, own, term.body)
      const key = term.key === null ? null : resolveTerm(resolver, own, term.key)
      return { ...term, key, value: resolveTerm(resolver, own, term.value), body }
    }
  }
}

/** A part of a template may be undefined without undoing the whole: it is read as `{part | true}`. */
function resolvePart(resolver: Resolver, scope: Scope, part: Term): Term {
  const value = resolveTerm(resolver, scope, part)
  return { kind: 'comprehension', shape: 'set', key: null, value, body: [], at: part.at }
}

function resolveOperator(resolver: Resolver, scope: Scope, call: CallTerm): readonly string[] {
  const [first = '', ...rest] = call.operator
  if (call.infix || first === 'data') return call.operator
  const path = find(scope, first) === null ? resolver.globals.get(first) : undefined
  return path === undefined ? call.operator : [...path, ...rest]
}

function resolveWith(resolver: Resolver, scope: Scope, item: With): With {
  const [first = '', ...rest] = item.target
  const path = first === 'input' || first === 'data' ? undefined : resolver.globals.get(first)
  const target = path === undefined ? item.target : [...path, ...rest]
  const value = resolveTerm(resolver, scope, item.value)
  const builtin = builtinNamed(resolver, value)
  return { ...item, target, value: builtin === null ? value : scalar(null, value.at), builtin }
}

/** The built-in that an unresolved `count` or `json.patch` names, if any. */
function builtinNamed(resolver: Resolver, term: Term): string | null {
  const head = term.kind === 'ref' ? term.head : term
  if (head.kind !== 'var' || head.name.includes('#')) return null
  const names = [head.name]
  for (const part of term.kind === 'ref' ? term.path : []) {
    if (part.kind !== 'scalar' || typeof part.value !== 'string') return null
    names.push(part.value)
  }
  const name = names.join('.')
  return resolver.isBuiltin(name) ? name : null
}
