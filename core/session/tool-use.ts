/** ToolUse: one call of a tool together with what is recorded of its end. */
import type { EventOf } from './event.ts'
import type { Session } from './session.ts'
import { type CallOutcome, callOutcomes, isDenied } from './shell-run.ts'

export interface ToolUse {
  readonly call: EventOf<'toolCall'>
  readonly outcome: CallOutcome | null
  /** Place of the call among the session's events. */
  readonly index: number
  /** Ids of the call and, where they are recorded, of its result and denial. */
  readonly events: readonly string[]
  readonly denied: boolean
}

const known = new WeakMap<Session, readonly ToolUse[]>()

/** In the order of the calls; read once for a session, since every rule asks. */
export function toolUses(session: Session): readonly ToolUse[] {
  const present = known.get(session)
  if (present) return present
  const outcomes = callOutcomes(session)
  const uses = session.events.flatMap((event, index): ToolUse[] => {
    if (event.kind !== 'toolCall') return []
    const outcome = outcomes.get(event.callId) ?? null
    const events = [event.id, ...(outcome?.result ? [outcome.result.id] : [])]
    if (outcome?.denial) events.push(outcome.denial.id)
    return [{ call: event, outcome, index, events, denied: isDenied(outcome ?? undefined) }]
  })
  known.set(session, uses)
  return uses
}

/** A text of the call's input under any of the names; null where there is none. */
export function inputText({ call }: ToolUse, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = call.input[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}
