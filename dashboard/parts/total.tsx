/** One large figure with its change against the previous period. */
import type { JSX } from 'preact'

interface Properties {
  readonly title: string
  readonly current: number | null
  readonly previous: number | null
  readonly format: (value: number) => string
  /** Whether a rise is good, bad or neither: cost that rises is not green. */
  readonly rise: 'good' | 'bad' | 'neither'
  readonly note?: string
}

/** Below this relative change nothing has happened worth a colour. */
const NOTEWORTHY = 0.05

export function Total({ title, current, previous, format, rise, note }: Properties): JSX.Element {
  return (
    <div class="total">
      <dt>{title}</dt>
      <dd>
        <span class="figure">{current === null ? <span class="quiet">not recorded</span> : format(current)}</span>
        <Change current={current} previous={previous} format={format} rise={rise} />
        {note ? <span class="quiet note">{note}</span> : null}
      </dd>
    </div>
  )
}

function Change({ current, previous, format, rise }: Omit<Properties, 'title' | 'note'>): JSX.Element {
  if (current === null || previous === null) return <span class="change quiet">no earlier figure</span>
  const before = `was ${format(previous)}`
  const change = previous === 0 ? (current === 0 ? 0 : Number.POSITIVE_INFINITY) : (current - previous) / previous
  if (Math.abs(change) < NOTEWORTHY) {
    return <span class="change quiet">– unchanged, {before}</span>
  }
  const tone = rise === 'neither' ? 'quiet' : (rise === 'good') === change > 0 ? 'good' : 'bad'
  const amount = Number.isFinite(change) ? `${Math.abs(change * 100).toFixed(0)} %` : 'new'
  return (
    <span class={`change ${tone}`}>
      {change > 0 ? '▲' : '▼'} {amount}, {before}
    </span>
  )
}
