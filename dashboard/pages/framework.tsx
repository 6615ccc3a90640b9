/** Posture of one framework: controls by group, what held, what did not, what nobody could tell and why. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PostureView } from '#core/api/frameworks.ts'
import { type ApiProblem, attest, readFrameworks, readPosture } from '../client.ts'
import { Await, useRemote } from '../parts/remote.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { Total } from '../parts/total.tsx'
import { go, type Place, withQuery } from '../router.ts'

type Control = PostureView['controls'][number]

interface Properties {
  readonly id: string
  readonly place: Place
  readonly isAdministrator: boolean
}

export function FrameworkPage({ id, place, isAdministrator }: Properties): JSX.Element {
  const [attested, setAttested] = useState(0)
  const scope = place.query.get('scope') ?? 'organisation'
  const query = { scope, from: place.query.get('from'), to: place.query.get('to') }
  const remote = useRemote(`posture ${id} ${JSON.stringify(query)} ${attested}`, () => readPosture(id, query))
  const known = useRemote('frameworks', readFrameworks)
  const scopes = known.state === 'there' ? known.value.scopes : ['organisation']
  return (
    <Await remote={remote}>
      {(view) => (
        <>
          <header class="page-head">
            <p class="quiet">
              <a href="/frameworks">Frameworks</a>
            </p>
            <h1>{view.framework.title}</h1>
            <p>
              {view.framework.version}. {view.framework.about}
            </p>
          </header>
          <p>
            <label>
              Scope{' '}
              <select value={scope} onChange={(event) => go(withQuery({ scope: event.currentTarget.value }))}>
                {[...new Set([...scopes, scope])].map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
              </select>
            </label>{' '}
            <span class="quiet">
              {view.from} to {view.to}
            </span>
          </p>
          <Counts view={view} />
          {view.counts.satisfied + view.counts.violated === 0 ? (
            <p class="notice">
              Nothing has been evaluated yet. Put policies in force with <code>stemma apply -f contracts/</code>; the
              next <code>git push</code> brings evidence.
            </p>
          ) : null}
          {[...new Set(view.controls.map(({ group }) => group))].map((group) => (
            <section key={group}>
              <h2>{group}</h2>
              <Controls
                controls={view.controls.filter((control) => control.group === group)}
                {...{ view, isAdministrator }}
                onAttested={() => setAttested(attested + 1)}
              />
            </section>
          ))}
          <p>
            Export:{' '}
            {(['json', 'csv', 'md', 'oscal'] as const).map((format) => (
              <>
                <a
                  download
                  href={`/v1/frameworks/${id}/posture/export?format=${format}&scope=${encodeURIComponent(scope)}&from=${view.from}&to=${view.to}`}
                >
                  {format.toUpperCase()}
                </a>{' '}
              </>
            ))}
          </p>
        </>
      )}
    </Await>
  )
}

function Counts({ view: { counts, previous } }: { readonly view: PostureView }): JSX.Element {
  const states = [
    { state: 'satisfied', title: 'Satisfied', rise: 'good' },
    { state: 'violated', title: 'Violated', rise: 'bad' },
    { state: 'not-evaluated', title: 'Not evaluated', rise: 'neither' },
  ] as const
  return (
    <dl class="totals">
      {states.map(({ state, title, rise }) => (
        <Total
          key={state}
          current={counts[state]}
          previous={previous.counts[state]}
          format={String}
          {...{ title, rise }}
        />
      ))}
    </dl>
  )
}

interface ControlsProperties {
  readonly controls: readonly Control[]
  readonly view: PostureView
  readonly isAdministrator: boolean
  readonly onAttested: () => void
}

function Controls({ controls, view, isAdministrator, onAttested }: ControlsProperties): JSX.Element {
  return (
    <Scroll label="Controls">
      <table>
        <thead>
          <tr>
            <th scope="col">Control</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            <th scope="col">Decided</th>
            <th scope="col">Evidence</th>
          </tr>
        </thead>
        <tbody>
          {controls.map((control) => (
            <tr key={control.id}>
              <td title={control.about}>
                <code>{control.id}</code> {control.title}
              </td>
              <td>
                <State control={control} />
              </td>
              <td>
                {control.why}
                {control.attestation === null ? null : (
                  <span class="quiet"> Until {control.attestation.expiresAt.slice(0, 10)}.</span>
                )}
                {isAdministrator && control.attestable !== null && control.state === 'not-evaluated' ? (
                  <AttestForm {...{ control, view, onAttested }} />
                ) : null}
              </td>
              <td>
                {control.coverage === null ? (
                  <span class="quiet">no evidence</span>
                ) : (
                  `${control.coverage.decided} of ${control.coverage.total}`
                )}
              </td>
              <td>
                {control.evidence.slice(0, 3).map(({ session, repository, pullRequests }) => (
                  <div key={session}>
                    <a href={`/sessions/${encodeURIComponent(session)}`}>{session.slice(0, 24)}</a>
                    {pullRequests.map((number) => (
                      <>
                        {' '}
                        <a href={`/pull-requests/${repository}/${number}`}>#{number}</a>
                      </>
                    ))}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const marks = { satisfied: 'good', violated: 'bad', 'not-evaluated': 'quiet' } as const
const words = { satisfied: '✓ satisfied', violated: '✗ violated', 'not-evaluated': '○ not evaluated' } as const

function State({ control: { state, before } }: { readonly control: Control }): JSX.Element {
  return (
    <>
      <span class={marks[state]}>{words[state]}</span>
      {before === null || before === state ? null : <span class="quiet"> was {before.replace('-', ' ')}</span>}
    </>
  )
}

function AttestForm({
  control,
  view,
  onAttested,
}: Omit<ControlsProperties, 'controls' | 'isAdministrator'> & { readonly control: Control }): JSX.Element {
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const send = (event: Event): void => {
    event.preventDefault()
    const expiresAt = `${until}T00:00:00Z`
    const body = { framework: view.framework.id, control: control.id, scope: view.scope, reason, expiresAt }
    attest(body).then(onAttested, (refused: ApiProblem) => setProblem(refused.message))
  }
  return (
    <details>
      <summary>Attest</summary>
      <form onSubmit={send}>
        <p>“{control.attestable}”</p>
        <label>
          How do you know?{' '}
          <input required minLength={10} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>{' '}
        <label>
          Until <input type="date" required value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
        </label>{' '}
        <button type="submit">Attest</button>
        {problem === null ? null : (
          <p class="bad" role="alert">
            {problem}
          </p>
        )}
      </form>
    </details>
  )
}
