/** What every conformance suite answers: figures, and each failure by name. */

export interface ConformanceFailure {
  readonly note: string
  readonly reason: string
}

export interface ConformanceResult {
  readonly suite: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Failures where we answered something else than what is wanted, as opposed to an error of ours. */
  readonly wrong: number
  readonly failures: readonly ConformanceFailure[]
}

/** Runs all cases of one file or folder. */
export type Suite = (casesPath: string) => Promise<ConformanceResult>
