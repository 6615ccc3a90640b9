/** What earlier rules, contracts and evidence said of a session; read when somebody opens it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { readVerdictHistory } from '../client.ts'
import { Await, useRemote } from './remote.tsx'
import { Table } from './table.tsx'
import { verdictLooks } from './verdict-list.tsx'

export function VerdictHistory({ session }: { readonly session: string }): JSX.Element {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Earlier verdicts</summary>
      {isOpen ? <Earlier session={session} /> : null}
    </details>
  )
}

const columns = ['Policy', 'Verdict', { end: 'Findings' }, 'Rule', 'Contract', 'In force since']

function Earlier({ session }: { readonly session: string }): JSX.Element {
  const remote = useRemote(`history ${session}`, () => readVerdictHistory(session))
  return (
    <Await remote={remote}>
      {({ items, isCut }) => {
        const earlier = items.filter(({ isPresent }) => !isPresent)
        if (earlier.length === 0) {
          return <p class="empty">None: this session was judged once, by the contract that is in force.</p>
        }
        return (
          <>
            <Table label="Earlier verdicts" columns={columns}>
              {earlier.map(({ policy, result, findings, version, contractVersion, contractAt, evidenceId }) => (
                <tr key={`${evidenceId} ${policy} ${version} ${contractVersion}`}>
                  <td>{policy}</td>
                  <td class={verdictLooks[result].tone}>
                    {verdictLooks[result].glyph} {verdictLooks[result].word}
                  </td>
                  <td class="end">{findings}</td>
                  <td>version {version}</td>
                  <td>version {contractVersion}</td>
                  <td>{contractAt?.slice(0, 10) ?? 'the beginning'}</td>
                </tr>
              ))}
            </Table>
            {isCut ? (
              <p class="quiet">
                Older ones: <code>stemma policy history SESSION/POLICY</code>.
              </p>
            ) : null}
          </>
        )
      }}
    </Await>
  )
}
