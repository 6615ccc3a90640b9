/** The two questions that bring people here: how much is written by AI, and can it be trusted? */
import type { JSX } from 'preact'
import type { PostureView } from '#core/api/frameworks.ts'
import type { LineCounts } from '#core/attribution/attribution.ts'
import type { Overview } from '#core/metrics/overview.ts'
import { formatCount, formatMoney, formatNumberOf, formatShare } from '#core/report/format.ts'
import { readPosture } from '../client.ts'
import { Marked } from './marked.tsx'
import { useRemote } from './remote.tsx'

interface Properties {
  readonly overview: Overview
  readonly repository: string | null
}

export function Answer({ overview, repository }: Properties): JSX.Element {
  return (
    <section class="answer">
      <div>
        <h2>How much of our code is written by AI?</h2>
        <HowMuch overview={overview} />
      </div>
      <div>
        <h2>Can we trust it?</h2>
        <Trust overview={overview} repository={repository} />
      </div>
    </section>
  )
}

const origins = ['ai', 'mixed', 'human', 'unknown'] as const
const words = { ai: 'AI', mixed: 'both', human: 'people', unknown: 'unknown' } as const

function HowMuch({ overview }: { readonly overview: Overview }): JSX.Element {
  const { aiLineShare, activeUsers, agents, models, costMicroUsd, previousPeriod } = overview
  const lines = linesOf(overview)
  const all = origins.reduce((sum, origin) => sum + lines[origin], 0)
  if (aiLineShare.current === null || all === 0) {
    return (
      <>
        <p class="headline">
          <span class="quiet">not recorded</span>
        </p>
        <p class="quiet">
          No commit has been pushed with evidence in this period. <code>stemma doctor</code> in a repository says what
          is missing.
        </p>
      </>
    )
  }
  return (
    <>
      <p class="headline">
        {formatShare(aiLineShare.current)} <span class="quiet">of {formatNumberOf(all, 'added line')}</span>
      </p>
      <div class="shares" aria-hidden="true">
        {origins.map((origin) => (
          <span class={`share-${origin}`} style={{ width: `${(100 * lines[origin]) / all}%` }} key={origin} />
        ))}
      </div>
      <ul class="legend">
        {origins.map((origin) => (
          <li key={origin}>
            <i class={`share-${origin}`} aria-hidden="true" />
            {words[origin]} {formatShare(lines[origin] / all)}
          </li>
        ))}
      </ul>
      <p class="quiet">
        {aiLineShare.previous === null
          ? 'There is no figure of the period before.'
          : `It was ${formatShare(aiLineShare.previous)} from ${previousPeriod.from} to ${previousPeriod.to}.`}{' '}
        {activeUsers.current === null ? '' : `By ${formatPeople(activeUsers.current)} with `}
        {formatNumberOf(agents.length, 'agent')} and {formatNumberOf(models.length, 'model')}
        {costMicroUsd.current === null ? '' : `, for ${formatMoney(costMicroUsd.current)} at list prices`}.
      </p>
    </>
  )
}

function linesOf({ days }: Overview): LineCounts {
  const sum = (origin: keyof LineCounts) => days.reduce((total, day) => total + day[origin], 0)
  return { ai: sum('ai'), human: sum('human'), mixed: sum('mixed'), unknown: sum('unknown') }
}

function formatPeople(count: number): string {
  return count === 1 ? 'one person' : `${formatCount(count)} people`
}

function Trust({ overview, repository }: Properties): JSX.Element {
  const { period, policies, observedLineShare, pullRequests, aiPullRequests } = overview
  const scope = repository === null ? 'organisation' : `repository:${repository}`
  const query = { scope, from: period.from, to: period.to }
  const posture = useRemote(`answer ${JSON.stringify(query)}`, () => readPosture('ai-readiness', query))
  return (
    <ul class="marked">
      <Observed share={observedLineShare.current} />
      <Policies policies={policies} />
      {pullRequests.current !== null && pullRequests.current > 0 ? (
        <Marked tone="quiet" glyph="⇄">
          <a href="/pull-requests">{formatNumberOf(pullRequests.current, 'pull request')}</a> seen,{' '}
          {formatCount(aiPullRequests.current ?? 0)} with AI sessions.
        </Marked>
      ) : null}
      {posture.state === 'there' ? <Readiness view={posture.value} query={query} /> : null}
    </ul>
  )
}

/** How much could be seen at all: without it no share means anything. */
function Observed({ share }: { readonly share: number | null }): JSX.Element {
  if (share === null) {
    return (
      <Marked tone="warn" glyph="?">
        Nothing is known of the origin of lines in this period.
      </Marked>
    )
  }
  if (share >= 0.8) {
    return (
      <Marked tone="good" glyph="✓">
        The origin of <strong>{formatShare(share)}</strong> of the added lines was observed, signed and logged.
      </Marked>
    )
  }
  return (
    <Marked tone="warn" glyph="!">
      The origin of only <strong>{formatShare(share)}</strong> of the added lines was observed; the rest is unknown.{' '}
      <code>stemma doctor</code> on the machines concerned says why.
    </Marked>
  )
}

function Policies({ policies }: Pick<Overview, 'policies'>): JSX.Element {
  const violated = policies.filter(({ fail }) => fail > 0)
  const doubtful = policies.filter(({ error }) => error > 0)
  const link = <a href="#policies">See policies</a>
  if (policies.length === 0) {
    return (
      <Marked tone="warn" glyph="?">
        No policy was evaluated. Put some in force with <code>stemma apply -f contracts/</code>.
      </Marked>
    )
  }
  if (violated.length > 0) {
    return (
      <Marked tone="bad" glyph="✗">
        <strong>{formatNumberOf(violated.length, 'rule')} violated</strong>:{' '}
        {violated.map(({ policy, fail }) => `${policy} (${formatCount(fail)})`).join(', ')}. {link}
      </Marked>
    )
  }
  if (doubtful.length > 0) {
    return (
      <Marked tone="warn" glyph="?">
        No rule was violated; {formatNumberOf(doubtful.length, 'rule')} could not always tell. {link}
      </Marked>
    )
  }
  return (
    <Marked tone="good" glyph="✓">
      None of {formatNumberOf(policies.length, 'rule')} was violated. {link}
    </Marked>
  )
}

interface ReadinessProperties {
  readonly view: PostureView
  readonly query: { readonly scope: string; readonly from: string; readonly to: string }
}

function Readiness({ view, query }: ReadinessProperties): JSX.Element {
  const { satisfied, violated, 'not-evaluated': open } = view.counts
  const [tone, glyph] = violated > 0 ? ['bad', '✗'] : open > 0 ? ['warn', '?'] : ['good', '✓']
  return (
    <Marked tone={tone ?? 'quiet'} glyph={glyph ?? ''}>
      <a href={`/frameworks/ai-readiness?${new URLSearchParams(query)}`}>{view.framework.title}</a>:{' '}
      <strong>{formatCount(satisfied)}</strong> of {formatNumberOf(view.controls.length, 'control')} satisfied,{' '}
      {formatCount(violated)} violated, {formatCount(open)} not evaluated.
    </Marked>
  )
}
