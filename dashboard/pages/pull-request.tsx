/** One pull request: the report that its comment and check show. */
import type { JSX } from 'preact'
import { aiShare, formatCount, formatDuration, formatMoney, formatShare } from '#core/report/format.ts'
import type { Report } from '#core/report/report.ts'
import { readPullRequest } from '../client.ts'
import { ConclusionMark } from '../parts/conclusion-mark.tsx'
import { Fact, notRecorded } from '../parts/facts.tsx'
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
            <p>
              <a href="/pull-requests">Pull requests</a> / {repository}#{number}
            </p>
            <h1>{pullRequest.title || 'untitled'}</h1>
            <ConclusionMark conclusion={pullRequest.conclusion} />
          </header>
          {report === null ? (
            <p class="notice">The report is being made; it takes some seconds after a push.</p>
          ) : (
            <Findings report={report} state={pullRequest.state} />
          )}
        </>
      )}
    </Await>
  )
}

function Findings({ report, state }: { readonly report: Report; readonly state: string }): JSX.Element {
  const all = report.lines.ai + report.lines.human + report.lines.mixed + report.lines.unknown
  return (
    <>
      <dl class="facts">
        <Fact title="AI lines">
          {all === 0 ? notRecorded : `${formatShare(aiShare(report.lines))} of ${formatCount(all)} added`}
        </Fact>
        <Fact title="Unknown lines">{formatCount(report.lines.unknown)}</Fact>
        <Fact title="State">{state}</Fact>
        <Fact title="Signatures">
          {formatCount(report.signatures.verified)} of {formatCount(report.signatures.total)} verified
        </Fact>
        <Fact title="Head">
          <code>{report.head.slice(0, 7)}</code>
        </Fact>
        <Fact title="What was concluded">
          {report.conclusions === undefined ? (
            <span class="quiet">not signed</span>
          ) : (
            <>
              signed: <a href={`/v1/conclusions/${report.conclusions.testResult}`}>results</a>,{' '}
              <a href={`/v1/conclusions/${report.conclusions.summary}`}>summary</a>
            </>
          )}
        </Fact>
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
