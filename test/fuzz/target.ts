/** What can be fuzzed, and what one attempt answers. */

export interface Attempt {
  /** What kind of case it was and how it ended, for the figures: `grammar: result`. */
  readonly kind: string
  /** Null where all that must hold did. */
  readonly problem: string | null
  /** What to look at when there is a problem. */
  readonly material: string
}

/** What the process that makes the attempts tells: a seed when it begins, and its attempt when it is over. */
export interface Told {
  readonly seed: number
  readonly attempt: Attempt | null
}

export interface Target {
  /** Longest time of one attempt in ms; one that takes longer hangs. Well above what a busy machine needs. */
  readonly limit: number
  /** Memory of the process that makes the attempts, in MB. */
  readonly memory: number
  /** The same seed gives the same attempt. */
  readonly attempt: (seed: number) => Attempt
}
