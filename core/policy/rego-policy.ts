/**
 * A policy that an organisation writes in Rego. By the conventions that Conftest and Chainloop share: `deny`,
 * `violation` and `violations` are violations, `warn` observations, `skipped` and `skip_reason` say that it does not apply.
 */
import { z } from 'zod'
import { parseModule } from '../rego/module.ts'
import { type Budget, type Compiled, compile, evaluate, type Problem, parseQuery, type Query } from '../rego/rego.ts'
import type { Evaluation, Policy, Severity, Subject } from './policy.ts'
import { regoInput } from './rego-input.ts'
import { entriesOf, findingOf, type RegoWords } from './rego-result.ts'

export interface RegoSource {
  /** Under which a contract names it. */
  readonly id: string
  readonly version: number
  /** Shown in errors. */
  readonly file: string
  readonly text: string
  /** Of modules that do not say `import rego.v1`; v1 unless given. */
  readonly language?: 'v0' | 'v1'
  readonly severity?: Severity
  readonly title?: string
  readonly why?: string
  readonly fix?: string
  /** Of what the contract passes as `with`; anything unless given. */
  readonly parameters?: z.ZodType<Record<string, unknown>>
  readonly reads?: 'header'
  readonly budget?: Partial<Budget>
}

/** Ready to be judged by any number of times; compiling costs far more, so keep it by the digest of its text. */
export type RegoPolicy = { readonly policy: Policy } | { readonly problems: readonly Problem[] }

/** Never throws for any text. */
export function regoPolicy(source: RegoSource): RegoPolicy {
  const { file, text, language = 'v1' } = source
  const compiled = compile([{ name: file, text }], { version: language })
  if ('errors' in compiled) return { problems: compiled.errors }
  // It has compiled, so it parses.
  const module = parseModule(file, text, language)
  const names = [...new Set(module.rules.map(({ head }) => head[0].name))].filter((name) => roleOf(name) !== null)
  if (!names.some((name) => roleOf(name) === 'violation' || name === 'result')) {
    const message = 'no rule is named deny, violation, violations or result, so it could never find anything'
    return { problems: [{ code: 'rego_compile_error', message, file, line: 1, column: 1 }] }
  }
  const query = queryFor(compiled, module.package, names)
  if ('errors' in query) return { problems: query.errors }
  return { policy: policyOf(source, compiled, query) }
}

const usualFix = 'Change what the policy names, or ask who wrote the policy.'

type Role = 'violation' | 'warning' | 'condition'

function roleOf(name: string): Role | null {
  if (/^(?:deny|violation)(?:_\w+)?$|^violations$/.test(name)) return 'violation'
  if (/^warn(?:_\w+)?$/.test(name)) return 'warning'
  return ['skipped', 'skip_reason', 'ignore', 'valid_input', 'result'].includes(name) ? 'condition' : null
}

/** One query for all of them, so that what they share is computed once; an undefined rule gives an empty list. */
function queryFor(compiled: Compiled, path: readonly string[], names: readonly string[]) {
  const place = path.map((part) => `[${JSON.stringify(part)}]`).join('')
  return parseQuery(compiled, names.map((name) => `${name} = [x | x = data${place}.${name}]`).join('; '))
}

/** It names the package and the rules by letters of the module itself, and every one of them is in the result. */
function policyOf(source: RegoSource, compiled: Compiled, query: Query): Policy {
  const { id, version, severity = 'medium', reads } = source
  const parameters = source.parameters ?? z.record(z.string(), z.unknown())
  return {
    id,
    version,
    title: source.title ?? id,
    why: source.why ?? 'A policy of this organisation.',
    fix: source.fix ?? usualFix,
    severity,
    evidence: ['session', 'transcript'],
    ...(reads === undefined ? {} : { reads }),
    parameters,
    evaluate: (subject, given) => {
      const args = parameters.parse(given ?? {})
      const outcome = evaluate(compiled, {
        query,
        input: regoInput(subject, args),
        now: timeOf(subject),
        ...(source.budget === undefined ? {} : { budget: source.budget }),
      })
      if ('error' in outcome) {
        const { code, message, file = source.file, line = 1, column = 1 } = outcome.error
        throw new Error(`${file}:${line}:${column}: ${code}: ${message}`)
      }
      return evaluationOf(source, subject, outcome.results[0] ?? {})
    },
    examples: { violates: [], passes: [] },
  }
}

/** The evidence's own time, so that the same evidence always gives the same answer. */
function timeOf({ session }: Subject): bigint {
  return BigInt(Date.parse(session.endedAt ?? session.startedAt ?? '1970-01-01T00:00:00.000Z')) * 1_000_000n
}

/** `bindings`: name of a rule -> its value in a list, empty where it is undefined. */
function evaluationOf(source: RegoSource, subject: Subject, bindings: Readonly<Record<string, unknown>>): Evaluation {
  const { id, severity = 'medium', fix = usualFix } = source
  const words: RegoWords = { policy: id, severity, fix, subject }
  const values = new Map<string, unknown>()
  for (const [name, list] of Object.entries(bindings)) {
    if (Array.isArray(list) && list.length > 0) values.set(name, list[0])
  }
  // Chainloop's policies may answer with one object that holds all of it.
  const result = values.get('result')
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) {
    for (const [name, value] of Object.entries(result)) if (!values.has(name)) values.set(name, value)
  }
  const of = (role: Role) => [...values].filter(([name]) => roleOf(name) === role)
  const entries = of('violation').flatMap(([name, value]) => entriesOf(name, value))
  const warnings = of('warning').flatMap(([name, value]) => entriesOf(name, value))
  const findings = entries.map((entry) => findingOf(entry, words))
  const note = warnings.length === 0 ? null : noteOf(warnings.map((entry) => findingOf(entry, words).message))
  return { findings, doubts: [], skipped: findings.length > 0 ? null : skippedBy(values), note }
}

function skippedBy(values: ReadonlyMap<string, unknown>): string | null {
  const told = values.get('skip_reason')
  const reason = typeof told === 'string' && told !== '' ? told : null
  if (values.get('skipped') === true) return reason ?? 'The policy does not apply.'
  if (values.get('ignore') === true) return reason ?? 'The policy asks to be left out.'
  if (values.has('valid_input') && values.get('valid_input') !== true)
    return reason ?? 'The input is not for this policy.'
  return null
}

function noteOf(messages: readonly string[]): string {
  const [first = ''] = messages
  return messages.length === 1 ? `Warning: ${first}` : `${messages.length} warnings; the first: ${first}`
}
