/** The events of a session in order, a page at a time. Everything in it is hostile text and shown as text only. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Event, EventKind } from '#core/session/event.ts'
import { readEvents } from '../client.ts'
import { type Page, usePages } from './pages.tsx'
import { Await, useRemote } from './remote.tsx'
import { Time } from './time.tsx'

const groups = {
  talk: { title: 'Talk', kinds: ['prompt', 'message', 'reasoning'] },
  tools: { title: 'Tools', kinds: ['toolCall', 'toolResult', 'commit', 'subagent'] },
  control: { title: 'Denials and interruptions', kinds: ['denial', 'interruption', 'compaction'] },
  rest: { title: 'Context and rest', kinds: ['context', 'usage', 'unrecognised'] },
} as const satisfies Record<string, { title: string; kinds: readonly EventKind[] }>
type Group = keyof typeof groups

export function Timeline({ session }: { readonly session: string }): JSX.Element {
  const remote = useRemote(`events ${session}`, () => readEvents(session, null))
  return <Await remote={remote}>{(page) => <Events session={session} first={page} />}</Await>
}

interface EventsProperties {
  readonly session: string
  readonly first: Page<Event>
}

function Events({ session, first }: EventsProperties): JSX.Element {
  const { items: events, more } = usePages(first, (cursor) => readEvents(session, cursor))
  const [shown, show] = useState<ReadonlySet<Group>>(new Set<Group>(['talk', 'tools', 'control']))
  const kinds = new Set<EventKind>([...shown].flatMap((group) => [...groups[group].kinds]))
  const visible = events.filter(({ kind }) => kinds.has(kind))

  // An address that points at an event has to wait for the event to be there.
  useEffect(() => {
    if (location.hash.startsWith('#event-'))
      document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: 'center' })
  }, [events.length])

  return (
    <>
      <fieldset class="choices">
        <legend class="unseen">Shown events</legend>
        {(Object.keys(groups) as Group[]).map((group) => (
          <label>
            <input
              type="checkbox"
              checked={shown.has(group)}
              onChange={() => {
                const chosen = new Set(shown)
                if (!chosen.delete(group)) chosen.add(group)
                show(chosen)
              }}
            />{' '}
            {groups[group].title}
          </label>
        ))}
      </fieldset>
      <ol class="timeline">
        {visible.map((event) => (
          <li id={`event-${encodeURIComponent(event.id)}`} class={`event event-${event.kind}`} key={event.id}>
            <span class="when">
              {event.at === null ? '' : <Time at={event.at} only="clock" />}
              {event.thread === 'main' ? null : <span class="tag">{event.thread}</span>}
            </span>
            <EventBody event={event} />
          </li>
        ))}
      </ol>
      {more}
    </>
  )
}

function EventBody({ event }: { readonly event: Event }): JSX.Element {
  switch (event.kind) {
    case 'prompt':
      return <Text label="Person" text={event.text} />
    case 'message':
      return <Text label="Agent" text={event.text} />
    case 'reasoning':
      return <Text label="Reasoning" text={event.text} folded />
    case 'context':
      return <Text label={`Context: ${event.source}`} text={event.text} folded />
    case 'toolCall':
      return (
        <div>
          <p>
            <strong>{event.tool}</strong>{' '}
            {event.command === null ? event.paths.map((path) => <code key={path}>{path}</code>) : null}
          </p>
          {event.command === null ? null : (
            <pre>
              <code>{event.command}</code>
            </pre>
          )}
        </div>
      )
    case 'toolResult':
      return (
        <div>
          <p>
            <span class={event.outcome === 'ok' ? 'good' : event.outcome === 'unknown' ? 'quiet' : 'bad'}>
              {outcomes[event.outcome]}
            </span>
            {event.exitCode === null ? null : <span class="quiet"> exit code {event.exitCode}</span>}
            {event.edits.map(({ path, kind, hunks }) => (
              <span key={path}>
                {' '}
                <code>{path}</code>{' '}
                <span class="quiet">
                  {kind}, +{linesOf(hunks, '+')} −{linesOf(hunks, '-')}
                </span>
              </span>
            ))}
          </p>
          {event.output === '' ? null : <Text label="Output" text={event.output} folded />}
        </div>
      )
    case 'usage':
      return (
        <p class="quiet">
          {event.model}: {event.usage.output} tokens out, {event.usage.uncachedInput} in, {event.usage.cacheRead} from
          cache
        </p>
      )
    case 'denial':
      return (
        <p>
          <span class="warn">! denied by {event.by}</span> {event.reason}
        </p>
      )
    case 'interruption':
      return (
        <p>
          <span class="warn">! interrupted</span> {event.text}
        </p>
      )
    case 'compaction':
      return <p class="quiet">Context compacted ({event.trigger})</p>
    case 'subagent':
      return (
        <p>
          Subagent <strong>{event.type || event.agentId}</strong> <span class="quiet">{event.description}</span>
        </p>
      )
    case 'commit':
      return (
        <p>
          Commit <code>{event.commit.slice(0, 12)}</code>
        </p>
      )
    case 'unrecognised':
      return <p class="quiet">A record of kind “{event.type}” that this version does not know; kept in the evidence.</p>
  }
}

const outcomes = {
  ok: '✓ done',
  failed: '✗ failed',
  denied: '! denied',
  interrupted: '! interrupted',
  unknown: 'outcome not recorded',
} as const

function linesOf(hunks: readonly { readonly lines: readonly string[] }[], sign: string): number {
  return hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.startsWith(sign)).length, 0)
}

/** Longer texts fold, so that one output does not push everything else out of sight. */
const FOLD_LENGTH = 600

function Text({
  label,
  text,
  folded,
}: {
  readonly label: string
  readonly text: string
  readonly folded?: boolean
}): JSX.Element {
  if (!folded && text.length <= FOLD_LENGTH) {
    return (
      <div>
        <p class="label">{label}</p>
        <p class="text">{text}</p>
      </div>
    )
  }
  const summary = text.slice(0, 140).split('\n')[0]
  return (
    <details>
      <summary>
        <span class="label">{label}</span> <span class="quiet">{summary}</span>
      </summary>
      <pre>
        <code>{text}</code>
      </pre>
    </details>
  )
}
