/** What a command is: its words, its options and what it does. Help, completion and docs derive from the definition. */
import type { z } from 'zod'
import type { ExitCode } from '#core/fault.ts'
import type { Context } from '../context.ts'

/** How another program ended, whose end is to be ours. */
export interface HandedOn {
  readonly exit: number
}

interface Argument {
  /** camelCase; the key under which `run` receives it. */
  readonly name: string
  readonly description: string
  readonly required: boolean
  /** Takes all words that are left; `run` receives a list. */
  readonly variadic?: boolean
  /** Words that completion offers; the parameters say what is accepted. */
  readonly words?: readonly string[]
}

interface Option {
  /** In commander's notation: `-y, --yes`, `--server <url>`. */
  readonly flags: string
  readonly description: string
  readonly choices?: readonly string[]
  /** As of an argument: offered, where `choices` would also refuse all others. */
  readonly words?: readonly string[]
  /** May be given several times; `run` receives a list, empty where it is not given. */
  readonly isRepeatable?: boolean
  /** Works but is not offered: for hooks and for other programs. */
  readonly hidden?: boolean
}

interface Example {
  readonly command: string
  readonly effect: string
}

interface Definition<Parameters> {
  readonly name: string
  /** One line, imperative, no full stop. */
  readonly summary: string
  readonly hidden?: boolean
  readonly arguments: readonly Argument[]
  readonly options: readonly Option[]
  readonly examples: readonly Example[]
  /** Over arguments and options together, absent ones undefined. */
  readonly parameters: z.ZodType<Parameters>
  /** Writes data to stdout and talk to stderr, and resolves to the exit code: ours, or one that is handed on. */
  readonly run: (parameters: Parameters, context: Context) => Promise<ExitCode | HandedOn>
}

/** A command as the registry holds it: parameters are checked inside, so that commands of all kinds fit one list. */
export interface Command extends Omit<Definition<unknown>, 'run'> {
  readonly run: (parameters: unknown, context: Context) => Promise<ExitCode | HandedOn>
}

export function defineCommand<Parameters>(definition: Definition<Parameters>): Command {
  return {
    ...definition,
    run: (parameters, context) => definition.run(definition.parameters.parse(parameters), context),
  }
}
