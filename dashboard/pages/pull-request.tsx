/** One pull request: the report that its comment and check show. */
import type { JSX } from 'preact'
import { aiShare, formatCount, formatDuration, formatMoney, formatShare } from '#core/report/format.ts'
import type { Report } from '#core/report/report.ts'
import { readPullRequest } from '../client.ts'
import { ConclusionMark } from '../parts/conclusion-mark.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { VerdictList } from '../parts/verdict-list.tsx'

interface Properties {
  readonly repository: string
  readonly number: string
}

export function PullRequestPage({ repository, number }: Properties): JSX.Element {
  const remote = useRemote(`pull-request ${repository} ${number}`, () => readPullRequest(repository, number))
  return (
    <Await remote={remote}>
      {({ pullRequest, report }) => (
        <>
          <header class="page-head">
            <div>
              <p class="quiet">
                <a href="/pull-requests">Pull requests</a> / {repository}#{number}
              </p>
              <h1>{pullRequest.title || 'untitled'}</h1>
            </div>
            <ConclusionMark conclusion={pullRequest.conclusion} />
          </header>
          {report === null ? (
            <p class="notice">The report is being made; it takes some seconds after a push.</p>
          ) : (
            <Findings report={report} />
          )}
        </>
      )}
    </Await>
  )
}

function Findings({ report }: { readonly report: Report }): JSX.Element {
  const all = report.lines.ai + report.lines.human + report.lines.mixed + report.lines.unknown
  return (
    <>
      <dl class="facts">
        <div>
          <dt>AI lines</dt>
          <dd>
            {all === 0 ? (
              <span class="quiet">not recorded</span>
            ) : (
              `${formatShare(aiShare(report.lines))} of ${formatCount(all)} added`
            )}
          </dd>
        </div>
        <div>
          <dt>Unknown lines</dt>
          <dd>{formatCount(report.lines.unknown)}</dd>
        </div>
        <div>
          <dt>Signatures</dt>
          <dd>
            {formatCount(report.signatures.verified)} of {formatCount(report.signatures.total)} verified
          </dd>
        </div>
        <div>
          <dt>Head</dt>
          <dd>
            <code>{report.head.slice(0, 7)}</code>
          </dd>
        </div>
      </dl>
      {report.unobservedCommits.length > 0 ? (
        <div class="notice notice-warn">
          <p>! Commits without evidence; that says nothing about who wrote them.</p>
          <ul>
            {report.unobservedCommits.map(({ commit, subject }) => (
              <li>
                <code>{commit.slice(0, 7)}</code> {subject}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {(report.verdicts ?? []).length > 0 ? (
        <section>
          <h2>Policies on the whole pull request</h2>
          <VerdictList verdicts={report.verdicts ?? []} events="" />
        </section>
      ) : null}
      {report.sessions.length === 0 ? <p class="empty">No agent session contributed to this pull request.</p> : null}
      {report.sessions.map((session) => (
        <section key={session.id}>
          <h2>
            <a href={`/sessions/${encodeURIComponent(session.id)}`}>
              {session.agent} {session.models.join(', ')}
            </a>{' '}
            <span class="quiet">
              {session.person}
              {session.cost.microUsd === null ? '' : `, ${formatMoney(session.cost.microUsd)}`}
              {session.durationSeconds === null ? '' : `, ${formatDuration(session.durationSeconds)}`}
            </span>
          </h2>
          <VerdictList verdicts={session.verdicts} events={`/sessions/${encodeURIComponent(session.id)}`} />
        </section>
      ))}
    </>
  )
}
