/** Compiled regular expressions, linear in time (RE2), remembered for one evaluation. */
import { RE2JS } from 're2js'
import { charge } from '../budget.ts'
import type { Surroundings } from '../machine.ts'
import { refuseValue } from './builtin.ts'

/** Longer patterns are refused: their automaton grows with them, and matching costs its size times the text. */
const MAX_PATTERN = 5_000

/** Length times repetitions, which bounds the automaton before it is built. */
const MAX_WRITTEN_OUT = 100_000

/** Compiled patterns kept at a time; a policy that makes up patterns would otherwise fill the memory with them. */
const MAX_KEPT = 200

function writtenOut(pattern: string): number {
  let repetitions = 1
  for (const [, least = '', most] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) repetitions += Number(most || least)
  return pattern.length * repetitions
}

export function compilePattern(pattern: string, { memory }: Pick<Surroundings, 'memory'>): RE2JS {
  const key = `pattern ${pattern}`
  const known = memory.get(key)
  if (known instanceof RE2JS) return known
  if (pattern.length > MAX_PATTERN) refuseValue(`a pattern of more than ${MAX_PATTERN} characters is not supported`)
  const size = writtenOut(pattern)
  if (size > MAX_WRITTEN_OUT) refuseValue('this pattern is too large once its repetitions are written out')
  // Compiling visits each instruction many times, and each takes about 200 bytes.
  charge(16 + size)
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RangeError) throw error
    return refuseValue(`error parsing regexp: ${error instanceof Error ? error.message : String(error)}`)
  }
  charge(compiled.programSize())
  if (memory.size >= MAX_KEPT) memory.clear()
  memory.set(key, compiled)
  return compiled
}

/** Charges what one search may cost: the automaton's size for each character, in the worst case. */
export function chargeSearch(compiled: RE2JS, text: string): void {
  charge(1 + Math.ceil((text.length * Math.min(compiled.programSize(), 1_000)) / 64))
}
