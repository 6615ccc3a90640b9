/** Panel: one question answered as a table first; the chart is an enhancement drawn from the same rows. */
import type { Overview } from '#core/metrics/overview.ts'

export type Cell = string | number | null

export interface Column {
  readonly title: string
  /** How a cell reads; null is always shown as "not recorded". Text is left as it is. */
  readonly format?: (value: number) => string
  readonly align?: 'end'
}

export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Address to which a row leads, by index. */
  readonly links?: readonly (string | null)[]
}

/** What is drawn: one label a row, one series a column index. */
export interface Chart {
  readonly kind: 'bar' | 'stacked-bar'
  readonly horizontal?: boolean
  readonly series: readonly { readonly column: number; readonly tone: Tone }[]
}

export const tones = ['ai', 'human', 'mixed', 'unknown', 'accent', 'bad'] as const
export type Tone = (typeof tones)[number]

export interface Panel {
  readonly id: string
  readonly title: string
  /** One sentence: what the figure counts, and what it does not. */
  readonly meaning: string
  readonly table: (overview: Overview) => Table
  readonly chart?: Chart
  /** What to do when there is nothing to show; ends in a command. */
  readonly empty: string
}
