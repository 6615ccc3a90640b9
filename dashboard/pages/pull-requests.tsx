/** Pull requests that the platform has seen. */
import type { JSX } from 'preact'
import { formatCount } from '#core/report/format.ts'
import { readPullRequests } from '../client.ts'
import { ConclusionMark } from '../parts/conclusion-mark.tsx'
import { Filters } from '../parts/filters.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'
import type { Place } from '../router.ts'

const columns = ['Pull request', 'State', 'Check', { end: 'Sessions' }, 'Updated']

export function PullRequestsPage({ place }: { readonly place: Place }): JSX.Element {
  const repository = place.query.get('repository')
  const remote = useRemote(`pull-requests ${repository}`, () => readPullRequests({ repository, limit: 100 }))
  return (
    <>
      <header class="page-head">
        <h1>Pull requests</h1>
        <p>Those that the platform was told of, the last changed first, with the check that it wrote on them.</p>
      </header>
      <Filters query={{ repository }} />
      <Await remote={remote}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="notice">
              No pull request has been seen yet. <a href="/setup/github">Set up the GitHub App</a>, then open one.
            </p>
          ) : (
            <Table label="Pull requests" columns={columns}>
              {items.map((row) => (
                <tr key={`${row.repository}#${row.number}`}>
                  <td>
                    <a href={`/pull-requests/${row.repository}/${row.number}`}>{row.title || 'untitled'}</a>{' '}
                    <span class="quiet">
                      {row.repository}#{row.number}
                    </span>
                  </td>
                  <td>{row.state}</td>
                  <td>
                    <ConclusionMark conclusion={row.conclusion} />
                  </td>
                  <td class="end">{formatCount(row.sessions)}</td>
                  <td>
                    <Time at={row.updatedAt} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Await>
    </>
  )
}
