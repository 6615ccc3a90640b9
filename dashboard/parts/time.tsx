/** Times for people: short here, complete on hover and for machines. All of them UTC. */
import type { JSX } from 'preact'

const short = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
  timeZone: 'UTC',
})
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
  timeZone: 'UTC',
})

interface Properties {
  readonly at: string | null
  readonly only?: 'clock'
}

export function Time({ at, only }: Properties): JSX.Element {
  if (at === null) return <span class="quiet">not recorded</span>
  const date = new Date(at)
  return (
    <time dateTime={at} title={`${at} (UTC)`}>
      {(only === 'clock' ? clock : short).format(date)}
    </time>
  )
}
