/** What can go wrong with a policy, as values: OPA's error codes, a sentence, and the place in the source. */

/** 1-based line and column (in UTF-16 units) inside a named module. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** OPA's codes, plus two of our own: a budget that ran out, and a built-in that this evaluator refuses to run. */
export type ProblemCode =
  | 'rego_parse_error'
  | 'rego_compile_error'
  | 'rego_type_error'
  | 'rego_unsafe_var_error'
  | 'rego_recursion_error'
  | 'eval_internal_error'
  | 'eval_conflict_error'
  | 'eval_type_error'
  | 'eval_builtin_error'
  | 'eval_with_merge_error'
  | 'unsupported_builtin'
  | 'budget_exceeded'

export interface Problem extends Location {
  readonly code: ProblemCode
  readonly message: string
}

/** Carries a problem out of deep recursion to the public functions, which return it as a value. Never leaves the room. */
export class ProblemSignal extends Error {
  readonly code: ProblemCode
  readonly at: Location | null

  constructor(code: ProblemCode, message: string, at: Location | null) {
    super(message)
    this.name = 'ProblemSignal'
    this.code = code
    this.at = at
  }
}

export function toProblem(signal: ProblemSignal, fallback: Location): Problem {
  const at = signal.at ?? fallback
  return { code: signal.code, message: signal.message, file: at.file, line: at.line, column: at.column }
}
