/** Every session that arrived, by when it began, newest first; each filter is part of the address. */
import type { JSX } from 'preact'
import type { SessionPage as Page, SessionRow } from '#core/api/sessions.ts'
import { aiShare, formatCost, formatCount, formatDuration, formatShare } from '#core/report/format.ts'
import { totalTokens } from '#core/session/total-tokens.ts'
import { readSessions } from '../client.ts'
import { notRecorded } from '../parts/facts.tsx'
import { Filters, queryOf } from '../parts/filters.tsx'
import { usePages } from '../parts/pages.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'
import { type Place, withQuery } from '../router.ts'

const filters = ['repository', 'agent', 'person', 'model', 'from', 'to'] as const

const columns = [
  ...['Started', 'Person', 'Agent and model', 'Repository', 'Policies'],
  ...[{ end: 'AI lines' }, { end: 'Tokens' }, { end: 'Cost' }, { end: 'Time' }],
]

export function SessionsPage({ place }: { readonly place: Place }): JSX.Element {
  const query = queryOf(place, filters)
  const key = JSON.stringify(query)
  const remote = useRemote(`sessions ${key}`, () => readSessions({ ...query, limit: 50 }))
  const first = remote.state === 'there' ? remote.value.items[0] : undefined
  return (
    <>
      <header class="page-head">
        <h1>Sessions</h1>
        <p>Every run of a coding agent that was sent as evidence, the newest first. Times are UTC.</p>
      </header>
      <Filters query={query} words={{ person: first?.person.name }} />
      <Await remote={remote}>{(page) => <SessionTable key={key} first={page} query={query} />}</Await>
    </>
  )
}

interface TableProperties {
  readonly first: Page
  readonly query: Readonly<Record<string, string | null>>
}

function SessionTable({ first, query }: TableProperties): JSX.Element {
  const { items, more } = usePages<SessionRow>(first, (cursor) => readSessions({ ...query, limit: 50, cursor }))
  if (items.length === 0) {
    const isNarrowed = Object.values(query).some((value) => value)
    return (
      <p class="notice">
        {isNarrowed ? (
          <>
            No session matches. <a href="/sessions">Show all</a>.
          </>
        ) : (
          <>
            No session has arrived yet. <code>stemma status</code> in a repository says what waits there;{' '}
            <a href="/">the overview</a> says how to begin.
          </>
        )}
      </p>
    )
  }
  return (
    <>
      <Table label="Sessions" columns={columns}>
        {items.map((row) => (
          <SessionLine key={row.id} row={row} />
        ))}
      </Table>
      {more}
    </>
  )
}

function SessionLine({ row }: { readonly row: SessionRow }): JSX.Element {
  const tokens = row.usage === null ? null : totalTokens(row.usage)
  const { lines } = row
  const share = lines === null ? null : aiShare(lines)
  return (
    <tr>
      <td>
        <a class="whole" href={`/sessions/${encodeURIComponent(row.id)}`}>
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
  if (fail > 0) return <span class="bad whole">✗ {fail} violated</span>
  if (error > 0) return <span class="warn whole">? {error} cannot tell</span>
  if (pass > 0) return <span class="good whole">✓ passed</span>
  return <span class="quiet">not evaluated</span>
}
