/** The budgets of one evaluation: what a hostile policy may spend before it is stopped. */
import { ProblemSignal } from './problem.ts'

export interface Budget {
  /** Expressions evaluated and elements visited. */
  readonly steps: number
  /** Nested rule and function evaluations. */
  readonly depth: number
  /** Elements of collections created during evaluation; sixteen characters of text count as one. */
  readonly allocations: number
  /** Characters of the result written as JSON. */
  readonly output: number
  /** Approximate characters of `input` and of `data`, each, written as JSON. */
  readonly input: number
}

export const defaultBudget: Budget = {
  steps: 2_000_000,
  depth: 128,
  // An element costs about 64 bytes, so this stays below the 128 MB that an isolate has for everything.
  allocations: 1_000_000,
  output: 256 * 1024,
  input: 4 * 1024 * 1024,
}

interface Meter {
  steps: number
  allocations: number
  limits: Budget
}

/**
 * The running evaluation's meter. It is module state so that comparisons and encodings deep inside collections can
 * charge it without a parameter through every call; evaluation is synchronous, and `metered` restores what was before.
 */
let meter: Meter = { steps: 0, allocations: 0, limits: defaultBudget }

/** Runs `work` against fresh counters; returns its value and the steps that it took. */
export function metered<T>(limits: Budget, work: () => T): { readonly value: T; readonly steps: number } {
  const outer = meter
  meter = { steps: 0, allocations: 0, limits }
  try {
    const value = work()
    return { value, steps: meter.steps }
  } finally {
    meter = outer
  }
}

/** Charges the work of looking through a text, which is far cheaper by the character than a step. */
export function chargeText(characters: number): void {
  if (characters >= 64) charge(Math.floor(characters / 64))
}

/** Charges work in proportion to what is looked at. Call before the work: what the budget has no room for is not begun. */
export function charge(steps: number): void {
  const { limits } = meter
  if (meter.steps + steps > limits.steps) {
    meter.steps = limits.steps
    throw exceeded(`more than ${limits.steps} steps`)
  }
  meter.steps += steps
}

/** Charges memory for text about to be created. */
export function allocateText(characters: number): void {
  allocate(1 + Math.floor(characters / 16))
}

/** Charges memory for elements about to be created. Call before creating them. */
export function allocate(size: number): void {
  meter.allocations += size
  if (meter.allocations > meter.limits.allocations) {
    throw exceeded(`more than ${meter.limits.allocations} elements created`)
  }
}

export function exceeded(what: string): ProblemSignal {
  return new ProblemSignal('budget_exceeded', `evaluation stopped: ${what}`, null)
}
