/** What the tests here share: one module, one answer. */
import { type Budget, type Compiled, compile, evaluate, type Outcome, type Problem } from '#core/rego/rego.ts'

/** Noon on 1 January 2026, in nanoseconds. */
export const now = 1_767_268_800_000_000_000n

export function compiled(...texts: readonly string[]): Compiled {
  const result = compile(texts.map((text, index) => ({ name: `m${index}.rego`, text })))
  if ('errors' in result) throw new Error(JSON.stringify(result.errors))
  return result
}

export function problems(text: string): readonly Problem[] {
  const result = compile([{ name: 'm.rego', text }])
  return 'errors' in result ? result.errors : []
}

export function run(
  body: string,
  options: { input?: unknown; data?: unknown; strict?: boolean; budget?: Partial<Budget> } = {},
): Outcome {
  return evaluate(compiled(`package t\n\n${body}`), { query: 'data.t.p = x', now, ...options })
}

/** The value of `data.t.p`; undefined where it has none. Throws for an error. */
export function answer(body: string, options: Parameters<typeof run>[1] = {}): unknown {
  const outcome = run(body, options)
  if ('error' in outcome) throw new Error(`${outcome.error.code}: ${outcome.error.message}`)
  return outcome.results[0]?.['x']
}

/** The code of the error that evaluating `data.t.p` ends in; null where it does not. */
export function errorOf(body: string, options: Parameters<typeof run>[1] = {}): string | null {
  const outcome = run(body, options)
  return 'error' in outcome ? outcome.error.code : null
}
