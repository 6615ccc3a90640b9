/** Compiled regular expressions, linear in time (RE2), remembered for one evaluation. */
import { RE2JS } from 're2js'
import { charge } from '../budget.ts'
import type { Surroundings } from '../machine.ts'
import { refuseValue } from './builtin.ts'

/** Longer patterns are refused: their automaton grows with them, and matching costs its size times the text. */
const MAX_PATTERN = 5_000
const MAX_PROGRAM = 20_000

export function compilePattern(pattern: string, { memory }: Pick<Surroundings, 'memory'>): RE2JS {
  const key = `pattern ${pattern}`
  const known = memory.get(key)
  if (known instanceof RE2JS) return known
  if (pattern.length > MAX_PATTERN) refuseValue(`a pattern of more than ${MAX_PATTERN} characters is not supported`)
  charge(pattern.length)
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    return refuseValue(`error parsing regexp: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (compiled.programSize() > MAX_PROGRAM)
    refuseValue('this pattern is too large once its repetitions are written out')
  memory.set(key, compiled)
  return compiled
}

/** Charges what one search may cost: the automaton's size for each character, in the worst case. */
export function chargeSearch(compiled: RE2JS, text: string): void {
  charge(1 + Math.ceil((text.length * Math.min(compiled.programSize(), 1_000)) / 64))
}
