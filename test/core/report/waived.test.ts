import { expect, it } from 'vitest'
import { buildReport } from '#core/report/build.ts'
import { renderCheckRun } from '#core/report/check-run.ts'
import { renderComment, verdictWords } from '#core/report/comment.ts'
import { waivedItemsOf } from '#core/report/items.ts'
import type { Report } from '#core/report/report.ts'
import { renderTerminal } from '#core/report/terminal.ts'
import { sample } from './sample.ts'

const base = buildReport(sample())
const reason = 'Waived until 2026-12-01 by Ada at the request of Grace: <img src=x> vendor'
const findings = [
  {
    policy: 'no-hook-bypass',
    severity: 'high' as const,
    message: 'leaves the hooks out',
    fix: 'Repair it.',
    citations: [{ event: 'e', file: 'src/parse.ts', start: 3, end: 4 }],
  },
]
const verdict = {
  policy: 'no-hook-bypass',
  version: 1,
  result: 'waived' as const,
  gate: true,
  findings,
  doubts: [],
  reason,
}
const report: Report = {
  ...base,
  conclusion: 'success',
  unobservedCommits: [],
  sessions: base.sessions.map((session) => ({ ...session, verdicts: [verdict] })),
}

it('is never silent: heading, items, check and terminal say it, once for all sessions', () => {
  expect(waivedItemsOf(report)).toEqual([
    { policy: 'no-hook-bypass', reason, sessions: report.sessions.map(({ id }) => id) },
  ])
  expect(verdictWords(report)).toBe('All policies pass but 1 waived')
  const visible = renderComment(report).split('<details>')[0] ?? ''
  expect(visible).toContain('**no-hook-bypass** is waived: Waived until 2026-12-01 by Ada at the request of Grace')
  expect(visible).not.toMatch(/(?<!\\)<img/)
  expect(renderTerminal(report, 120)).toContain('no-hook-bypass is waived')
  expect(renderCheckRun(report).summary).toContain('is waived')
  expect(renderCheckRun(report).summary).not.toContain('Every policy')
})

it('marks the lines as a notice, not as a failure', () => {
  const { annotations } = renderCheckRun(report)
  expect(annotations.length).toBeGreaterThan(0)
  for (const { level, title } of annotations) {
    expect(level).toBe('notice')
    expect(title).toContain('waived')
  }
})
