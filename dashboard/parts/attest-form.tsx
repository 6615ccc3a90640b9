/** A form by which an administrator vouches for a control where policies cannot look. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PostureView } from '#core/api/frameworks.ts'
import { attest } from '../client.ts'
import { problemText } from './remote.tsx'

interface Properties {
  readonly control: PostureView['controls'][number]
  readonly view: PostureView
  readonly onAttested: () => void
}

export function AttestForm({ control, view, onAttested }: Properties): JSX.Element {
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const send = (event: Event): void => {
    event.preventDefault()
    const expiresAt = `${until}T00:00:00Z`
    const body = { framework: view.framework.id, control: control.id, scope: view.scope, reason, expiresAt }
    attest(body).then(onAttested, (refused: unknown) => setProblem(problemText(refused)))
  }
  return (
    <details>
      <summary>Attest to {control.id}</summary>
      <form class="fields" onSubmit={send}>
        <p>“{control.attestable}”</p>
        <p class="quiet">For {view.scope.replace(':', ' ')}. It is signed with your name and put into the log.</p>
        <label>
          How do you know?
          <input required minLength={10} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <label>
          Until
          <input type="date" required value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
        </label>
        <button type="submit">Attest</button>
        {problem === null ? null : (
          <p class="bad" role="alert">
            ✗ {problem}
          </p>
        )}
      </form>
    </details>
  )
}
