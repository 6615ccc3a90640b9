/** The one screen that answers "how much, by whom, with what, at what cost, and can we trust it". */
import type { ComponentChildren, JSX } from 'preact'
import type { Overview } from '#core/metrics/overview.ts'
import { formatCount, formatMoney, formatShare } from '#core/report/format.ts'
import { readOverview } from '../client.ts'
import { panels } from '../panels/registry.ts'
import { Answer } from '../parts/answer.tsx'
import { Filters } from '../parts/filters.tsx'
import { Marked } from '../parts/marked.tsx'
import { PanelFigure } from '../parts/panel-figure.tsx'
import { Period, periodOf } from '../parts/period.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Total } from '../parts/total.tsx'
import type { Place } from '../router.ts'

export function OverviewPage({ place }: { readonly place: Place }): JSX.Element {
  const { from, to } = periodOf(place.query)
  const repository = place.query.get('repository')
  const remote = useRemote(`overview ${from} ${to} ${repository}`, () => readOverview({ from, to, repository }))
  return (
    <>
      <header class="page-head">
        <h1>Overview</h1>
        <Period place={place} />
      </header>
      <Filters query={{ repository }} />
      <Await remote={remote}>{(overview) => <Figures overview={overview} repository={repository} />}</Await>
    </>
  )
}

interface FiguresProperties {
  readonly overview: Overview
  readonly repository: string | null
}

function Figures({ overview, repository }: FiguresProperties): JSX.Element {
  const { sessions, activeUsers, aiPullRequests, pullRequests, aiLineShare, costMicroUsd, tokens } = overview
  if (sessions.current === null) return <NothingYet until={overview.period.to} />
  const { current: seen } = pullRequests
  return (
    <>
      <Answer overview={overview} repository={repository} />
      <dl class="totals">
        <Total title="Sessions" {...sessions} format={formatCount} rise="neither" />
        <Total title="Active people" {...activeUsers} format={formatCount} rise="neither" />
        <Total
          title="AI-assisted pull requests"
          {...aiPullRequests}
          format={formatCount}
          rise="neither"
          {...(seen === null ? {} : { note: `of ${formatCount(seen)} seen` })}
        />
        <Total title="AI line share" {...aiLineShare} format={formatShare} rise="neither" note="of added lines" />
        <Total title="Cost" {...costMicroUsd} format={formatMoney} rise="bad" note="at list prices" />
        <Total title="Tokens" {...tokens} format={formatCount} rise="neither" />
      </dl>
      <div class="panels">
        {panels.map((panel) => (
          <PanelFigure key={panel.id} panel={panel} overview={overview} />
        ))}
      </div>
    </>
  )
}

/** Nothing can be shown; what can be done is. */
function NothingYet({ until }: { readonly until: string }): JSX.Element {
  if (until < new Date().toISOString().slice(0, 10)) {
    return (
      <p class="notice">
        Nothing had been recorded by {until}. <a href="/">The last 30 days</a> may hold more.
      </p>
    )
  }
  return (
    <section>
      <h2>No session has arrived yet</h2>
      <p class="quiet">From here to the first figure it takes four steps and about five minutes.</p>
      <ol class="marked steps">
        <Step number={1} title="Set up a repository">
          <p>On a developer’s machine, inside the repository. It shows each change before it makes it.</p>
          <pre>
            <code>stemma init --server {location.origin}</code>
          </pre>
          <p class="quiet">
            Where people do not sign in with GitHub, add <code>--token</code> and the enrolment token of an
            administrator:
          </p>
          <pre>
            <code>
              {`curl -X POST ${location.origin}/v1/enrolment-tokens -H "Authorization: Bearer TOKEN" \\
  -H "content-type: application/json" -d '{"person": {"name": "Ada", "login": "ada"}}'`}
            </code>
          </pre>
        </Step>
        <Step number={2} title="Work as always">
          <p>With a coding agent: change something, commit, push. What is captured shows here seconds later.</p>
          <pre>
            <code>git push</code>
          </pre>
        </Step>
        <Step number={3} title="Nothing arrived?">
          <p>One line for each check, each with what to do about it.</p>
          <pre>
            <code>stemma doctor</code>
          </pre>
        </Step>
        <Step number={4} title="See it on pull requests">
          <p>
            <a href="/setup/github">Set up the GitHub App</a>: one comment and one check on each pull request.
          </p>
        </Step>
      </ol>
    </section>
  )
}

interface StepProperties {
  readonly number: number
  readonly title: string
  readonly children: ComponentChildren
}

function Step({ number, title, children }: StepProperties): JSX.Element {
  return (
    <Marked glyph={String(number)} tone="quiet">
      <strong>{title}</strong>
      {children}
    </Marked>
  )
}
