/** One measured figure, and how figures of one run are condensed. */

/** Printed as one JSON line. `ratio` = value / baseline.value, measured in the same run, since machines are noisy. */
export interface Measurement {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly baseline?: { readonly name: string; readonly value: number }
  readonly ratio?: number
}

export type Emit = (measurement: Measurement) => void

/** Nearest-rank percentile; `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]
  if (value === undefined) throw new RangeError('there is no percentile of nothing')
  return value
}

/** A figure beside its baseline of the same run. */
export function compared(
  figure: Omit<Measurement, 'baseline' | 'ratio'>,
  baseline: { readonly name: string; readonly value: number },
): Measurement {
  return { ...figure, baseline, ratio: figure.value / baseline.value }
}
