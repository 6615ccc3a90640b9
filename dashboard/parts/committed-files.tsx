/** Files of the session's commits with the lines that each origin added. */
import type { JSX } from 'preact'
import type { CommitAttribution, LineRange } from '#core/attribution/attribution.ts'
import { formatCount } from '#core/report/format.ts'
import { Table } from './table.tsx'

const columns = ['File', { end: 'AI' }, { end: 'Mixed' }, { end: 'Human' }, { end: 'Unknown' }, 'Lines by this session']

interface Properties {
  readonly attribution: readonly CommitAttribution[]
  readonly session: string
}

export function CommittedFiles({ attribution, session }: Properties): JSX.Element {
  if (attribution.length === 0) return <p class="empty">No commit of this session has been pushed.</p>
  return (
    <>
      {attribution.map(({ commit, subject, files }) => (
        <details open={attribution.length < 4} key={commit}>
          <summary>
            <code>{commit.slice(0, 7)}</code> {subject}
          </summary>
          <Table label={`Files of ${commit.slice(0, 7)}`} columns={columns}>
            {files.map(({ path, status, binary, added, ranges }) => (
              <tr key={path}>
                <td>
                  <code>{path}</code> <span class="quiet">{binary ? 'binary' : status}</span>
                </td>
                <td class="end">{formatCount(added.ai)}</td>
                <td class="end">{formatCount(added.mixed)}</td>
                <td class="end">{formatCount(added.human)}</td>
                <td class="end">{formatCount(added.unknown)}</td>
                <td>{rangesOf(ranges, session) || <span class="quiet">none</span>}</td>
              </tr>
            ))}
          </Table>
        </details>
      ))}
    </>
  )
}

/** Enough to find the place; the evidence has all of them. */
const MOST_RANGES = 12

function rangesOf(ranges: readonly LineRange[], session: string): string {
  const own = ranges.filter((range) => range.session === session)
  const shown = own.slice(0, MOST_RANGES).map(({ start, end }) => (start === end ? `${start}` : `${start}–${end}`))
  return own.length > MOST_RANGES ? `${shown.join(', ')} and ${own.length - MOST_RANGES} more` : shown.join(', ')
}
