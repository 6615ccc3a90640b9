/** Draws a panel's rows once Chart.js has loaded. The table beside it says the same, so the canvas is hidden from readers. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Chart as ChartShape, Table, Tone } from '../panels/panel.ts'

/** A colour of style.css as the canvas needs it: resolved for light or dark, which only an element's own style is. */
function colourOf(canvas: HTMLCanvasElement, name: `tone-${Tone}` | 'ink-quiet' | 'line'): string {
  canvas.style.color = `var(--${name})`
  return getComputedStyle(canvas).color
}

export function Chart({ chart, table }: { readonly chart: ChartShape; readonly table: Table }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let drawn: { destroy: () => void } | null = null
    let isGone = false
    void import('chart.js').then(
      ({ Chart: ChartJs, BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip }) => {
        const surface = canvas.current
        if (isGone || !surface) return
        ChartJs.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip)
        const ink = colourOf(surface, 'ink-quiet')
        const line = colourOf(surface, 'line')
        const isStacked = chart.kind === 'stacked-bar'
        const first = chart.series[0]
        const format = first ? table.columns[first.column]?.format : undefined
        const values = {
          grid: { color: line },
          border: { display: false },
          ticks: {
            color: ink,
            maxTicksLimit: 6,
            precision: 0,
            ...(format ? { callback: (value: string | number) => format(Number(value)) } : {}),
          },
        }
        const labels = {
          grid: { display: false },
          ticks: { color: ink, maxRotation: 0, autoSkip: !chart.horizontal, autoSkipPadding: 12 },
        }
        drawn = new ChartJs(surface, {
          type: 'bar',
          data: {
            labels: table.rows.map((row) => String(row[0])),
            datasets: chart.series.map(({ column, tone }) => ({
              label: table.columns[column]?.title ?? '',
              data: table.rows.map((row) => (typeof row[column] === 'number' ? row[column] : null)),
              backgroundColor: colourOf(surface, `tone-${tone}`),
              borderRadius: 2,
              maxBarThickness: 36,
            })),
          },
          options: {
            responsive: true,
            maintainAspectRatio: false,
            indexAxis: chart.horizontal ? 'y' : 'x',
            animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? false : { duration: 200 },
            plugins: {
              legend: {
                display: chart.series.length > 1,
                position: 'bottom',
                labels: { color: ink, boxWidth: 12, boxHeight: 12 },
              },
              tooltip: {
                callbacks: format ? { label: (item) => `${item.dataset.label}: ${format(Number(item.raw))}` } : {},
              },
            },
            scales: chart.horizontal
              ? { x: { ...values, stacked: isStacked, beginAtZero: true }, y: { ...labels, stacked: isStacked } }
              : { x: { ...labels, stacked: isStacked }, y: { ...values, stacked: isStacked, beginAtZero: true } },
          },
        })
        surface.dataset['drawn'] = '1'
      },
    )
    return () => {
      isGone = true
      drawn?.destroy()
    }
  }, [chart, JSON.stringify(table.rows)])
  // As many bars as there are rows, each with its name; below it legend and axis.
  const height = chart.horizontal ? { height: `${Math.max(12, 5 + table.rows.length * 1.7)}rem` } : undefined
  return (
    <div class="chart" style={height}>
      <canvas ref={canvas} />
    </div>
  )
}
