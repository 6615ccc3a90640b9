/** Every session that arrived, newest first; each filter is part of the address. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SessionPage as Page, SessionRow } from '#core/api/sessions.ts'
import { aiShare, formatCost, formatCount, formatDuration, formatShare } from '#core/report/format.ts'
import { totalTokens } from '#core/session/total-tokens.ts'
import { readSessions } from '../client.ts'
import { Await, useRemote } from '../parts/remote.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { Time } from '../parts/time.tsx'
import { type Place, withQuery } from '../router.ts'

const filters = ['repository', 'agent', 'person', 'model', 'from', 'to'] as const

export function SessionsPage({ place }: { readonly place: Place }): JSX.Element {
  const query = Object.fromEntries(filters.map((name) => [name, place.query.get(name)]))
  const key = JSON.stringify(query)
  const remote = useRemote(`sessions ${key}`, () => readSessions({ ...query, limit: 50 }))
  const active = filters.filter((name) => query[name])
  return (
    <>
      <header class="page-head">
        <h1>Sessions</h1>
      </header>
      {active.map((name) => (
        <p class="filter" key={name}>
          {name}: <strong>{query[name]}</strong> <a href={withQuery({ [name]: null })}>✕ all</a>
        </p>
      ))}
      <Await remote={remote}>{(page) => <SessionTable key={key} first={page} query={query} />}</Await>
    </>
  )
}

interface TableProperties {
  readonly first: Page
  readonly query: Readonly<Record<string, string | null | undefined>>
}

function SessionTable({ first, query }: TableProperties): JSX.Element {
  const [more, setMore] = useState<{ readonly items: readonly SessionRow[]; readonly next: string | null } | null>(null)
  const items = [...first.items, ...(more?.items ?? [])]
  const next = more ? more.next : first.next
  if (items.length === 0) {
    return (
      <p class="notice">
        No session matches. <a href="/sessions">Show all</a>, or run <code>stemma status</code> in a repository to see
        what waits there.
      </p>
    )
  }
  return (
    <>
      <Scroll label="Sessions">
        <table>
          <thead>
            <tr>
              <th scope="col">Started</th>
              <th scope="col">Person</th>
              <th scope="col">Agent and model</th>
              <th scope="col">Repository</th>
              <th scope="col">Policies</th>
              <th scope="col" class="end">
                AI lines
              </th>
              <th scope="col" class="end">
                Tokens
              </th>
              <th scope="col" class="end">
                Cost
              </th>
              <th scope="col" class="end">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((row) => (
              <SessionLine key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {next ? (
        <p class="tools">
          <button
            type="button"
            onClick={() =>
              void readSessions({ ...query, limit: 50, cursor: next }).then((page) =>
                setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next }),
              )
            }
          >
            Show more
          </button>
        </p>
      ) : null}
    </>
  )
}

const notRecorded = <span class="quiet">not recorded</span>

function SessionLine({ row }: { readonly row: SessionRow }): JSX.Element {
  const tokens = row.usage === null ? null : totalTokens(row.usage)
  const { lines } = row
  const share = lines === null ? null : aiShare(lines)
  return (
    <tr>
      <td>
        <a href={`/sessions/${encodeURIComponent(row.id)}`}>
          <Time at={row.startedAt} />
        </a>
      </td>
      <td>
        <a href={withQuery({ person: row.person.id })}>{row.person.name}</a>
      </td>
      <td>
        {row.agent.id} <span class="quiet">{row.models.join(', ') || 'model not recorded'}</span>
      </td>
      <td>
        {row.repository ? (
          <a href={withQuery({ repository: row.repository })}>{row.repository}</a>
        ) : (
          <span class="quiet">no remote</span>
        )}
      </td>
      <td>
        <Verdicts row={row} />
      </td>
      <td class="end">
        {lines === null || share === null ? (
          notRecorded
        ) : (
          <>
            {formatCount(lines.ai)} <span class="quiet">{formatShare(share)}</span>
          </>
        )}
      </td>
      <td class="end">{tokens === null ? notRecorded : formatCount(tokens)}</td>
      <td class="end">{formatCost(row.cost)}</td>
      <td class="end">{row.durationSeconds === null ? notRecorded : formatDuration(row.durationSeconds)}</td>
    </tr>
  )
}

function Verdicts({ row }: { readonly row: SessionRow }): JSX.Element {
  const { fail, error, pass } = row.verdicts
  if (fail > 0) return <span class="bad">✗ {fail} violated</span>
  if (error > 0) return <span class="warn">? {error} cannot tell</span>
  if (pass > 0) return <span class="good">✓ passed</span>
  return <span class="quiet">not evaluated</span>
}
