/** Who vouched for which control, why, until when, and where the log says so; those that ended stay listed. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AttestationView } from '#core/api/frameworks.ts'
import { readAttestations, revokeAttestation } from '../client.ts'
import { Await, problemText, useRemote } from './remote.tsx'
import { Table } from './table.tsx'
import { Time } from './time.tsx'

interface Properties {
  readonly framework: string
  /** Rises with every change, so that the list is read again. */
  readonly turn: number
  readonly isAdministrator: boolean
  readonly onChanged: () => void
}

const columns = ['Control', 'State', 'Scope', 'How it is known', 'By', 'Since', 'Until', 'In the log']

export function Attestations({ framework, turn, isAdministrator, onChanged }: Properties): JSX.Element {
  const remote = useRemote(`attestations ${framework} ${turn}`, () => readAttestations({ framework, limit: 100 }))
  return (
    <section>
      <h2>Attestations</h2>
      <Await remote={remote}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="empty">
              Nobody has vouched for a control. Where policies cannot look, an administrator can: “Attest” stands beside
              the control.
            </p>
          ) : (
            <Table label="Attestations" columns={columns}>
              {items.map((attestation) => (
                <Line key={attestation.id} {...{ attestation, isAdministrator, onChanged }} />
              ))}
            </Table>
          )
        }
      </Await>
    </section>
  )
}

interface LineProperties extends Pick<Properties, 'isAdministrator' | 'onChanged'> {
  readonly attestation: AttestationView
}

function Line({ attestation, isAdministrator, onChanged }: LineProperties): JSX.Element {
  const { id, control, scope, reason, by, createdAt, expiresAt, revokedAt, revokedBy, logIndex } = attestation
  const [problem, setProblem] = useState<string | null>(null)
  const isOver = revokedAt !== null || expiresAt <= new Date().toISOString()
  const revoke = (): void => {
    revokeAttestation(id).then(onChanged, (refused: unknown) => setProblem(problemText(refused)))
  }
  return (
    <tr>
      <td>
        <code class="whole">{control}</code>
      </td>
      <td>
        {revokedAt !== null ? (
          <span class="quiet">✗ revoked by {revokedBy?.name ?? 'somebody'}</span>
        ) : isOver ? (
          <span class="warn whole">! expired</span>
        ) : (
          <span class="good whole">✓ in force</span>
        )}
        {isAdministrator && !isOver ? (
          <p>
            <button type="button" onClick={revoke}>
              Revoke
            </button>
          </p>
        ) : null}
        {problem === null ? null : (
          <p class="bad" role="alert">
            ✗ {problem}
          </p>
        )}
      </td>
      <td>{scope.replace(':', ' ')}</td>
      <td>{reason}</td>
      <td>{by.name}</td>
      <td>
        <Time at={createdAt} />
      </td>
      <td>
        <Time at={expiresAt} />
      </td>
      <td>
        {logIndex == null ? (
          <span class="quiet">not logged</span>
        ) : (
          <a href={`/v1/attestations/${encodeURIComponent(id)}/statement`} title="The signed statement">
            leaf {logIndex}
          </a>
        )}
      </td>
    </tr>
  )
}
