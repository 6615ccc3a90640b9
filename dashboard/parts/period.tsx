/** The period of a page, kept in its address: presets, or two days of one's own. Days are UTC. */
import type { JSX } from 'preact'
import { go, type Place, withQuery } from '../router.ts'

const presets = [
  { days: 7, title: '7 days' },
  { days: 30, title: '30 days' },
  { days: 90, title: '90 days' },
] as const

const DAY = 86_400_000

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

export function periodOf(query: URLSearchParams): {
  readonly from: string
  readonly to: string
  readonly days: number | null
} {
  const isDay = (text: string | null): text is string => text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text)
  const from = query.get('from')
  const to = query.get('to')
  if (isDay(from) && isDay(to) && from <= to) return { from, to, days: null }
  const days = presets.find((preset) => String(preset.days) === query.get('days'))?.days ?? 30
  const today = Date.now()
  return { from: dayOf(today - (days - 1) * DAY), to: dayOf(today), days }
}

export function Period({ place }: { readonly place: Place }): JSX.Element {
  const { from, to, days } = periodOf(place.query)
  return (
    <nav class="period" aria-label="Period">
      {presets.map((preset) => (
        <a
          href={withQuery({ days: String(preset.days), from: null, to: null })}
          aria-current={preset.days === days ? 'true' : undefined}
        >
          {preset.title}
        </a>
      ))}
      <label>
        <span class="unseen">First day</span>
        <input
          type="date"
          value={from}
          max={to}
          onChange={(event) => go(withQuery({ from: event.currentTarget.value, to, days: null }))}
        />
      </label>
      –
      <label>
        <span class="unseen">Last day</span>
        <input
          type="date"
          value={to}
          min={from}
          onChange={(event) => go(withQuery({ from, to: event.currentTarget.value, days: null }))}
        />
      </label>
    </nav>
  )
}
