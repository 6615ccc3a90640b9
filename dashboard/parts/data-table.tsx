/** A table of plain cells, its CSV, and how "not recorded" looks. */
import type { JSX } from 'preact'
import type { Cell, Column, Table } from '../panels/panel.ts'
import { Scroll } from './scroll.tsx'

export function Shown({ cell, column }: { readonly cell: Cell; readonly column: Column }): JSX.Element {
  if (cell === null) return <span class="quiet">not recorded</span>
  if (typeof cell === 'number') return <>{column.format ? column.format(cell) : String(cell)}</>
  return <>{cell}</>
}

export function DataTable({ table, caption }: { readonly table: Table; readonly caption: string }): JSX.Element {
  return (
    <Scroll label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col" class={column.align}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr>
              {table.columns.map((column, position) => {
                const shown = <Shown cell={row[position] ?? null} column={column} />
                const link = position === 0 ? table.links?.[index] : null
                return <td class={column.align}>{link ? <a href={link}>{shown}</a> : shown}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe, since names and models are hostile. */
export function toCsv({ columns, rows }: Table): string {
  const lines = [columns.map(({ title }) => title), ...rows]
  return `${lines.map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`
}

function csvCell(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
