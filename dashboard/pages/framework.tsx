/** Posture of one framework: controls by group, what held, what did not, what nobody could tell and why. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PostureView } from '#core/api/frameworks.ts'
import { readFrameworks, readPosture } from '../client.ts'
import { Attestations } from '../parts/attestations.tsx'
import { Controls } from '../parts/controls.tsx'
import { Period, periodOf } from '../parts/period.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Total } from '../parts/total.tsx'
import { go, type Place, withQuery } from '../router.ts'

interface Properties {
  readonly id: string
  readonly place: Place
  readonly isAdministrator: boolean
}

export function FrameworkPage({ id, place, isAdministrator }: Properties): JSX.Element {
  const [turn, setTurn] = useState(0)
  const scope = place.query.get('scope') ?? 'organisation'
  const { from, to } = periodOf(place.query)
  const query = { scope, from, to }
  const remote = useRemote(`posture ${id} ${JSON.stringify(query)} ${turn}`, () => readPosture(id, query))
  const onChanged = (): void => setTurn(turn + 1)
  return (
    <Await remote={remote}>
      {(view) => (
        <>
          <header class="page-head">
            <p>
              <a href="/frameworks">Frameworks</a> /
            </p>
            <h1>
              {view.framework.title} <span class="quiet">{view.framework.version}</span>
            </h1>
            <Exports view={view} />
            <p>
              {view.framework.about} <Source framework={view.framework} />
            </p>
          </header>
          <div class="bar">
            <Scopes scope={scope} />
            <Period place={place} />
          </div>
          <Counts view={view} />
          <Missing view={view} />
          {[...new Set(view.controls.map(({ group }) => group))].map((group) => (
            <section key={group}>
              <h2>{group}</h2>
              <Controls
                controls={view.controls.filter((control) => control.group === group)}
                {...{ group, view, isAdministrator, onChanged }}
              />
            </section>
          ))}
          <Attestations framework={id} {...{ turn, isAdministrator, onChanged }} />
        </>
      )}
    </Await>
  )
}

function Source({ framework: { source, url, publisher } }: Pick<PostureView, 'framework'>): JSX.Element | null {
  if (source === undefined) return null
  return (
    <>
      Ids: {source.replaceAll(/ ?\(https:[^)]*\)/g, '')} {url === null ? null : <a href={url}>{publisher}</a>}
    </>
  )
}

const formats = { json: 'JSON', csv: 'CSV', md: 'Markdown', oscal: 'OSCAL' } as const

function Exports({ view }: { readonly view: PostureView }): JSX.Element {
  const { framework, scope, from, to } = view
  return (
    <nav class="exports" aria-label="Export">
      {Object.entries(formats).map(([format, title]) => (
        <a
          key={format}
          download
          href={`/v1/frameworks/${encodeURIComponent(framework.id)}/posture/export?${new URLSearchParams({ format, scope, from, to })}`}
        >
          {title}
        </a>
      ))}
    </nav>
  )
}

function Scopes({ scope }: { readonly scope: string }): JSX.Element {
  const known = useRemote('frameworks', readFrameworks)
  const scopes = known.state === 'there' ? known.value.scopes : ['organisation']
  return (
    <label>
      Scope{' '}
      <select value={scope} onChange={(event) => go(withQuery({ scope: event.currentTarget.value }))}>
        {[...new Set([...scopes, scope])].map((one) => (
          <option key={one} value={one}>
            {one.replace(':', ' ')}
          </option>
        ))}
      </select>
    </label>
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

/** What would make more of it evaluated: a contract with the policies that no contract has, ready to be applied. */
function Missing({ view }: { readonly view: PostureView }): JSX.Element | null {
  const policies = [...new Set(view.controls.flatMap(({ missing }) => missing))]
  if (policies.length === 0) return null
  const waiting = view.controls.filter(({ missing }) => missing.length > 0).length
  const file = `${view.framework.id}.yaml`
  const text = [
    'apiVersion: stemma.dev/v1',
    'kind: Contract',
    `metadata: {name: ${view.framework.id}}`,
    'spec:',
    '  policies:',
    ...policies.map((policy) => `    - {policy: ${policy}}`),
    '',
  ].join('\n')
  return (
    <div class="notice">
      <p>
        {waiting === 1 ? 'One control waits' : `${waiting} controls wait`} for policies that no contract has. Nothing
        blocks before you set <code>gate: true</code>.
      </p>
      <details>
        <summary>Put them in force</summary>
        <p>
          Save this beside your other documents, see what it would change with{' '}
          <code>stemma apply -f DIR --dry-run</code>, and apply it with <code>stemma apply -f DIR</code>. What it asks
          for is judged from then on.
        </p>
        <pre>
          <code>{text}</code>
        </pre>
        <p class="tools">
          <a download={file} href={`data:application/yaml;charset=utf-8,${encodeURIComponent(text)}`}>
            {file}
          </a>
        </p>
      </details>
    </div>
  )
}
