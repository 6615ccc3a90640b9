/** What the local guard did while the sessions ran: which policies stopped or questioned calls, and where it broke. */
import { formatNumberOf, shortSession } from './format.ts'
import { clip, codeSpan, escapeText } from './markdown-escape.ts'
import type { Report, ReportSession } from './report.ts'

const MAX_SESSIONS = 5
const MAX_POLICIES = 5

/** '' where no guard decided anything. */
export function guardSection({ sessions }: Report): string {
  const lines = sessions.flatMap((session) => (session.guard === undefined ? [] : [guardLine(session, session.guard)]))
  const rest = lines.length - MAX_SESSIONS
  return [
    ...lines.slice(0, MAX_SESSIONS),
    ...(rest > 0 ? [`- … and the local guard of ${formatNumberOf(rest, 'more session')}, on the dashboard`] : []),
  ].join('\n')
}

function guardLine({ id }: ReportSession, { policies, failures }: NonNullable<ReportSession['guard']>): string {
  const parts = policies.slice(0, MAX_POLICIES).map(({ policy, denied, asked, allowed }) => {
    const words = [
      ...(denied > 0 ? [`denied ${formatNumberOf(denied, 'call')}`] : []),
      ...(asked > 0 ? [`asked about ${formatNumberOf(asked, 'call')}`] : []),
      ...(allowed > 0 ? [`let ${formatNumberOf(allowed, 'call')} through that it could not judge`] : []),
    ]
    return `${escapeText(clip(policy, 60))} ${words.join(', ')}`
  })
  const more = policies.length - parts.length
  const broke = failures > 0 ? [`the guard broke ${failures === 1 ? 'once' : `${failures} times`}`] : []
  const said = [...parts, ...(more > 0 ? [`${more} more policies`] : []), ...broke]
  return `- Local guard, session ${codeSpan(shortSession(id))}: ${said.join('; ')}.`
}
