/** The syntax tree of a Rego module, as parsed and as resolved (then without assignments, with unique local names). */
import type { Location } from './problem.ts'
import type { Value } from './value.ts'

interface ScalarTerm {
  readonly kind: 'scalar'
  readonly value: Value
  readonly at: Location
}
export interface VarTerm {
  readonly kind: 'var'
  /** After resolving: unique within its rule; what stands before a `#` is the name in the source. */
  readonly name: string
  readonly at: Location
}
export interface RefTerm {
  readonly kind: 'ref'
  readonly head: Term
  readonly path: readonly Term[]
  readonly at: Location
}
interface ListTerm {
  readonly kind: 'array' | 'set'
  readonly items: readonly Term[]
  readonly at: Location
}
interface ObjectTerm {
  readonly kind: 'object'
  readonly entries: readonly (readonly [Term, Term])[]
  readonly at: Location
}
export interface ComprehensionTerm {
  readonly kind: 'comprehension'
  readonly shape: 'array' | 'set' | 'object'
  /** Only of object comprehensions. */
  readonly key: Term | null
  readonly value: Term
  readonly body: Body
  readonly at: Location
}
export interface CallTerm {
  readonly kind: 'call'
  /** `["data", "test", "f"]` or `["json", "patch"]`. */
  readonly operator: readonly string[]
  /** Written as an infix operator, which no rule of that name can shadow. */
  readonly infix: boolean
  readonly args: readonly Term[]
  readonly at: Location
}
export interface TemplateTerm {
  readonly kind: 'template'
  /** After resolving, every part that is no text is a set comprehension of at most one element. */
  readonly parts: readonly (string | Term)[]
  readonly at: Location
}

export type Term = ScalarTerm | VarTerm | RefTerm | ListTerm | ObjectTerm | ComprehensionTerm | CallTerm | TemplateTerm

export interface With {
  /** `["input", "x"]`, `["data", "a"]` or the name of a function. */
  readonly target: readonly string[]
  readonly value: Term
  /** After resolving: the value names this built-in function, which then stands in for the target. */
  readonly builtin: string | null
  readonly at: Location
}

export type Statement =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'unify' | 'assign'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'declare'; readonly names: readonly VarTerm[] }
  | { readonly kind: 'some'; readonly key: Term | null; readonly value: Term; readonly domain: Term }
  | {
      readonly kind: 'every'
      readonly key: VarTerm | null
      readonly value: VarTerm
      readonly domain: Term
      readonly body: Body
    }
  /** A call after flattening; `output` takes what it returns, and null asks only that this is not false. */
  | { readonly kind: 'call'; readonly call: CallTerm; readonly output: Term | null }

export interface Expression {
  readonly statement: Statement
  readonly negated: boolean
  readonly withs: readonly With[]
  readonly at: Location
}

export type Body = readonly Expression[]

export interface Rule {
  /** Name, then what follows it in the head: `p.q[x]` is `[p, "q", x]`. */
  readonly head: readonly [VarTerm, ...Term[]]
  readonly kind: 'complete' | 'set' | 'function'
  /** Of functions, else empty. */
  readonly args: readonly Term[]
  /** The element that `contains` adds; else the value of the rule. */
  readonly value: Term
  readonly isDefault: boolean
  readonly body: Body
  readonly otherwise: Rule | null
  readonly annotations: readonly Annotation[]
  readonly at: Location
}

export interface Import {
  readonly path: readonly string[]
  readonly alias: string
  readonly at: Location
}

/** One METADATA block: what it is attached to, and its YAML as a value. */
export interface Annotation {
  readonly scope: 'rule' | 'document' | 'package' | 'subpackages'
  readonly value: { readonly [key: string]: Value }
  readonly at: Location
}

export interface Module {
  readonly file: string
  /** Without `data`. */
  readonly package: readonly string[]
  readonly imports: readonly Import[]
  readonly rules: readonly Rule[]
  readonly annotations: readonly Annotation[]
  readonly at: Location
}

export const scalar = (value: Value, at: Location): ScalarTerm => ({ kind: 'scalar', value, at })
export const variable = (name: string, at: Location): VarTerm => ({ kind: 'var', name, at })

/** The name of a variable as its author wrote it. */
export function sourceName(name: string): string {
  const mark = name.indexOf('#')
  return mark < 0 ? name : name.slice(0, mark)
}
