/**
 * Rego v1 without an engine: modules compile to closures that run inside budgets, and nothing here reads a clock, a
 * network or a random source. https://www.openpolicyagent.org/docs/policy-language
 */
import type { Body } from './ast.ts'
import { sourceName } from './ast.ts'
import { type Budget, defaultBudget, exceeded, metered } from './budget.ts'
import {
  type CompiledProgram,
  type CompileOptions,
  collect,
  compileBudget,
  compileProgram,
  isBuiltin,
  type ModuleSource,
} from './compile.ts'
import { compileBody } from './compile-body.ts'
import { contextFor } from './compile-group.ts'
import { flattenQuery } from './flatten.ts'
import { type Json, toData } from './json.ts'
import { type Doc, type Frame, type Machine, rootDoc, settle, stepInto, worldOf } from './machine.ts'
import { measure } from './measure.ts'
import { parseQueryBody } from './module.ts'
import { type Location, type Problem, ProblemSignal, toProblem } from './problem.ts'
import { resolveQuery } from './resolve.ts'
import { orderQuery } from './safety.ts'
import { forgetPlainKeys, type Value } from './value.ts'
import { variablesOf } from './variables.ts'

export type { Budget } from './budget.ts'
export type { CompileOptions, ModuleSource } from './compile.ts'
export type { Json } from './json.ts'
export type { Problem } from './problem.ts'
export type { Value } from './value.ts'

/** A policy ready to run. Opaque; it holds closures and can be evaluated any number of times. */
export interface Compiled {
  readonly program: CompiledProgram
}

export interface CompileErrors {
  readonly errors: readonly Problem[]
}

/** Never throws for any text: what is wrong with it is in `errors`, each with file, line and column. */
export function compile(modules: readonly ModuleSource[], options: CompileOptions = {}): Compiled | CompileErrors {
  const program = compileProgram(modules, options)
  return 'root' in program ? { program } : { errors: program }
}

/** A query ready to run against one compiled policy. */
export interface Query {
  readonly names: readonly (readonly [name: string, slot: number])[]
  readonly slots: number
  readonly run: (machine: Machine, visit: (frame: Frame) => void) => void
}

const queryFile = 'query'

/** Parses and compiles a query such as `data.stemma.deny[message]`. */
export function parseQuery(compiled: Compiled, text: string): Query | CompileErrors {
  const problems: Problem[] = []
  const start: Location = { file: queryFile, line: 1, column: 1 }
  // Metered like compiling: a query is prepared outside of any evaluation.
  const { value: query } = metered(compileBudget, () =>
    collect(problems, start, () => prepareQuery(compiled, text, problems)),
  )
  return query === null || problems.length > 0 ? { errors: problems } : query
}

function prepareQuery(compiled: Compiled, text: string, problems: Problem[]): Query | null {
  const resolved = resolveQuery(parseQueryBody(queryFile, text), new Map(), isBuiltin)
  const body: Body = orderQuery(flattenQuery(resolved, arityIn(compiled.program)), problems)
  if (problems.length > 0) return null
  const context = contextFor(compiled.program, () => ({ rule: {}, chain: [] }))
  const bound = new Set<string>()
  const link = compileBody(context, body, bound)
  const shown = new Set(body.flatMap((expression) => [...variablesOf(expression)]))
  const names = [...shown].flatMap((name) => {
    const slot = context.slots.get(name)
    const source = sourceName(name)
    return slot === undefined || source === '' || source === '_' ? [] : [[source, slot] as const]
  })
  let visitor: (frame: Frame) => void = () => undefined
  const run = link((_machine, frame) => {
    visitor(frame)
    return false
  })
  return {
    names,
    slots: context.count,
    run: (machine, visit) => {
      visitor = visit
      run(machine, new Array(context.count))
    },
  }
}

/** Reads a ground Rego term such as `{"a", 1}`, which JSON cannot say. Null when it is none. */
export function parseValue(text: string): Value | null {
  const compiled = compile([])
  if ('errors' in compiled) return null
  const query = parseQuery(compiled, `x = ${text}`)
  if ('errors' in query) return null
  const found: Value[] = []
  const machine = machineFor(compiled, { now: 0n }, defaultBudget)
  metered(defaultBudget, () => {
    query.run(machine, (frame) => found.push(frame[query.names[0]?.[1] ?? 0] as Value))
  })
  return found[0] ?? null
}

