/** Times for people: short here, complete on hover and for machines. All of them UTC. */
import type { JSX } from 'preact'
import { notRecorded } from './facts.tsx'

const short = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
  timeZone: 'UTC',
})
const dated = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hour12: false, timeZone: 'UTC' })
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
  if (at === null) return notRecorded
  const date = new Date(at)
  return (
    <time dateTime={at} title={`${at} (UTC)`}>
      {(only === 'clock' ? clock : isThisYear(date) ? short : dated).format(date)}
    </time>
  )
}

function isThisYear(date: Date): boolean {
  return date.getUTCFullYear() === new Date().getUTCFullYear()
}
