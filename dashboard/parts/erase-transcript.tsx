/** A button that erases a session's transcript, and asks before it does. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { eraseTranscript } from '../client.ts'
import { problemText } from './remote.tsx'

interface Properties {
  readonly session: string
  readonly onErased: () => void
}

type State = 'idle' | 'asking' | 'erasing'

export function EraseTranscript({ session, onErased }: Properties): JSX.Element {
  const [state, setState] = useState<State>('idle')
  const [problem, setProblem] = useState<string | null>(null)
  const erase = async (): Promise<void> => {
    setState('erasing')
    try {
      await eraseTranscript(session)
      onErased()
    } catch (refused) {
      setProblem(problemText(refused))
      setState('idle')
    }
  }
  return (
    <div class="erase">
      {problem === null ? null : (
        <p class="notice notice-bad" role="alert">
          ✗ {problem}
        </p>
      )}
      {state === 'idle' ? (
        <button type="button" onClick={() => setState('asking')}>
          Erase the transcript …
        </button>
      ) : (
        <fieldset class="notice notice-warn" disabled={state === 'erasing'}>
          <legend class="unseen">Erase the transcript</legend>
          <p>The transcript is gone for good. Evidence, figures and verdicts stay, and their signatures still hold.</p>
          <button type="button" onClick={() => void erase()}>
            {state === 'erasing' ? 'Erasing …' : 'Erase it'}
          </button>{' '}
          <button type="button" onClick={() => setState('idle')}>
            Keep it
          </button>
        </fieldset>
      )}
    </div>
  )
}
