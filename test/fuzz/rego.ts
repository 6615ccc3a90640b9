/**
 * Random modules over random inputs: sound ones, broken ones, and those that are made to be slow. Whatever they are, they
 * compile or are refused, and end with a result or an error within their budget; the second time like the first.
 */
import { type Budget, compile, evaluate, type Outcome } from '#core/rego/rego.ts'
import { type Random, randomFrom } from './random.ts'
import { grammarModule } from './rego/grammar.ts'
import { hostileModule } from './rego/hostile.ts'
import { randomInput } from './rego/input.ts'
import { mutatedModule } from './rego/mutation.ts'
import type { Attempt, Target } from './target.ts'

/** Small, so that a case is over soon: what is exceeded is exceeded by the same share. */
const budget: Budget = { steps: 50_000, depth: 64, allocations: 50_000, output: 20_000, input: 200_000 }
const MOST_OVER = 1.05
/** A budget of these steps lasts some ten milliseconds; what takes a hundred times that does work which it does not charge. */
const SLOW_MS = 2_000
/** Compiling has a budget of its own, of five million steps. */
const SLOW_COMPILING_MS = 5_000

const makers: Readonly<Record<string, (random: Random) => string>> = {
  grammar: grammarModule,
  hostile: hostileModule,
  mutation: mutatedModule,
}

export const rego: Target = { limit: 30_000, memory: 512, attempt }

function attempt(seed: number): Attempt {
  const random = randomFrom(seed)
  const maker = random.pick(Object.keys(makers))
  const text = makers[maker]?.(random) ?? ''
  const input = randomInput(random)
  const ended = (how: string, problem: string | null = null): Attempt => ({
    kind: `${maker}: ${how}`,
    problem,
    material: `${text}\n\n# input: ${(JSON.stringify(input) ?? 'undefined').slice(0, 2_000)}`,
  })
  try {
    const begun = process.threadCpuUsage()
    const compiled = compile([{ name: 'fuzz.rego', text }])
    const compiling = millisecondsSince(begun)
    if (compiling > SLOW_COMPILING_MS) return ended('compiled', `compiling took ${Math.round(compiling)} ms`)
    if ('errors' in compiled) {
      const lost = compiled.errors.find(({ line, column }) => !(line > 0 && column > 0))
      return ended('refused', compiled.errors.length === 0 || lost ? 'an error without a place' : null)
    }
    const request = { entrypoint: 'data.fuzz', input, now: 1_767_268_800_000_000_000n, budget }
    const started = process.threadCpuUsage()
    const outcome = evaluate(compiled, request)
    const took = millisecondsSince(started)
    const how = 'error' in outcome ? outcome.error.code : 'result'
    const problem = problemOf(outcome, took)
    if (problem !== null) return ended(how, problem)
    const again = evaluate(compiled, request)
    return ended(how, written(again) === written(outcome) ? null : 'the second answer is another one')
  } catch (error) {
    return ended('thrown', `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}

/** Of the processor's time: on a machine that does other things as well, a clock says nothing about the work. */
function millisecondsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(begun)
  return (user + system) / 1000
}

function problemOf(outcome: Outcome, took: number): string | null {
  if (outcome.steps > budget.steps * MOST_OVER) return `took ${outcome.steps} steps of ${budget.steps}`
  if (took > SLOW_MS) return `took ${Math.round(took)} ms for ${outcome.steps} steps`
  if ('error' in outcome) return outcome.error.message === '' ? 'an error without a message' : null
  const size = written(outcome).length
  return size > budget.output * MOST_OVER + 200 ? `answered ${size} characters of ${budget.output}` : null
}

function written(outcome: Outcome): string {
  return JSON.stringify(outcome, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
