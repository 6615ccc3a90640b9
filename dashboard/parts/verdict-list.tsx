/** Verdicts of one session: what was found, what proves it, what to do. */
import type { JSX } from 'preact'
import type { Citation, Verdict } from '#core/policy/policy.ts'
import { Prose } from './prose.tsx'

const looks = {
  fail: { glyph: '✗', word: 'violated', tone: 'bad' },
  error: { glyph: '?', word: 'cannot tell', tone: 'warn' },
  waived: { glyph: '◇', word: 'waived', tone: 'quiet' },
  pass: { glyph: '✓', word: 'passed', tone: 'good' },
  skipped: { glyph: '–', word: 'does not apply', tone: 'quiet' },
} as const

const order = ['fail', 'error', 'waived', 'pass', 'skipped'] as const

export function VerdictList({ verdicts }: { readonly verdicts: readonly Verdict[] }): JSX.Element {
  if (verdicts.length === 0)
    return <p class="empty">No policy has been evaluated yet; the platform does so within seconds.</p>
  const sorted = [...verdicts].sort((left, right) => order.indexOf(left.result) - order.indexOf(right.result))
  return (
    <ul class="verdicts">
      {sorted.map((verdict) => {
        const { glyph, word, tone } = looks[verdict.result]
        return (
          <li>
            <p>
              <span class={tone}>
                {glyph} {word}
              </span>{' '}
              <strong>{verdict.policy}</strong>
              {verdict.gate ? <span class="tag">gate</span> : null}
              {verdict.reason ? <span class="quiet"> {verdict.reason}</span> : null}
            </p>
            {verdict.findings.map((finding) => (
              <div class="finding">
                <p>
                  <Prose text={finding.message} />
                </p>
                <p class="quiet">
                  Fix: {finding.fix} <Citations citations={finding.citations} />
                </p>
              </div>
            ))}
            {verdict.doubts.map((doubt) => (
              <div class="finding">
                <p>
                  <Prose text={doubt.message} />
                </p>
                <p class="quiet">
                  <Citations citations={doubt.citations} />
                </p>
              </div>
            ))}
          </li>
        )
      })}
    </ul>
  )
}

function Citations({ citations }: { readonly citations: readonly Citation[] }): JSX.Element {
  return (
    <>
      {citations.map(({ event, file, start, end }, index) =>
        event === null ? (
          <code>
            {file}
            {start === null ? '' : `:${start}${end !== null && end !== start ? `–${end}` : ''}`}
          </code>
        ) : (
          <a class="citation" href={`#event-${encodeURIComponent(event)}`}>
            {citations.length > 1 ? `event ${index + 1}` : 'see the event'}
          </a>
        ),
      )}
    </>
  )
}
