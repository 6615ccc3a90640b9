/** Waivers: what is let pass where, why and until when, by whose word. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Me } from '#core/api/account.ts'
import type { Waiver, WaiverScope } from '#core/policy/waiver.ts'
import { scopeWords, standingOf, type WaiverStanding } from '#core/policy/waiver-words.ts'
import { type ApiProblem, approveWaiver, readWaivers, revokeWaiver } from '../client.ts'
import { Await, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'
import { type Place, withQuery } from '../router.ts'

interface Properties {
  readonly place: Place
  /** Who looks; null while it is not known. */
  readonly viewer: Me | null
}

export function WaiversPage({ place, viewer }: Properties): JSX.Element {
  const cursor = place.query.get('cursor')
  const [turn, setTurn] = useState(0)
  const remote = useRemote(`waivers ${cursor} ${turn}`, () => readWaivers({ cursor, limit: 100 }))
  return (
    <>
      <header class="page-head">
        <h1>Waivers</h1>
        <p>
          Exceptions: a policy that is let pass for a while, for a reason that somebody other than who asked approved.
          What was found stays on record, and is shown as waived.
        </p>
      </header>
      <Await remote={remote}>
        {({ items, next }) =>
          items.length === 0 ? (
            <p class="notice">
              {cursor === null ? 'Nobody has asked for a waiver. ' : 'There are no more. '}
              Ask for one with <code>stemma waivers request POLICY --reason "why"</code>.
            </p>
          ) : (
            <>
              <Waivers waivers={items} viewer={viewer} onDecided={() => setTurn(turn + 1)} />
              {next === null ? null : <a href={withQuery({ cursor: next })}>Earlier ones</a>}
            </>
          )
        }
      </Await>
    </>
  )
}

type Listed = Omit<Properties, 'place'> & { readonly onDecided: () => void }

const columns = ['Policy', 'State', 'Where', 'Why', 'Until', 'Asked by', 'Approved by', 'In the log']

function Waivers({ waivers, ...rest }: Listed & { readonly waivers: readonly Waiver[] }): JSX.Element {
  const now = new Date().toISOString()
  return (
    <Table label="Waivers" columns={columns}>
      {waivers.map((waiver) => (
        <tr key={waiver.id}>
          <td>{waiver.policy}</td>
          <td>
            <Standing standing={standingOf(waiver, now)} />
            <Decide waiver={waiver} now={now} {...rest} />
          </td>
          <td>
            <Where scope={waiver.scope} />
          </td>
          <td>{waiver.reason}</td>
          <td>
            <Time at={waiver.expiresAt} />
          </td>
          <td>{waiver.requestedBy.name}</td>
          <td>{waiver.approvedBy?.name ?? <span class="quiet">nobody</span>}</td>
          <td>
            {waiver.logIndex == null ? (
              <span class="quiet">not logged</span>
            ) : (
              <a href={`/v1/waivers/${encodeURIComponent(waiver.id)}/attestation`} title="The signed decision">
                leaf {waiver.logIndex}
              </a>
            )}
          </td>
        </tr>
      ))}
    </Table>
  )
}

const looks: Readonly<Record<WaiverStanding, { readonly glyph: string; readonly tone: string }>> = {
  'waits for approval': { glyph: '…', tone: 'warn' },
  'in force': { glyph: '◇', tone: 'good' },
  expired: { glyph: '–', tone: 'quiet' },
  revoked: { glyph: '✗', tone: 'quiet' },
}

function Standing({ standing }: { readonly standing: WaiverStanding }): JSX.Element {
  const { glyph, tone } = looks[standing]
  return (
    <span class={tone}>
      {glyph} {standing}
    </span>
  )
}

function Where({ scope }: { readonly scope: WaiverScope }): JSX.Element {
  const words = scopeWords(scope)
  if (scope.kind === 'session') return <a href={`/sessions/${encodeURIComponent(scope.session)}`}>{words}</a>
  if (scope.kind === 'pullRequest') return <a href={`/pull-requests/${scope.repository}/${scope.number}`}>{words}</a>
  return <a href={`/pull-requests?repository=${encodeURIComponent(scope.repository)}`}>{words}</a>
}

/** What the server would take from who looks: approval by another administrator, an end by them or by who asked. */
function Decide({ waiver, now, viewer, onDecided }: Listed & DecideProperties): JSX.Element | null {
  const [problem, setProblem] = useState<string | null>(null)
  const standing = standingOf(waiver, now)
  const isAdministrator = viewer?.role === 'administrator'
  const isOwn = waiver.requestedBy.id === viewer?.person.id
  const isOpen = standing === 'waits for approval' || standing === 'in force'
  if (!isOpen || !(isAdministrator || isOwn)) return null
  const decide = (send: (id: string) => Promise<Waiver>): void => {
    send(waiver.id).then(onDecided, (refused: ApiProblem) => setProblem(refused.message))
  }
  return (
    <div>
      {standing === 'waits for approval' && isAdministrator && !isOwn ? (
        <button type="button" onClick={() => decide(approveWaiver)}>
          Approve
        </button>
      ) : null}{' '}
      <button type="button" onClick={() => decide(revokeWaiver)}>
        {standing === 'in force' ? 'Revoke' : 'Refuse'}
      </button>
      {problem === null ? null : (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

interface DecideProperties {
  readonly waiver: Waiver
  readonly now: string
}
