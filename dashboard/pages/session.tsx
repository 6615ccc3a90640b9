/** One session: what it did, what was found, and the events that prove it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SessionView } from '#core/api/sessions.ts'
import { erasureWords } from '#core/report/erasure-words.ts'
import { formatCost, formatCount, formatDuration, formatMoney } from '#core/report/format.ts'
import { delegationInWords } from '#core/session/delegation.ts'
import { totalTokens } from '#core/session/total-tokens.ts'
import { readSession } from '../client.ts'
import { Asked } from '../parts/asked.tsx'
import { CommittedFiles } from '../parts/committed-files.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { EraseTranscript } from '../parts/erase-transcript.tsx'
import { Fact, notRecorded } from '../parts/facts.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Time } from '../parts/time.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { TranscriptReaders } from '../parts/transcript-readers.tsx'
import { VerdictHistory } from '../parts/verdict-history.tsx'
import { VerdictList } from '../parts/verdict-list.tsx'

export function SessionPage({ id }: { readonly id: string }): JSX.Element {
  const [erasures, setErasures] = useState(0)
  const remote = useRemote(`session ${id} ${erasures}`, () => readSession(id))
  return <Await remote={remote}>{(view) => <Session view={view} onErased={() => setErasures(erasures + 1)} />}</Await>
}

interface Properties {
  readonly view: SessionView
  readonly onErased: () => void
}

function Session({ view, onErased }: Properties): JSX.Element {
  const { session, header, attribution, verdicts, transcript, erasure, mayErase, readers } = view
  const tokens = session.usage === null ? null : totalTokens(session.usage)
  return (
    <>
      <header class="page-head">
        <p>
          <a href="/sessions">Sessions</a> /
        </p>
        <h1>
          {session.agent.id} <span class="quiet">{session.models.join(', ')}</span>
        </h1>
      </header>
      <dl class="facts">
        <Fact title="Person">{session.person.name}</Fact>
        <Fact title="Repository">{session.repository ?? <span class="quiet">no remote</span>}</Fact>
        <Fact title="Branch">{session.branches.join(', ') || notRecorded}</Fact>
        <Fact title="Started">
          <Time at={session.startedAt} />
        </Fact>
        <Fact title="Time">
          {session.durationSeconds === null ? notRecorded : formatDuration(session.durationSeconds)}
        </Fact>
        <Fact title="Tokens">{tokens === null ? notRecorded : formatCount(tokens)}</Fact>
        <Fact title="Cost">{formatCost(session.cost)}</Fact>
        <Fact title="Prompts">{formatCount(header.prompts)}</Fact>
        <Fact title="Permission mode">{header.permissionModes.join(', ') || notRecorded}</Fact>
        {header.delegation === undefined ? null : (
          <Fact title="On behalf of">
            {view.delegation === undefined
              ? [header.delegation.human, header.delegation.orchestrator, header.delegation.parent]
                  .filter((one) => one !== null)
                  .join(', ')
              : delegationInWords(view.delegation)}
          </Fact>
        )}
        <Fact title="Capture">{captures[session.capture]}</Fact>
        <Fact title="Agent version">{session.agent.version ?? notRecorded}</Fact>
        <Fact title="Pull requests">
          {session.pullRequests.length === 0
            ? 'none'
            : session.pullRequests.map(({ repository, number }) => (
                <a key={`${repository}#${number}`} href={`/pull-requests/${repository}/${number}`}>
                  {repository}#{number}{' '}
                </a>
              ))}
        </Fact>
      </dl>
      {header.warnings.length > 0 ? (
        <ul class="notice notice-warn">
          {header.warnings.map((warning) => (
            <li>! {warning}</li>
          ))}
        </ul>
      ) : null}
      <section>
        <h2>What it was asked to do</h2>
        <Asked asked={header.asked} />
      </section>
      <section>
        <h2>Policies</h2>
        <VerdictList verdicts={verdicts} events="" />
        <VerdictHistory session={session.id} />
      </section>
      <section>
        <h2>Models</h2>
        <DataTable
          caption="Models of this session"
          table={{
            columns: [
              { title: 'Model' },
              { title: 'Requests', format: formatCount, align: 'end' },
              { title: 'Input', format: formatCount, align: 'end' },
              { title: 'Cache read', format: formatCount, align: 'end' },
              { title: 'Cache written', format: formatCount, align: 'end' },
              { title: 'Output', format: formatCount, align: 'end' },
              { title: 'Cost', format: formatMoney, align: 'end' },
            ],
            rows: header.models.map(({ model, requests, usage, cost }) => [
              model,
              requests,
              usage.uncachedInput,
              usage.cacheRead,
              usage.cacheWrite5m + usage.cacheWrite1h,
              usage.output,
              cost.microUsd,
            ]),
          }}
        />
      </section>
      <section>
        <h2>What was committed</h2>
        <CommittedFiles attribution={attribution} session={session.id} />
      </section>
      <section>
        <h2>Timeline</h2>
        {transcript ? <Timeline session={session.id} /> : <p class="empty">{whyNoTranscript(erasure)}</p>}
        {transcript || erasure !== null ? <TranscriptReaders session={session.id} readers={readers} /> : null}
        {mayErase ? <EraseTranscript session={session.id} onErased={onErased} /> : null}
      </section>
      <section>
        <h2>Evidence</h2>
        <p>
          Signed and logged <Time at={session.receivedAt} />. Check it yourself, on the machine that sent it:
        </p>
        <pre>
          <code>stemma verify {session.evidenceId}</code>
        </pre>
        <p class="quiet">
          A signature proves which enrolled machine sent this, when, and that nothing changed since. It does not prove
          that the machine reported everything.
        </p>
      </section>
    </>
  )
}

function whyNoTranscript(erasure: SessionView['erasure']): string {
  return erasure === null
    ? 'The transcript stayed on the machine. Its digest is part of the signed evidence.'
    : `Transcript ${erasureWords(erasure)}; the signature over its digest still holds.`
}

const captures = {
  hook: 'by the agent’s hooks',
  swept: 'found at push, hooks did not run',
  both: 'by hooks and at push',
} as const
