/** ShellRun: one shell command of a session together with what became of it. */
import type { EventOf, toolOutcomes } from './event.ts'
import type { Session } from './session.ts'
import { analyseShell, type ShellAnalysis } from './shell.ts'

export interface ShellRun {
  /** Ids of the tool call and, where one is recorded, of its result and denial. */
  readonly events: readonly string[]
  /** Place of the call among the session's events. */
  readonly index: number
  readonly text: string
  readonly analysis: ShellAnalysis
  /** `pending`: no result is recorded, or it runs in the background. */
  readonly outcome: (typeof toolOutcomes)[number] | 'pending'
  readonly exitCode: number | null
  readonly output: string
}

/** Reading commands anew for every rule would cost a parse each; a session never changes. */
const known = new WeakMap<Session, readonly ShellRun[]>()

/** In the order of the calls. */
export function shellRuns(session: Session): readonly ShellRun[] {
  const present = known.get(session)
  if (present) return present
  const outcomes = callOutcomes(session)
  // Agents run the same tests again and again; an analysis depends on nothing but the text.
  const analyses = new Map<string, ShellAnalysis>()
  const analyse = (text: string): ShellAnalysis => {
    const analysis = analyses.get(text) ?? analyseShell(text)
    analyses.set(text, analysis)
    return analysis
  }
  const runs = session.events.flatMap((event, index) =>
    event.kind === 'toolCall' && event.category === 'shell' && event.command !== null
      ? [shellRun(event, { text: event.command, analysis: analyse(event.command), index }, outcomes)]
      : [],
  )
  known.set(session, runs)
  return runs
}

/** What is recorded about a tool call after it was made. */
export interface CallOutcome {
  readonly result: EventOf<'toolResult'> | null
  readonly denial: EventOf<'denial'> | null
}

const knownOutcomes = new WeakMap<Session, ReadonlyMap<string, CallOutcome>>()

/** By call id. */
export function callOutcomes(session: Session): ReadonlyMap<string, CallOutcome> {
  const present = knownOutcomes.get(session)
  if (present) return present
  const outcomes = new Map<string, CallOutcome>()
  for (const event of session.events) {
    if (event.kind === 'toolResult') {
      outcomes.set(event.callId, { result: event, denial: outcomes.get(event.callId)?.denial ?? null })
    } else if (event.kind === 'denial' && event.callId !== null) {
      outcomes.set(event.callId, { result: outcomes.get(event.callId)?.result ?? null, denial: event })
    }
  }
  knownOutcomes.set(session, outcomes)
  return outcomes
}

/** Whether a call was stopped before it did anything. */
export function isDenied(outcome: CallOutcome | undefined): boolean {
  const recorded = outcome?.result?.outcome
  // A denial that was overruled has a result of its own.
  return recorded === 'denied' || (outcome?.denial != null && recorded !== 'ok' && recorded !== 'failed')
}

function shellRun(
  call: EventOf<'toolCall'>,
  read: Pick<ShellRun, 'text' | 'analysis' | 'index'>,
  outcomes: ReadonlyMap<string, CallOutcome>,
): ShellRun {
  const outcome = outcomes.get(call.callId)
  const result = outcome?.result ?? null
  const background = call.input['run_in_background'] === true || call.input['is_background'] === true
  return {
    events: [call.id, ...(result ? [result.id] : []), ...(outcome?.denial ? [outcome.denial.id] : [])],
    ...read,
    outcome: isDenied(outcome) ? 'denied' : result === null || background ? 'pending' : result.outcome,
    exitCode: background ? null : (result?.exitCode ?? null),
    output: result?.output ?? '',
  }
}
