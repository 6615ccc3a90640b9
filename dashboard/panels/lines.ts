import { formatCount } from '#core/report/format.ts'
import type { Panel } from './panel.ts'

export const lines: Panel = {
  id: 'lines',
  title: 'Added lines by origin',
  meaning:
    'Lines added by commits that were pushed with evidence, by UTC day. “Unknown” was not observed and is never counted as human.',
  table: ({ days }) => ({
    columns: [
      { title: 'Day' },
      { title: 'AI', format: formatCount, align: 'end' },
      { title: 'Mixed', format: formatCount, align: 'end' },
      { title: 'Human', format: formatCount, align: 'end' },
      { title: 'Unknown', format: formatCount, align: 'end' },
    ],
    rows: days.map(({ day, ai, mixed, human, unknown }) => [day, ai, mixed, human, unknown]),
  }),
  chart: {
    kind: 'stacked-bar',
    series: [
      { column: 1, tone: 'ai' },
      { column: 2, tone: 'mixed' },
      { column: 3, tone: 'human' },
      { column: 4, tone: 'unknown' },
    ],
  },
  empty:
    'No commit has been pushed with evidence in this period. Commit and run `git push` in a repository with Stemma.',
}
