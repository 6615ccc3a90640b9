import { formatCount, formatMoney } from '#core/report/format.ts'
import type { Panel } from './panel.ts'

export const models: Panel = {
  id: 'models',
  title: 'Models and their cost',
  meaning:
    'Cost at the list prices of the day, from the tokens that agents recorded. A model without a known price is “not recorded”, not free.',
  table: ({ models }) => ({
    columns: [
      { title: 'Model' },
      { title: 'Sessions', format: formatCount, align: 'end' },
      { title: 'Tokens', format: formatCount, align: 'end' },
      { title: 'Cost', format: formatMoney, align: 'end' },
      { title: 'Previous period', format: formatMoney, align: 'end' },
    ],
    rows: models.map(({ model, sessions, tokens, costMicroUsd, previousCostMicroUsd }) => [
      model,
      sessions,
      tokens,
      costMicroUsd,
      previousCostMicroUsd,
    ]),
    links: models.map(({ model }) => `/sessions?model=${encodeURIComponent(model)}`),
  }),
  chart: { kind: 'bar', horizontal: true, series: [{ column: 3, tone: 'accent' }] },
  empty: 'No session has been received in this period. `stemma status` shows what waits on a machine.',
}
