/**
 * What the guard decided, as part of the session: a denial event for each denial and question. Agents record most denials
 * themselves, so a decision first looks for its call, and adds an event only where none tells of it.
 */
import type { Event, EventOf } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import type { GuardRecord } from './guard.ts'

/** `decisions`: of this session, in the order of time. */
export function withDecisions(session: Session, decisions: readonly GuardRecord[]): Session {
  const told = once(decisions)
  if (told.length === 0) return session
  const calls = new Map(session.events.flatMap((event) => (event.kind === 'toolCall' ? [[event.callId, event]] : [])))
  const denials = new Set(session.events.flatMap((event) => (event.kind === 'denial' ? [event.callId] : [])))
  const taken = new Set<string>()
  const added: EventOf<'denial'>[] = []
  const stopped = new Set<string>()
  for (const [index, decision] of told.entries()) {
    if (decision.decision === 'allow') continue
    const call = callOf(decision, [...calls.values()], taken)
    if (call !== null) taken.add(call.callId)
    if (decision.decision === 'deny' && call !== null) stopped.add(call.callId)
    if (call !== null && denials.has(call.callId)) continue
    added.push({
      id: `guard-${index + 1}`,
      at: decision.at,
      thread: call?.thread ?? 'main',
      kind: 'denial',
      callId: call?.callId ?? decision.callId,
      by: 'hook',
      reason: `${decision.decision === 'ask' ? 'asked: ' : ''}${decision.reason}`,
    })
  }
  const events = [...session.events.map((event) => asStopped(event, stopped)), ...added]
  return {
    ...session,
    events,
    eventCount: events.length,
    tools: toolsOf(session, events),
    guard: countsOf(told),
    warnings: [...session.warnings, ...failureWarnings(told)],
  }
}

/** Agents that run the hooks of two settings ask twice about one call. */
const SAME_CALL_MILLISECONDS = 5_000

function once(decisions: readonly GuardRecord[]): readonly GuardRecord[] {
  const kept: GuardRecord[] = []
  for (const decision of decisions) {
    const key = keyOf(decision)
    const isTold = kept.some((one) => {
      if (keyOf(one) !== key) return false
      return decision.callId !== null || Date.parse(decision.at) - Date.parse(one.at) < SAME_CALL_MILLISECONDS
    })
    if (!isTold) kept.push(decision)
  }
  return kept
}

function keyOf({ callId, tool, command, paths, decision, failed }: GuardRecord): string {
  return JSON.stringify(callId !== null ? [callId, decision, failed] : [tool, command, paths, decision, failed])
}

/** By its id; for an agent whose hooks carry none, the first call with these words that no other decision was about. */
function callOf(
  { callId, command, paths }: GuardRecord,
  calls: readonly EventOf<'toolCall'>[],
  taken: ReadonlySet<string>,
): EventOf<'toolCall'> | null {
  const named = calls.find((call) => call.callId === callId)
  if (named !== undefined || callId !== null) return named ?? null
  const isSame = (call: EventOf<'toolCall'>) =>
    command === null ? paths.length > 0 && paths.every((path) => call.paths.includes(path)) : call.command === command
  return calls.find((call) => !taken.has(call.callId) && isSame(call)) ?? null
}

/** Some agents record a call that a hook stopped as one that failed. One that ran all the same stays as it is. */
function asStopped(event: Event, stopped: ReadonlySet<string>): Event {
  if (event.kind !== 'toolResult' || !stopped.has(event.callId)) return event
  const isOpen = event.outcome === 'failed' || event.outcome === 'unknown'
  return isOpen ? { ...event, outcome: 'denied', exitCode: null } : event
}

function toolsOf(session: Session, events: readonly Event[]): Session['tools'] {
  const toolOf = new Map(events.flatMap((event) => (event.kind === 'toolCall' ? [[event.callId, event.tool]] : [])))
  const changed = session.events.flatMap((before, at) => {
    const after = events[at]
    if (before.kind !== 'toolResult' || after?.kind !== 'toolResult' || before.outcome === after.outcome) return []
    return [{ tool: toolOf.get(before.callId), wasFailed: before.outcome === 'failed' }]
  })
  return session.tools.map((use) => {
    const own = changed.filter(({ tool }) => tool === use.tool)
    const failures = use.failures - own.filter(({ wasFailed }) => wasFailed).length
    return own.length === 0 ? use : { ...use, failures, denials: use.denials + own.length }
  })
}

function countsOf(decisions: readonly GuardRecord[]): NonNullable<Session['guard']> {
  const number = (decision: GuardRecord['decision'], policy: string) =>
    decisions.filter((one) => one.decision === decision && one.policies.includes(policy)).length
  const policies = [...new Set(decisions.flatMap((one) => one.policies))].sort()
  return {
    policies: policies.map((policy) => ({
      policy,
      denied: number('deny', policy),
      asked: number('ask', policy),
      allowed: number('allow', policy),
    })),
    failures: decisions.filter(({ failed }) => failed).length,
  }
}

function failureWarnings(decisions: readonly GuardRecord[]): readonly string[] {
  const failures = decisions.filter(({ failed }) => failed)
  if (failures.length === 0) return []
  const unjudged = failures.filter(({ decision }) => decision === 'allow').length
  return [
    `The local guard broke ${times(failures.length)}; ${unjudged === 0 ? 'each call was stopped' : `${unjudged} of these calls went on unjudged`}.`,
  ]
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
