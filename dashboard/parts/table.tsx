/** The frame of every table: its headings and its scrolling region; the rows are whose table it is. */
import type { ComponentChildren, JSX } from 'preact'
import { Scroll } from './scroll.tsx'

/** `end`: a column of numbers. */
export type Heading = string | { readonly end: string }

interface Properties {
  readonly label: string
  readonly columns: readonly Heading[]
  /** Several tables under each other, their columns too. */
  readonly isAligned?: boolean
  /** Rows. */
  readonly children: ComponentChildren
}

export function Table({ label, columns, isAligned = false, children }: Properties): JSX.Element {
  return (
    <Scroll label={label}>
      <table class={isAligned ? 'aligned' : undefined}>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) =>
              typeof column === 'string' ? (
                <th scope="col" key={column}>
                  {column}
                </th>
              ) : (
                <th scope="col" key={column.end} class="end">
                  {column.end}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  )
}
