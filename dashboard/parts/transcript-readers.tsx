/** How many people read a session's transcript, and who, where the viewer may know. */
import type { JSX } from 'preact'
import { readTranscriptReads } from '../client.ts'
import { useRemote } from './remote.tsx'
import { Time } from './time.tsx'

interface Properties {
  readonly session: string
  readonly readers: number
}

export function TranscriptReaders({ session, readers }: Properties): JSX.Element {
  const words =
    readers === 0
      ? 'The transcript was read by nobody here.'
      : `Read by ${readers} ${readers === 1 ? 'person' : 'people'}.`
  return (
    <div>
      <p class="quiet">{words} What the platform evaluates by itself is no reading.</p>
      {readers === 0 ? null : <Readings session={session} />}
    </div>
  )
}

/** Empty for those whom the readings do not concern. */
function Readings({ session }: { readonly session: string }): JSX.Element | null {
  const remote = useRemote(`reads ${session}`, () => readTranscriptReads({ session, limit: 20 }))
  if (remote.state !== 'there' || remote.value.items.length === 0) return null
  return (
    <details>
      <summary>Who read it</summary>
      <ul>
        {remote.value.items.map(({ person, credential, readAt }) => (
          <li>
            {person.name}, <Time at={readAt} /> <span class="quiet">({credential})</span>
          </li>
        ))}
      </ul>
      {remote.value.next === null ? null : <p class="quiet">Older readings: GET /v1/transcript-reads</p>}
    </details>
  )
}
