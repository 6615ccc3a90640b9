/** The check run: the same report, with the conclusion that a ruleset can require and annotations on exact lines. */
import type { Finding, Verdict } from '../policy/policy.ts'
import type { CheckAnnotation, CheckRun } from '../ports.ts'
import { checkActions } from './check-actions.ts'
import { MAX_COMMENT, renderDetails, shareWords, verdictWords } from './comment.ts'
import { shortSession } from './format.ts'
import { itemLines } from './item-lines.ts'
import { clip, visibleText } from './markdown-escape.ts'
import { compareText } from './merge-attribution.ts'
import { CHECK_NAME } from './pending-check.ts'
import type { Report, ReportSession } from './report.ts'
import { checkpointLine } from './sections.ts'

/** GitHub takes 50 annotations a request; one request is what a reader can look at. */
const MAX_ANNOTATIONS = 50

export function renderCheckRun(report: Report): CheckRun {
  return {
    name: CHECK_NAME,
    head: report.head,
    status: 'completed',
    conclusion: report.conclusion,
    title: [verdictWords(report), ...shareWords(report)].join(' · '),
    summary: [summaryOf(report), conclusionLine(report), checkpointLine(report)]
      .filter((part) => part !== '')
      .join('\n\n'),
    // The whole report, folded parts included; under the limit of 65,535 characters by the comment's own cap.
    text: report.sessions.length === 0 ? null : renderDetails(report).slice(0, MAX_COMMENT),
    annotations: annotationsOf(report),
    detailsUrl: report.dashboardUrl,
    actions: checkActions(report),
  }
}

function conclusionLine({ conclusions }: Report): string {
  if (conclusions === undefined) return ''
  const { testResult, summary } = conclusions
  return `Signed by the platform: policies \`${testResult}\`, summary \`${summary}\``
}

function summaryOf(report: Report): string {
  const { conclusion, sessions } = report
  const items = itemLines(report)
  if (sessions.length === 0 && conclusion === 'success' && items === '') {
    return 'No session of a coding agent is known for the commits of this pull request, and none is asked for.'
  }
  if (items === '') return 'Every policy of the contract passes, and every commit has evidence.'
  const meaning = {
    success: 'Nothing stands in the way.',
    neutral: 'This does not block, but it is no pass either: what is listed was found, or is not known.',
    failure:
      sessions.length === 0
        ? 'The contract requires what is listed; evidence that is sent later is judged by itself.'
        : 'The contract requires these policies; each of them can be repaired.',
  }[conclusion]
  return `${meaning}\n\n${items}`
}

/** On lines that the pull request changes, the worst first. */
export function annotationsOf(report: Report): readonly CheckAnnotation[] {
  const seen = new Set<string>()
  return report.sessions
    .flatMap((session) =>
      session.verdicts.flatMap((verdict) => verdict.findings.flatMap((finding) => annotate(session, verdict, finding))),
    )
    .filter((annotation) => {
      const key = JSON.stringify([
        annotation.path,
        annotation.startLine,
        annotation.endLine,
        annotation.title,
        annotation.message,
      ])
      return !seen.has(key) && seen.add(key)
    })
    .sort(
      (left, right) =>
        rank(left) - rank(right) || compareText(left.path, right.path) || left.startLine - right.startLine,
    )
    .slice(0, MAX_ANNOTATIONS)
}

function rank({ level }: CheckAnnotation): number {
  return ['failure', 'warning', 'notice'].indexOf(level)
}

/** What is waived is shown where it is, and stands in nobody's way. */
function levelOf(result: Verdict['result'], gate: boolean): CheckAnnotation['level'] {
  if (result === 'waived') return 'notice'
  return gate ? 'failure' : 'warning'
}

/** Only on files and lines of this pull request: GitHub shows no others, and a wrong line misleads. */
function annotate(
  session: ReportSession,
  { policy, gate, result }: Verdict,
  finding: Finding,
): readonly CheckAnnotation[] {
  return finding.citations.flatMap(({ file, start, end }) => {
    const known = session.files.find(({ path }) => path === file)
    if (!known) return []
    const first = known.ranges[0]
    const startLine = start ?? first?.start
    if (startLine === undefined) return []
    return [
      {
        path: known.path,
        startLine,
        endLine: Math.max(startLine, end ?? (start === null ? (first?.end ?? startLine) : startLine)),
        level: levelOf(result, gate),
        title: clip(
          visibleText(`${policy}${result === 'waived' ? ', waived' : ''} (session ${shortSession(session.id)})`),
          200,
        ),
        message: clip(visibleText(`${finding.message} ${finding.fix}`), 1_000),
      },
    ]
  })
}
