/** One panel: heading, meaning, chart where it has one, the table itself, and its CSV. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Overview } from '#core/metrics/overview.ts'
import type { Panel } from '../panels/panel.ts'
import { Chart } from './chart.tsx'
import { DataTable, toCsv } from './data-table.tsx'

export function PanelFigure({ panel, overview }: { readonly panel: Panel; readonly overview: Overview }): JSX.Element {
  const table = panel.table(overview)
  const hasChart = panel.chart !== undefined
  const [isTableShown, showTable] = useState(!hasChart)
  const isEmpty = table.rows.length === 0
  return (
    <figure class="panel" id={panel.id}>
      <figcaption>
        <h2>
          <a href={`#${panel.id}`}>{panel.title}</a>
        </h2>
        <p class="quiet">{panel.meaning}</p>
      </figcaption>
      {isEmpty ? (
        <p class="empty">{panel.empty}</p>
      ) : (
        <>
          {panel.chart ? <Chart chart={panel.chart} table={table} /> : null}
          {isTableShown ? <DataTable table={table} caption={panel.title} /> : null}
          <p class="tools">
            {hasChart ? (
              <button type="button" aria-expanded={isTableShown} onClick={() => showTable(!isTableShown)}>
                {isTableShown ? 'Hide table' : 'Show table'}
              </button>
            ) : null}
            <a
              download={`stemma-${panel.id}-${overview.period.from}-${overview.period.to}.csv`}
              href={csvAddress(table)}
            >
              CSV
            </a>
          </p>
        </>
      )}
    </figure>
  )
}

function csvAddress(table: ReturnType<Panel['table']>): string {
  return `data:text/csv;charset=utf-8,${encodeURIComponent(toCsv(table))}`
}