function arityIn(program: CompiledProgram): (name: string) => number | undefined {
  return (name) => program.functions.get(name)?.arity ?? program.builtin(name)?.arity
}

export interface Request {
  /** A query as text or parsed; each solution becomes one result with its bindings. */
  readonly query?: string | Query
  /** Instead of a query: a path such as `data.stemma.deny`; the result binds its document to `result`. */
  readonly entrypoint?: string
  /** Plain JSON, up to the budget; undefined means that there is no input. It must not change during the call. */
  readonly input?: unknown
  readonly data?: unknown
  /** The time that time.now_ns() answers: nanoseconds since 1970. */
  readonly now: bigint
  /** Where rand.intn and uuid.rfc4122 begin; the same seed gives the same answers. */
  readonly seed?: string
  /** Stop at the first built-in that refuses its operands, as OPA's strict mode does; otherwise that is undefined. */
  readonly strict?: boolean
  readonly budget?: Partial<Budget>
}

export interface Bindings {
  readonly [name: string]: Json
}

export type Outcome =
  | { readonly results: readonly Bindings[]; readonly steps: number }
  | { readonly error: EvaluationError; readonly steps: number }

export interface EvaluationError {
  readonly code: Problem['code']
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/**
 * Evaluates a compiled policy. Never throws for what a policy or an input does: an exhausted budget is the error
 * `budget_exceeded`, and an error is never a result.
 */
export function evaluate(compiled: Compiled, request: Request): Outcome {
  const limits: Budget = { ...defaultBudget, ...request.budget }
  const { value, steps } = metered(limits, () => guarded(() => search(compiled, request, limits)))
  return 'results' in value ? { results: value.results, steps } : { error: value.error, steps }
}

type Unmetered = { readonly results: readonly Bindings[] } | { readonly error: EvaluationError }

function guarded(work: () => Unmetered): Unmetered {
  try {
    return work()
  } catch (error) {
    if (error instanceof ProblemSignal) {
      if (error.at === null) return { error: { code: error.code, message: error.message } }
      return { error: toProblem(error, error.at) }
    }
    if (error instanceof RangeError)
      return { error: { code: 'budget_exceeded', message: `evaluation stopped: ${error.message}` } }
    throw error
  } finally {
    forgetPlainKeys()
  }
}

function search(compiled: Compiled, request: Request, limits: Budget): Unmetered {
  forgetPlainKeys()
  measure('input', request.input, limits.input)
  measure('data', request.data, limits.input)
  const machine = machineFor(compiled, request, limits)
  if (request.entrypoint !== undefined) return readEntrypoint(machine, request.entrypoint, limits)
  const query = typeof request.query === 'string' ? parseQuery(compiled, request.query) : request.query
  if (query === undefined)
    return { error: { code: 'rego_compile_error', message: 'there is neither a query nor an entrypoint' } }
  if ('errors' in query) return { error: query.errors[0] as Problem }
  const results: Bindings[] = []
  let room = limits.output
  query.run(machine, (frame) => {
    const bindings = query.names.map(([name, slot]) => [name, toData(frame[slot] as Value)] as const)
    room -= outputSize(bindings)
    if (room < 0) throw exceeded(`more than ${limits.output} characters of output`)
    results.push(Object.fromEntries(bindings))
  })
  return { results }
}

function machineFor(compiled: Compiled, request: Request, limits: Budget): Machine {
  return {
    world: worldOf(request.input as Value | undefined, (request.data ?? {}) as Value),
    depth: 0,
    maxDepth: limits.depth,
    strict: request.strict ?? false,
    root: compiled.program.root,
    functions: compiled.program.functions,
    surroundings: { now: request.now, seed: request.seed ?? '', memory: new Map() },
    active: new Set(),
  }
}

function readEntrypoint(machine: Machine, path: string, limits: Budget): Unmetered {
  const [root, ...rest] = path.split('.')
  if (root !== 'data') return { error: { code: 'rego_compile_error', message: 'an entrypoint begins with data' } }
  let at: Doc | Value | undefined = rootDoc(machine)
  for (const name of rest) at = at === undefined ? undefined : stepInto(machine, at, name)
  if (at === undefined) return { results: [] }
  const result = toData(settle(machine, at))
  if (outputSize([['result', result]]) > limits.output)
    throw exceeded(`more than ${limits.output} characters of output`)
  return { results: [{ result }] }
}

function outputSize(bindings: readonly (readonly [string, Json])[]): number {
  const text = JSON.stringify(Object.fromEntries(bindings), (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return text.length
}
