import { formatCount, formatMoney } from '#core/report/format.ts'
import type { Panel } from './panel.ts'

export const topUsers: Panel = {
  id: 'top-users',
  title: 'People',
  meaning:
    'Who worked with agents, by AI lines. The previous period is that of their AI lines. A large number is not a merit and a small one no fault.',
  table: ({ topUsers }) => ({
    columns: [
      { title: 'Person' },
      { title: 'Sessions', format: formatCount, align: 'end' },
      { title: 'AI lines', format: formatCount, align: 'end' },
      { title: 'Previous period', format: formatCount, align: 'end' },
      { title: 'Cost', format: formatMoney, align: 'end' },
    ],
    rows: topUsers.map(({ person, sessions, aiLines, previousAiLines, costMicroUsd }) => [
      ...[person.name, sessions, aiLines, previousAiLines, costMicroUsd],
    ]),
    links: topUsers.map(({ person }) => `/sessions?person=${encodeURIComponent(person.id)}`),
  }),
  empty: 'Nobody has sent a session in this period. A machine joins with `stemma init --server … --token …`.',
}
