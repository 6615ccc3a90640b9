/** Pull requests that the platform has seen. */
import type { JSX } from 'preact'
import { formatCount } from '#core/report/format.ts'
import { readPullRequests } from '../client.ts'
import { ConclusionMark } from '../parts/conclusion-mark.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { Time } from '../parts/time.tsx'
import { type Place, withQuery } from '../router.ts'

export function PullRequestsPage({ place }: { readonly place: Place }): JSX.Element {
  const repository = place.query.get('repository')
  const remote = useRemote(`pull-requests ${repository}`, () => readPullRequests({ repository, limit: 100 }))
  return (
    <>
      <header class="page-head">
        <h1>Pull requests</h1>
      </header>
      {repository ? (
        <p class="filter">
          repository: <strong>{repository}</strong> <a href={withQuery({ repository: null })}>✕ all</a>
        </p>
      ) : null}
      <Await remote={remote}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="notice">
              No pull request has been seen yet. <a href="/setup/github">Set up the GitHub App</a>, then open one.
            </p>
          ) : (
            <Scroll label="Pull requests">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Pull request</th>
                    <th scope="col">State</th>
                    <th scope="col">Check</th>
                    <th scope="col" class="end">
                      Sessions
                    </th>
                    <th scope="col">Updated</th>
                  </tr>
                </thead>
                <tbody>
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
                </tbody>
              </table>
            </Scroll>
          )
        }
      </Await>
    </>
  )
}
