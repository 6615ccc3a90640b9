/** Controls of one group: their state, why, how much was decided, and what stands behind it. */
import type { JSX } from 'preact'
import type { PostureView } from '#core/api/frameworks.ts'
import { formatCount, shortSession } from '#core/report/format.ts'
import { AttestForm } from './attest-form.tsx'
import { Table } from './table.tsx'

type Control = PostureView['controls'][number]

interface Properties {
  readonly group: string
  readonly controls: readonly Control[]
  readonly view: PostureView
  readonly isAdministrator: boolean
  readonly onChanged: () => void
}

const columns = ['Control', 'State', 'Why', 'Decided', 'Evidence']

export function Controls({ group, controls, view, isAdministrator, onChanged }: Properties): JSX.Element {
  return (
    <Table label={group} columns={columns} isAligned>
      {controls.map((control) => (
        <tr key={control.id}>
          <td>
            <code class="whole">{control.id}</code> {control.title}
            <p class="quiet">{control.about}</p>
          </td>
          <td>
            <State control={control} />
          </td>
          <td>
            {control.why}
            {control.attestation === null ? null : <Vouched attestation={control.attestation} />}
            {isAdministrator && control.attestable !== null && control.state === 'not-evaluated' ? (
              <AttestForm {...{ control, view }} onAttested={onChanged} />
            ) : null}
          </td>
          <td data-label="Decided">
            {control.coverage === null ? (
              <span class="quiet">nothing</span>
            ) : (
              `${formatCount(control.coverage.decided)} of ${formatCount(control.coverage.total)}`
            )}
          </td>
          <td>
            <Evidence evidence={control.evidence} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

const marks = { satisfied: 'good', violated: 'bad', 'not-evaluated': 'quiet' } as const
const words = { satisfied: '✓ satisfied', violated: '✗ violated', 'not-evaluated': '○ not evaluated' } as const

function State({ control: { state, before } }: { readonly control: Control }): JSX.Element {
  return (
    <>
      <span class={`${marks[state]} whole`}>{words[state]}</span>
      {before === null || before === state ? null : <p class="quiet">was {before.replace('-', ' ')}</p>}
    </>
  )
}

function Vouched({ attestation }: { readonly attestation: NonNullable<Control['attestation']> }): JSX.Element {
  const { id, madeAt, expiresAt, logIndex } = attestation
  return (
    <p class="quiet">
      Since {madeAt.slice(0, 10)}, until {expiresAt.slice(0, 10)},{' '}
      {logIndex == null ? (
        'not logged yet'
      ) : (
        <a href={`/v1/attestations/${encodeURIComponent(id)}/statement?decision=made`} title="The signed statement">
          leaf {logIndex}
        </a>
      )}
      .
    </p>
  )
}

const MOST_SHOWN = 3

function Evidence({ evidence }: { readonly evidence: Control['evidence'] }): JSX.Element {
  const rest = evidence.length - MOST_SHOWN
  return (
    <>
      {evidence.slice(0, MOST_SHOWN).map((one) => (
        <div key={`${one.evidenceId} ${one.session} ${one.pullRequests.join()}`}>
          <Proof {...one} />
        </div>
      ))}
      {rest > 0 ? <span class="quiet">and {rest} more</span> : null}
    </>
  )
}

function Proof({ evidenceId, session, repository, pullRequests }: Control['evidence'][number]): JSX.Element {
  const pulls = pullRequests.map((number) => (
    <a key={number} href={`/pull-requests/${repository}/${number}`}>
      {session === null ? `${repository}#${number}` : `#${number}`}
    </a>
  ))
  if (session !== null) {
    return (
      <>
        <a href={`/sessions/${encodeURIComponent(session)}`} title={session}>
          {shortSession(session)}
        </a>{' '}
        {pulls}
      </>
    )
  }
  return (
    <>
      {pulls}{' '}
      {evidenceId === null ? null : (
        <a href={`/v1/conclusions/${evidenceId}`} title="The signed conclusion">
          signed
        </a>
      )}
    </>
  )
}
