/** A table of plain cells, its CSV, and how "not recorded" looks. */
import type { JSX } from 'preact'
import type { Cell, Column, Table as Rows } from '../panels/panel.ts'
import { notRecorded } from './facts.tsx'
import { Table } from './table.tsx'

function Shown({ cell, column }: { readonly cell: Cell; readonly column: Column }): JSX.Element {
  if (cell === null) return notRecorded
  if (typeof cell === 'number') return <>{column.format ? column.format(cell) : String(cell)}</>
  return <>{cell}</>
}

export function DataTable({ table, caption }: { readonly table: Rows; readonly caption: string }): JSX.Element {
  const columns = table.columns.map(({ title, align }) => (align === 'end' ? { end: title } : title))
  return (
    <Table label={caption} columns={columns}>
      {table.rows.map((row, index) => (
        <tr>
          {table.columns.map((column, position) => {
            const shown = <Shown cell={row[position] ?? null} column={column} />
            const link = position === 0 ? table.links?.[index] : null
            return <td class={column.align}>{link ? <a href={link}>{shown}</a> : shown}</td>
          })}
        </tr>
      ))}
    </Table>
  )
}

/** RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe, since names and models are hostile. */
export function toCsv({ columns, rows }: Rows): string {
  const lines = [columns.map(({ title }) => title), ...rows]
  return `${lines.map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`
}

function csvCell(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
