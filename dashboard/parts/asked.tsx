/** What a session was asked to do, each with a link to the events that show it. */
import type { JSX } from 'preact'
import { formatCount } from '#core/report/format.ts'
import type { Asked as AskedData } from '#core/session/session.ts'
import { Fact } from './facts.tsx'

export function Asked({ asked }: { readonly asked: AskedData | undefined }): JSX.Element {
  if (asked === undefined) return <p class="empty">Not recorded: the program that sent this did not look.</p>
  const { promptCount, prompts, tickets, documentCount, documents, skillCount, skills } = asked
  return (
    <>
      {prompts.map(({ event, text }) => (
        <blockquote>
          <p>
            {text} <Citations events={[event]} />
          </p>
        </blockquote>
      ))}
      {prompts.length < promptCount ? (
        <p class="quiet">
          {formatCount(promptCount)} prompts{prompts.length === 0 ? '; their words stayed on the machine.' : ' in all.'}
        </p>
      ) : null}
      <dl class="facts">
        <Fact title="Tickets">
          {tickets.length === 0
            ? 'none named'
            : tickets.map(({ key, url, events }) => (
                <span>
                  {isAddress(url) ? (
                    <a href={url} rel="noreferrer nofollow">
                      {key}
                    </a>
                  ) : (
                    key
                  )}
                  <Citations events={events} />{' '}
                </span>
              ))}
        </Fact>
        <Fact title="Documents read">
          <Names count={documentCount} items={documents} />
        </Fact>
        <Fact title="Skills used">
          <Names count={skillCount} items={skills} />
        </Fact>
      </dl>
    </>
  )
}

interface Item {
  readonly name: string
  readonly events: readonly string[]
}

function Names({ count, items }: { readonly count: number; readonly items: readonly Item[] }): JSX.Element {
  if (count === 0) return <>none seen</>
  return (
    <>
      {items.map(({ name, events }) => (
        <span>
          <code>{name}</code>
          <Citations events={events} />{' '}
        </span>
      ))}
      {items.length < count ? <span class="quiet">{formatCount(count)} in all</span> : null}
    </>
  )
}

function Citations({ events }: { readonly events: readonly string[] }): JSX.Element {
  return (
    <>
      {events.slice(0, 3).map((event, index) => (
        <a class="citation" href={`#event-${encodeURIComponent(event)}`}>
          {events.length > 1 ? `event ${index + 1}` : 'see the event'}
        </a>
      ))}
    </>
  )
}

/** Written by somebody: only what a browser opens as a page may be followed. */
function isAddress(url: string | null): url is string {
  return url !== null && /^https?:\/\//.test(url)
}
