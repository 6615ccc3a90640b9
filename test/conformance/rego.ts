/** Runs OPA's own cases against our evaluator. One case a line: modules, data, input, query, and what is wanted. */
import { readFile } from 'node:fs/promises'
import { parseJson, toJson } from '#core/rego/json.ts'
import { type Compiled, compile, evaluate, type Outcome, parseQuery, parseValue } from '#core/rego/rego.ts'
import { compare, isArray, type PlainObject, type Value } from '#core/rego/value.ts'
import type { ConformanceFailure, ConformanceResult } from './suite.ts'

/** The fields of a case, as OPA's test runner defines them. */
interface RegoCase {
  readonly note: string
  readonly query: string
  readonly modules?: readonly string[] | null
  readonly data?: Value
  readonly input?: Value
  /** The input as a Rego term, where JSON cannot say it. */
  readonly input_term?: string
  readonly want_result?: readonly PlainObject[]
  readonly want_error_code?: string
  readonly want_error?: string
  readonly strict_error?: boolean
  readonly sort_bindings?: boolean
}

/** Any fixed time will do: no case asks for a certain one. */
const now = 1_700_000_000_000_000_000n

type Verdict = { readonly kind: 'passed' } | { readonly kind: 'failed' | 'wrong'; readonly reason: string }

const passed: Verdict = { kind: 'passed' }

function judge(one: RegoCase, outcome: Outcome): Verdict {
  const wantsError = one.want_error_code !== undefined || one.want_error !== undefined
  if ('error' in outcome) {
    const { code, message, file = '', line = 0 } = outcome.error
    const shown = `${file}:${line}: ${code}: ${message}`
    if (!wantsError) return { kind: 'failed', reason: shown }
    if (one.want_error_code !== undefined && one.want_error_code !== code) {
      return { kind: 'failed', reason: `wanted ${one.want_error_code}, got ${shown}` }
    }
    if (!shown.includes(one.want_error ?? '')) {
      return { kind: 'failed', reason: `wanted the message ${one.want_error}, got ${shown}` }
    }
    return passed
  }
  const got = toJson(ordered(outcome.results as Value, one.sort_bindings === true))
  if (wantsError && one.want_result === undefined) {
    return { kind: 'wrong', reason: `wanted ${one.want_error_code} ${one.want_error ?? ''}, got ${got}` }
  }
  if (wantsError) return { kind: 'wrong', reason: `wanted an error, got ${got}` }
  const wanted = toJson(ordered((one.want_result ?? []) as Value, one.sort_bindings === true))
  return got === wanted ? passed : { kind: 'wrong', reason: `wanted ${wanted}, got ${got}` }
}

/** Results come in any order; where the case says so, arrays that bindings hold do too. */
function ordered(results: Value, sortBindings: boolean): Value {
  if (!isArray(results)) return results
  const each = sortBindings
    ? results.map((bindings) => {
        const entries = Object.entries(bindings as PlainObject)
        return Object.fromEntries(
          entries.map(([name, value]) => [name, isArray(value) ? [...value].sort(compare) : value]),
        )
      })
    : results
  return [...each].sort(compare)
}

function runCase(one: RegoCase): Verdict {
  const modules = (one.modules ?? []).map((text, index) => ({ name: `test-${index}.rego`, text }))
  const compiled = compile(modules)
  const errors = 'errors' in compiled ? compiled.errors : null
  if (errors !== null) {
    const [first] = errors
    const message = `${first?.file}:${first?.line}:${first?.column}: ${first?.code}: ${first?.message}`
    return one.want_error_code === first?.code ? passed : { kind: 'failed', reason: message }
  }
  const query = parseQuery(compiled as Compiled, one.query)
  if ('errors' in query) return { kind: 'failed', reason: `query: ${query.errors[0]?.message}` }
  const input = one.input_term === undefined ? one.input : parseValue(one.input_term)
  return judge(
    one,
    evaluate(compiled as Compiled, {
      query,
      now,
      ...(input === undefined ? {} : { input }),
      data: one.data ?? {},
      strict: one.strict_error ?? false,
    }),
  )
}

export async function runRego(casesPath: string): Promise<ConformanceResult> {
  const lines = (await readFile(casesPath, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  const failures: ConformanceFailure[] = []
  let wrong = 0
  for (const line of lines) {
    const one = parseJson(line) as unknown as RegoCase
    const verdict = runCase(one)
    if (verdict.kind === 'passed') continue
    if (verdict.kind === 'wrong') wrong += 1
    failures.push({ note: one.note, reason: `${verdict.kind}: ${verdict.reason}` })
  }
  const total = lines.length
  return { suite: 'rego', passed: total - failures.length, failed: failures.length, skipped: 0, wrong, failures }
}
