/** Verdicts of one session: what was found, what proves it, what to do. */
import type { JSX } from 'preact'
import type { Citation, Verdict } from '#core/policy/policy.ts'
import { Prose } from './prose.tsx'

export const verdictLooks = {
  fail: { glyph: '✗', word: 'violated', tone: 'bad' },
  error: { glyph: '?', word: 'cannot tell', tone: 'warn' },
  waived: { glyph: '◇', word: 'waived', tone: 'quiet' },
  pass: { glyph: '✓', word: 'passed', tone: 'good' },
  skipped: { glyph: '–', word: 'does not apply', tone: 'quiet' },
} as const

const order = ['fail', 'error', 'waived', 'pass', 'skipped'] as const

interface Properties {
  readonly verdicts: readonly Verdict[]
  /** Address of the page that shows the events; '' on that page itself. */
  readonly events: string
}

export function VerdictList({ verdicts, events }: Properties): JSX.Element {
  if (verdicts.length === 0)
    return <p class="empty">No policy has been evaluated yet; the platform does so within seconds.</p>
  const sorted = [...verdicts].sort((left, right) => order.indexOf(left.result) - order.indexOf(right.result))
  return (
    <ul class="verdicts">
      {sorted.map((verdict) => {
        const { glyph, word, tone } = verdictLooks[verdict.result]
        return (
          <li>
            <p>
              <span class={tone}>
                {glyph} {word}
              </span>{' '}
              <strong>{verdict.policy}</strong>
              {verdict.gate ? <span class="tag">gate</span> : null}
              {verdict.reason && verdict.doubts.length === 0 ? <span class="quiet"> {verdict.reason}</span> : null}
            </p>
            {verdict.findings.map((finding) => (
              <div class="finding">
                <p>
                  <Prose text={finding.message} />
                </p>
                <p class="quiet">
                  Fix: <Prose text={finding.fix} /> <Citations citations={finding.citations} events={events} />
                </p>
              </div>
            ))}
            {verdict.doubts.map((doubt) => (
              <div class="finding">
                <p>
                  <Prose text={doubt.message} />
                </p>
                <p class="quiet">
                  <Citations citations={doubt.citations} events={events} />
                </p>
              </div>
            ))}
          </li>
        )
      })}
    </ul>
  )
}

function Citations({
  citations,
  events,
}: {
  readonly citations: readonly Citation[]
  readonly events: string
}): JSX.Element {
  return (
    <>
      {citations.map(({ event, file, start, end }, index) =>
        event === null ? (
          <code class="citation">
            {file}
            {start === null ? '' : `:${start}${end !== null && end !== start ? `–${end}` : ''}`}
          </code>
        ) : (
          <a class="citation" href={`${events}#event-${encodeURIComponent(event)}`}>
            {citations.length > 1 ? `event ${index + 1}` : 'see the event'}
          </a>
        ),
      )}
    </>
  )
}
