/** One configuration: its risky settings with file and line, what changed, and every file by its digest. */
import type { JSX } from 'preact'
import type { ConfigurationView, RiskView } from '#core/api/configurations.ts'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import type { Drift } from '#core/configuration/drift.ts'
import { isUsed } from '#core/configuration/summary.ts'
import { readConfiguration, readDrift } from '../client.ts'
import { Await, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'

export function ConfigurationPage({ id }: { readonly id: string }): JSX.Element {
  const view = useRemote(`configuration ${id}`, () => readConfiguration(id))
  const drift = useRemote(`drift ${id}`, () => readDrift(id))
  return (
    <Await remote={view}>
      {(value) => (
        <>
          <Head view={value} />
          <section>
            <h2>Risky settings</h2>
            <Risks view={value} />
          </section>
          <section>
            <h2>Drift</h2>
            <Await remote={drift}>{({ since, drift: items }) => <DriftTable since={since} items={items} />}</Await>
          </section>
          <section>
            <h2>Files</h2>
            <Files agents={value.agents.filter(isUsed)} />
          </section>
        </>
      )}
    </Await>
  )
}

function Head({ view: { configuration } }: { readonly view: ConfigurationView }): JSX.Element {
  const { repository, person, machine, receivedAt, hash, tier, commit } = configuration
  return (
    <header class="page-head">
      <p>
        <a href="/configurations">Configuration</a> /
      </p>
      <h1>Agent configuration of {repository ?? 'a repository without a remote'}</h1>
      <p>
        {person.name} on {machine.name}, <Time at={receivedAt} />
        {commit === null ? null : (
          <>
            {' '}
            at <code title={commit}>{commit.slice(0, 10)}</code>
          </>
        )}{' '}
        · hash <code title={hash}>{hash.slice(0, 12)}</code>
        {tier === 'metadata' ? ' · files by their digests only' : null}
      </p>
    </header>
  )
}

function Risks({ view: { risks, agents } }: { readonly view: ConfigurationView }): JSX.Element {
  if (risks.length === 0) {
    const isKnown = agents.some(({ settings }) => settings !== null)
    return (
      <p class="empty">{isKnown ? '✓ No setting is known to be risky.' : 'Not recorded: only digests were sent.'}</p>
    )
  }
  return (
    <Table label="Risky settings" columns={['Severity', 'Setting', 'Where', 'Why, and what to do']}>
      {risks.map((risk) => (
        <RiskLine key={JSON.stringify([risk.message, risk.file, risk.line, risk.agents])} risk={risk} />
      ))}
    </Table>
  )
}

function RiskLine({ risk }: { readonly risk: RiskView }): JSX.Element {
  const { severity, message, why, fix, file, line, agents } = risk
  const look = severity === 'low' ? 'quiet' : severity === 'medium' ? 'warn' : 'bad'
  return (
    <tr>
      <td>
        <span class={look}>{severity}</span>
      </td>
      <td>{message}</td>
      <td>
        {file === null ? null : (
          <code>
            {file}
            {line === null ? '' : `:${line}`}
          </code>
        )}{' '}
        <span class="quiet">{agents.join(', ')}</span>
      </td>
      <td>
        {why} {fix}
      </td>
    </tr>
  )
}

interface DriftProperties {
  readonly since: string | null
  readonly items: readonly Drift[]
}

function DriftTable({ since, items }: DriftProperties): JSX.Element {
  if (since === null) return <p class="empty">This machine sent no configuration of the repository before.</p>
  const before = <a href={`/configurations/${since}`}>what this machine sent before</a>
  if (items.length === 0) return <p class="empty">The same as {before}.</p>
  return (
    <>
      <p class="quiet">Compared with {before}.</p>
      <Table label="Drift" columns={['Agent', 'File', 'Item', 'Change']}>
        {items.map((one) => (
          <tr key={JSON.stringify(one)}>
            <td>{one.agent}</td>
            <td>
              <code>{one.file}</code>
            </td>
            <td>
              {one.item} <span class="quiet">{one.name}</span>
            </td>
            <td>
              {one.change}
              {one.before === null && one.after === null ? null : (
                <span class="quiet">
                  {' '}
                  {one.before ?? 'nothing'} → {one.after ?? 'nothing'}
                </span>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

function Files({ agents }: { readonly agents: readonly AgentConfiguration[] }): JSX.Element {
  if (agents.length === 0) return <p class="empty">No agent has any configuration there.</p>
  return (
    <Table label="Files" columns={['Agent', 'File', 'Kind', 'Digest']}>
      {agents.flatMap(({ agent, files, unread }) => [
        ...files
          .toSorted((left, right) => (left.path < right.path ? -1 : 1))
          .map(({ path, kind, digest }) => (
            <tr key={`${agent} ${path}`}>
              <td>{agent}</td>
              <td>
                <code>{path}</code>
              </td>
              <td>{kind}</td>
              <td>
                <code title={digest}>{digest.slice(0, 12)}</code>
              </td>
            </tr>
          )),
        ...unread.map(({ path, reason }) => (
          <tr key={`${agent} unread ${path} ${reason}`}>
            <td>{agent}</td>
            <td>
              <code>{path}</code>
            </td>
            <td colSpan={2}>
              <span class="warn">not read: {reason}</span>
            </td>
          </tr>
        )),
      ])}
    </Table>
  )
}
