import { formatCount } from '#core/report/format.ts'
import type { Panel } from './panel.ts'

export const agents: Panel = {
  id: 'agents',
  title: 'Agents',
  meaning: 'Sessions by coding agent.',
  table: ({ agents }) => ({
    columns: [{ title: 'Agent' }, { title: 'Sessions', format: formatCount, align: 'end' }],
    rows: agents.map(({ agent, sessions }) => [agent, sessions]),
    links: agents.map(({ agent }) => `/sessions?agent=${encodeURIComponent(agent)}`),
  }),
  empty: 'No session has been received in this period. `stemma doctor` says whether hooks are installed.',
}
