/** Tables for people: columns as wide as their content; where the terminal is too narrow, the less important ones go. */
import { plain, type Terminal } from './terminal.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  readonly align?: 'left' | 'right'
  /** Lower goes first when the terminal is too narrow; columns without it stay. */
  readonly importance?: number
}

const GAP = '  '

/** Values may hold hostile text: they are stripped here. Returns the titles of the columns that were left out. */
export function printTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal: Terminal,
): readonly string[] {
  const all = columns.map((column) => ({ column, cells: rows.map((row) => plain(column.value(row))) }))
  let shown = all
  while (widthOf(shown) > terminal.columns) {
    const least = shown
      .filter(({ column }) => column.importance !== undefined)
      .sort((left, right) => (left.column.importance ?? 0) - (right.column.importance ?? 0))[0]
    if (least === undefined) break
    shown = shown.filter((candidate) => candidate !== least)
  }
  const widths = shown.map(({ column, cells }) => Math.max(column.title.length, ...cells.map((cell) => cell.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return shown[index]?.column.align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join(GAP)
      .trimEnd()
  terminal.print(terminal.colours.bold(line(shown.map(({ column }) => column.title))))
  rows.forEach((_, row) => {
    terminal.print(line(shown.map(({ cells }) => cells[row] ?? '')))
  })
  return all.filter((candidate) => !shown.includes(candidate)).map(({ column }) => column.title)
}

function widthOf(
  columns: readonly { readonly column: { readonly title: string }; readonly cells: readonly string[] }[],
) {
  return columns.reduce(
    (sum, { column, cells }) => sum + GAP.length + Math.max(column.title.length, ...cells.map((cell) => cell.length)),
    -GAP.length,
  )
}
