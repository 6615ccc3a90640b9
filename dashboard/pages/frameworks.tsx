/** Frameworks that the organisation can be held to: ours, and its own. */
import type { JSX } from 'preact'
import { formatCount } from '#core/report/format.ts'
import { readFrameworks } from '../client.ts'
import { Await, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'

const columns = ['Framework', 'Edition', 'Publisher', { end: 'Controls' }]

export function FrameworksPage(): JSX.Element {
  const remote = useRemote('frameworks', readFrameworks)
  return (
    <>
      <header class="page-head">
        <h1>Frameworks</h1>
        <p>How far the evidence of coding sessions shows what a framework asks for. It is no certificate.</p>
      </header>
      <Await remote={remote}>
        {({ items }) => (
          <Table label="Frameworks" columns={columns}>
            {items.map(({ id, title, version, publisher, url, about, isOwn, controls }) => (
              <tr key={id}>
                <td>
                  <a href={`/frameworks/${id}`}>{title}</a> {isOwn ? <span class="tag">yours</span> : null}
                  <p class="quiet">{about}</p>
                </td>
                <td>{version}</td>
                <td>{url === null ? publisher : <a href={url}>{publisher}</a>}</td>
                <td class="end">{formatCount(controls)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Await>
      <p class="quiet">
        Write one of your own as <code>kind: Framework</code> and put it in force with <code>stemma apply -f FILE</code>
        .
      </p>
    </>
  )
}
