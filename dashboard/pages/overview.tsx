/** The one screen that answers "how much, by whom, with what, at what cost". */
import type { JSX } from 'preact'
import type { Overview } from '#core/metrics/overview.ts'
import { formatCount, formatMoney, formatShare } from '#core/report/format.ts'
import { readOverview } from '../client.ts'
import { panels } from '../panels/registry.ts'
import { PanelFigure } from '../parts/panel-figure.tsx'
import { Period, periodOf } from '../parts/period.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Total } from '../parts/total.tsx'
import { type Place, withQuery } from '../router.ts'

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
      {repository ? (
        <p class="filter">
          Only <strong>{repository}</strong>{' '}
          <a href={withQuery({ repository: null })} aria-label="all repositories">
            ✕ all
          </a>
        </p>
      ) : null}
      <Await remote={remote}>{(overview) => <Figures overview={overview} />}</Await>
    </>
  )
}

function Figures({ overview }: { readonly overview: Overview }): JSX.Element {
  const { sessions, activeUsers, aiPullRequests, pullRequests, aiLineShare, costMicroUsd, tokens } = overview
  if (sessions.current === 0 && sessions.previous === 0) return <NothingYet />
  const { current: seen } = pullRequests
  return (
    <>
      <Coverage overview={overview} />
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

/** How much could be seen at all: without it no share means anything. */
function Coverage({ overview }: { readonly overview: Overview }): JSX.Element | null {
  const { current } = overview.observedLineShare
  if (current === null) return null
  const isLow = current < 0.8
  return (
    <p class={isLow ? 'notice notice-warn' : 'notice'}>
      {isLow ? '! ' : '✓ '}
      The origin of <strong>{formatShare(current)}</strong> of the added lines was observed
      {isLow ? '; the rest is shown as unknown. `stemma doctor` on the machines concerned says why.' : '.'}
    </p>
  )
}

function NothingYet(): JSX.Element {
  return (
    <section class="notice">
      <h2>No session has arrived yet</h2>
      <p>In a repository, with an enrolment token of your administrator:</p>
      <pre>
        <code>stemma init --server {location.origin} --token ENROLMENT_TOKEN</code>
      </pre>
      <p>Then work with your agent as always, commit, and push. What is captured shows here seconds later.</p>
    </section>
  )
}
