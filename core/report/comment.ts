/** The one comment on a pull request: verdict line, items to act on, table of sessions, folded detail, footer. */

import { computedSection } from './computed.ts'
import { renderFindingsBlock } from './findings-block.ts'
import { aiShare, formatNumberOf, formatShare } from './format.ts'
import { guardSection } from './guard.ts'
import { itemLines } from './item-lines.ts'
import { itemsOf, namedSessions, waivedItemsOf } from './items.ts'
import type { Conclusion, Report } from './report.ts'
import { coverageSection, type Detail, fileSection, footer, policySection, sessionTable } from './sections.ts'

/** First line of our comment; only a comment of our own app that bears it is ever edited. */
export const COMMENT_MARKER = '<!-- stemma:pr:v1 -->'

/** GitHub refuses bodies above 65,536 characters; the distance leaves room for how it counts characters. */
export const MAX_COMMENT = 60_000

/** Whether there is something to say: silence where no agent was seen, none is named and none is asked for. */
export function needsComment(report: Report): boolean {
  return report.sessions.length > 0 || report.conclusion !== 'success' || namedSessions(report).length > 0
}

const steps: readonly Detail[] = [
  { sessions: 100, filesPerSession: 500, commits: 100, listsFiles: true },
  { sessions: 100, filesPerSession: 100, commits: 50, listsFiles: true },
  { sessions: 60, filesPerSession: 30, commits: 30, listsFiles: true },
  { sessions: 40, filesPerSession: 8, commits: 20, listsFiles: true },
  { sessions: 40, filesPerSession: 0, commits: 10, listsFiles: false },
  { sessions: 15, filesPerSession: 0, commits: 5, listsFiles: false },
]

/** The same report always gives the same text. */
export function renderComment(report: Report): string {
  const block = renderFindingsBlock(report)
  return fitting((detail) =>
    [`${COMMENT_MARKER}\n### ${verdictLine(report)}`, itemLines(report), ...detailsOf(report, detail), block].join(
      '\n\n',
    ),
  )
}

/** What follows the items: the check run shows title and items in places of their own. */
export function renderDetails(report: Report): string {
  return fitting((detail) => detailsOf(report, detail).join('\n\n'))
}

/** Detail folds first, then counts, until it fits. */
function fitting(render: (detail: Detail) => string): string {
  let text = ''
  for (const detail of steps) {
    text = `${render(detail).replace(/\n{3,}/g, '\n\n')}\n`
    if (text.length <= MAX_COMMENT) break
  }
  return text
}

function detailsOf(report: Report, detail: Detail): readonly string[] {
  return [
    sessionTable(report, detail),
    guardSection(report),
    fileSection(report, detail),
    policySection(report, detail),
    coverageSection(report, detail),
    computedSection(report),
    footer(report),
  ].filter((block) => block !== '')
}

const marks: Readonly<Record<Conclusion, string>> = { success: '🟢', neutral: '🟡', failure: '🔴' }

/** Mark, word, one number: "🟡 Look at 2 things · 78% AI lines · 1 session". */
export function verdictLine(report: Report): string {
  return [`${marks[report.conclusion]} ${verdictWords(report)}`, ...shareWords(report)].join(' · ')
}

export function verdictWords(report: Report): string {
  const { conclusion, sessions } = report
  const items = itemsOf(report)
  if (sessions.length === 0) {
    if (conclusion !== 'success') return 'No evidence of an AI session'
    const named = namedSessions(report).length
    return named === 0 ? 'No AI session seen' : `No evidence of ${formatNumberOf(named, 'session')} that commits name`
  }
  const waived = waivedItemsOf(report).length
  if (conclusion === 'success') return waived === 0 ? 'All policies pass' : `All policies pass but ${waived} waived`
  const blocking = items.filter(({ gate }) => gate).length
  return conclusion === 'failure'
    ? `Fix ${formatNumberOf(blocking, 'thing')}`
    : `Look at ${formatNumberOf(items.length, 'thing')}`
}

/** The share is of all added lines that are known; how many commits nothing is known of stands beside it. */
export function shareWords({ lines, sessions, unobservedCommits }: Report): readonly string[] {
  const share = aiShare(lines)
  if (sessions.length === 0) return []
  const missing = unobservedCommits.length
  return [
    ...(share === null ? [] : [`${formatShare(share)} AI lines`]),
    formatNumberOf(sessions.length, 'session'),
    ...(missing === 0 ? [] : [`${formatNumberOf(missing, 'commit')} without evidence`]),
  ]
}
