/** SessionHeader from events and what only the parser of an agent's files knows. Shared by all agents. */
import type { Event, EventOf } from './event.ts'
import { costOf, costUnknown, type PricedCall, providerOf } from './prices.ts'
import type { ModelUse, SessionHeader } from './session.ts'
import { addUsage, noUsage, type Usage } from './usage.ts'

export interface HeaderFacts
  extends Pick<
    SessionHeader,
    | 'id'
    | 'agent'
    | 'entrypoint'
    | 'startedAt'
    | 'endedAt'
    | 'branches'
    | 'permissionModes'
    | 'forkedFrom'
    | 'capture'
    | 'parse'
    | 'warnings'
  > {
  /** Message ids whose usage other sessions counted already. */
  readonly countedMessages: ReadonlySet<string>
  /** false where the agent records no usage at all: then it is unknown and not zero. */
  readonly recordsUsage: boolean
  /** Models that were named where no usage is recorded. */
  readonly namedModels?: readonly string[] | undefined
  readonly delegation?: SessionHeader['delegation']
}

export function summarise(events: readonly Event[], facts: HeaderFacts): SessionHeader {
  const calls = facts.recordsUsage ? distinctCalls(events, facts.countedMessages) : []
  const [usage, cost] = [sum(calls), costOf(calls)]
  return {
    schema: 'stemma.session/v1',
    id: facts.id,
    agent: facts.agent,
    entrypoint: facts.entrypoint,
    startedAt: facts.startedAt,
    endedAt: facts.endedAt,
    branches: facts.branches,
    models: modelsOf(calls, { usage, cost }),
    usage: facts.recordsUsage ? usage : null,
    cost: facts.recordsUsage ? cost : costUnknown,
    tools: toolsOf(events),
    files: filesOf(events),
    subagents: of(events, 'subagent').map(({ agentId, type, description, model }) => ({
      agentId,
      type,
      description,
      model,
    })),
    commits: [...new Set(of(events, 'commit').map((event) => event.commit))],
    permissionModes: facts.permissionModes,
    prompts: of(events, 'prompt').length,
    eventCount: events.length,
    forkedFrom: facts.forkedFrom,
    ...(facts.namedModels === undefined || facts.namedModels.length === 0
      ? {}
      : { namedModels: [...facts.namedModels] }),
    ...(facts.delegation === undefined ? {} : { delegation: facts.delegation }),
    capture: facts.capture,
    parse: facts.parse,
    warnings: facts.warnings,
  }
}

function of<Kind extends Event['kind']>(events: readonly Event[], kind: Kind): EventOf<Kind>[] {
  return events.filter((event): event is EventOf<Kind> => event.kind === kind)
}

/** One call for each message id, whatever a parser lets through twice. */
function distinctCalls(events: readonly Event[], counted: ReadonlySet<string>): PricedCall[] {
  const calls = new Map<string, PricedCall>()
  const providers = new Map<string, string | null>()
  const nameOf = (model: string): string | null => {
    const known = providers.get(model)
    if (known !== undefined) return known
    const provider = providerOf(model)
    providers.set(model, provider)
    return provider
  }
  for (const { messageId, model, usage, at } of of(events, 'usage')) {
    const known = calls.get(messageId)
    if (counted.has(messageId) || (known !== undefined && known.usage.output >= usage.output)) continue
    calls.set(messageId, { model, provider: nameOf(model), usage, at })
  }
  return [...calls.values()]
}

function sum(calls: readonly PricedCall[]): Usage {
  return calls.reduce((total, call) => addUsage(total, call.usage), noUsage)
}

/** `whole`: of all calls together, which most sessions make of one model. */
function modelsOf(calls: readonly PricedCall[], whole: Pick<ModelUse, 'usage' | 'cost'>): ModelUse[] {
  const byModel = Map.groupBy(calls, (call) => call.model)
  return sorted([...byModel], ([model]) => model).map(([model, own]) => ({
    model,
    provider: providerOf(model),
    requests: own.length,
    ...(own.length === calls.length ? whole : { usage: sum(own), cost: costOf(own) }),
  }))
}

function toolsOf(events: readonly Event[]): SessionHeader['tools'] {
  const unsuccessful = callsThatFailed(events)
  const toolOfCall = new Map<string, string>()
  const tools = new Map<string, { calls: number; failures: number; denials: number }>()
  for (const event of events) {
    if (event.kind === 'toolCall') {
      const use = tools.get(event.tool)
      if (use === undefined) tools.set(event.tool, { calls: 1, failures: 0, denials: 0 })
      else use.calls++
      if (unsuccessful.size > 0 && unsuccessful.has(event.callId)) toolOfCall.set(event.callId, event.tool)
    } else if (event.kind === 'toolResult' && (event.outcome === 'failed' || event.outcome === 'denied')) {
      const use = tools.get(toolOfCall.get(event.callId) ?? '')
      if (use !== undefined && event.outcome === 'failed') use.failures++
      if (use !== undefined && event.outcome === 'denied') use.denials++
    }
  }
  return sorted([...tools], ([tool]) => tool).map(([tool, use]) => ({ tool, ...use }))
}

/** Only of these must be known which tool was called: few calls fail, and every one has an id of its own. */
function callsThatFailed(events: readonly Event[]): ReadonlySet<string> {
  const failed = new Set<string>()
  for (const event of events) {
    if (event.kind !== 'toolResult') continue
    if (event.outcome === 'failed' || event.outcome === 'denied') failed.add(event.callId)
  }
  return failed
}

function filesOf(events: readonly Event[]): SessionHeader['files'] {
  const files = new Map<string, { edits: number; linesAdded: number; linesRemoved: number }>()
  for (const event of events) {
    if (event.kind !== 'toolResult') continue
    for (const edit of event.edits) {
      const file = files.get(edit.path) ?? { edits: 0, linesAdded: 0, linesRemoved: 0 }
      file.edits++
      for (const { lines } of edit.hunks) {
        for (const line of lines) {
          if (line.startsWith('+')) file.linesAdded++
          else if (line.startsWith('-')) file.linesRemoved++
        }
      }
      files.set(edit.path, file)
    }
  }
  return sorted([...files], ([path]) => path).map(([path, file]) => ({ path, ...file }))
}

function sorted<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return items.toSorted((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0))
}
