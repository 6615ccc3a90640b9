/** The document that a policy in Rego sees as `input`. Its form is public: fields are added, never renamed or removed. */
import type { Session } from '../session/session.ts'
import { shellRuns } from '../session/shell-run.ts'
import type { Subject } from './policy.ts'

export const REGO_INPUT_VERSION = 'stemma.policy-input/v1'

/** One command that was really run, after every shell and wrapper around it was taken off. */
export interface InputCommand {
  /** Base name; null = computed at run time. */
  readonly program: string | null
  /** null = computed at run time. */
  readonly arguments: readonly (string | null)[]
  readonly text: string
  readonly via: readonly string[]
  /** Relative to where the text started; null = computed. */
  readonly folder: string | null
  readonly writes: readonly (string | null)[]
  /** Ids of the call, its result and its denial. */
  readonly events: readonly string[]
  readonly outcome: string
  /** Of the whole text that the command is part of; null = not recorded. */
  readonly exitCode: number | null
}

/** What is not known is left out, so that it is undefined in Rego; what is known to be nothing is null or empty. */
export interface RegoInput extends Omit<Subject, 'pullRequest' | 'configuration'> {
  readonly version: typeof REGO_INPUT_VERSION
  /** What the contract passes as `with`. */
  readonly args: Readonly<Record<string, unknown>>
  readonly commands: readonly InputCommand[]
  readonly pullRequest?: NonNullable<Subject['pullRequest']>
  readonly configuration?: NonNullable<Subject['configuration']>
}

export function regoInput(subject: Subject, args: Readonly<Record<string, unknown>>): RegoInput {
  const { session, commits, pullRequest, configuration } = subject
  return {
    version: REGO_INPUT_VERSION,
    args,
    session,
    commands: commandsOf(session),
    commits,
    ...(pullRequest ? { pullRequest } : {}),
    ...(configuration ? { configuration } : {}),
  }
}

const known = new WeakMap<Session, readonly InputCommand[]>()

function commandsOf(session: Session): readonly InputCommand[] {
  const present = known.get(session)
  if (present) return present
  const commands = shellRuns(session).flatMap(({ analysis, events, outcome, exitCode }) =>
    analysis.commands.map(
      ({ program, arguments: words, text, via, folder, writes }): InputCommand => ({
        program,
        arguments: words,
        text,
        via,
        folder,
        writes,
        events,
        outcome,
        exitCode,
      }),
    ),
  )
  known.set(session, commands)
  return commands
}
