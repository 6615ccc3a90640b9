import { formatCount } from '#core/report/format.ts'
import type { Panel } from './panel.ts'

export const policies: Panel = {
  id: 'policies',
  title: 'Policies',
  meaning:
    'Verdicts by policy. “Cannot tell” is an outcome of its own: never a pass. What is waived counts for itself.',
  table: ({ policies }) => ({
    columns: [
      { title: 'Policy' },
      { title: '✗ Violated', format: formatCount, align: 'end' },
      { title: '? Cannot tell', format: formatCount, align: 'end' },
      { title: '◇ Waived', format: formatCount, align: 'end' },
      { title: '✓ Passed', format: formatCount, align: 'end' },
    ],
    rows: policies.map(({ policy, fail, error, waived, pass }) => [policy, fail, error, waived, pass]),
  }),
  chart: {
    kind: 'stacked-bar',
    horizontal: true,
    series: [
      { column: 1, tone: 'bad' },
      { column: 2, tone: 'unknown' },
      { column: 3, tone: 'mixed' },
      { column: 4, tone: 'human' },
    ],
  },
  empty: 'No policy has been evaluated in this period.',
}
