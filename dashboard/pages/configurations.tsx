/** What coding agents are told and allowed: by repository, machine and agent, with what is risky and what changed. */
import type { JSX } from 'preact'
import type { AgentSummary, ConfigurationRow } from '#core/api/configurations.ts'
import { formatCount } from '#core/report/format.ts'
import { readConfigurations } from '../client.ts'
import { notRecorded } from '../parts/facts.tsx'
import { Filters, queryOf } from '../parts/filters.tsx'
import { Await, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'
import { type Place, withQuery } from '../router.ts'

const filters = ['repository', 'person'] as const

export function ConfigurationsPage({ place }: { readonly place: Place }): JSX.Element {
  const query = queryOf(place, filters)
  const remote = useRemote(`configurations ${JSON.stringify(query)}`, () =>
    readConfigurations({ ...query, current: 'true', limit: 100 }),
  )
  const known = remote.state === 'there' ? remote.value.items[0]?.person.name : undefined
  return (
    <>
      <header class="page-head">
        <h1>Agent configuration</h1>
        <p>What agents were told and allowed when a machine last sent evidence: values of secrets never leave it.</p>
      </header>
      <Filters query={query} words={{ person: known }} />
      <Await remote={remote}>
        {({ items, next }) =>
          items.length === 0 ? (
            <p class="notice">
              No configuration has been recorded yet. It is sent at <code>git push</code> with the first session; see it
              beforehand with <code>stemma config</code>.
            </p>
          ) : (
            <>
              <ConfigurationTable items={items} />
              {next === null ? null : (
                <p class="quiet">The newest {items.length} are shown; narrow them by repository.</p>
              )}
            </>
          )
        }
      </Await>
    </>
  )
}

const columns = [
  ...['Repository', 'Machine', 'Last change', 'Drift', 'Agent', 'Risky settings', 'Begins in'],
  ...[{ end: 'MCP servers' }, { end: 'Hooks' }, { end: 'Files' }],
]

function ConfigurationTable({ items }: { readonly items: readonly ConfigurationRow[] }): JSX.Element {
  return (
    <Table label="Agent configuration" columns={columns}>
      {items.map((row) => (
        <Lines key={row.id} row={row} />
      ))}
    </Table>
  )
}

/** One line for each agent; what they share spans all of them. */
function Lines({ row }: { readonly row: ConfigurationRow }): JSX.Element {
  const { id, repository, person, machine, receivedAt, hash, drift, agents } = row
  const span = Math.max(1, agents.length)
  const [first = null, ...rest] = agents
  return (
    <>
      <tr>
        <td rowSpan={span}>
          {repository === null ? (
            <span class="quiet">no remote</span>
          ) : (
            <a href={withQuery({ repository })}>{repository}</a>
          )}
        </td>
        <td rowSpan={span}>
          <a href={withQuery({ person: person.id })}>{person.name}</a> <span class="quiet">{machine.name}</span>
        </td>
        <td rowSpan={span}>
          <a href={`/configurations/${id}`}>
            <Time at={receivedAt} />
          </a>{' '}
          <code class="quiet" title={hash}>
            {hash.slice(0, 12)}
          </code>
        </td>
        <td rowSpan={span}>
          <DriftMark drift={drift} />
        </td>
        {first === null ? (
          <td colSpan={6}>
            <span class="quiet">no agent has any configuration there</span>
          </td>
        ) : (
          <AgentCells summary={first} />
        )}
      </tr>
      {rest.map((summary) => (
        <tr key={summary.agent}>
          <AgentCells summary={summary} />
        </tr>
      ))}
    </>
  )
}

function AgentCells({ summary }: { readonly summary: AgentSummary }): JSX.Element {
  const { agent, files, servers, hooks, permissionMode } = summary
  return (
    <>
      <td class="whole">{agent}</td>
      <td>
        <RiskMark summary={summary} />
      </td>
      <td>{permissionMode ?? <span class="quiet">{servers === null ? 'not recorded' : 'not set'}</span>}</td>
      <td class="end">{servers === null ? notRecorded : formatCount(servers)}</td>
      <td class="end">{hooks === null ? notRecorded : formatCount(hooks)}</td>
      <td class="end">{formatCount(files)}</td>
    </>
  )
}

function RiskMark({ summary: { risks, notes } }: { readonly summary: AgentSummary }): JSX.Element {
  if (risks === null) return notRecorded
  const rest = notes !== null && notes > 0 ? <span class="quiet"> and {notes} of low severity</span> : null
  if (risks > 0)
    return (
      <>
        <span class="bad">✗ {risks} risky</span>
        {rest}
      </>
    )
  return rest === null ? (
    <span class="good">✓ none</span>
  ) : (
    <>
      <span class="good">✓ none</span>
      {rest}
    </>
  )
}

export function DriftMark({ drift }: { readonly drift: number | null }): JSX.Element {
  if (drift === null) return <span class="quiet whole">first evidence</span>
  if (drift === 0) return <span class="good">none</span>
  return (
    <span class="warn">
      {formatCount(drift)} {drift === 1 ? 'item' : 'items'} changed
    </span>
  )
}
