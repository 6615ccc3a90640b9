/** Arguments -> command -> exit code: the one place that knows commander, and the one that shows a Fault. */
import { Command as CommanderCommand, CommanderError, Option as CommanderOption } from 'commander'
import { z } from 'zod'
import { type ExitCode, Fault, faultCodes, isFault } from '#core/fault.ts'
import type { Command } from './commands/command.ts'
import { globalOptions, helpOption, versionOption } from './commands/global-options.ts'
import { commands, groupOf, loadCommands } from './commands/registry.ts'
import { createContext } from './context.ts'
import { asStorageFault } from './io/storage.ts'
import { createTerminal, plain, plainBlock, type Terminal } from './io/terminal.ts'
import { VERSION } from './version.ts'

const GlobalOptions = z.object({
  json: z.boolean().default(false),
  color: z.boolean().default(true),
  quiet: z.boolean().default(false),
  verbose: z.boolean().default(false),
  cwd: z.string().optional(),
})

export async function run(words: readonly string[]): Promise<number> {
  let code = 0
  const program = createProgram()
  for (const command of await needed(words)) {
    addCommand(program, command, async (parameters, options) => {
      const global = GlobalOptions.parse(options)
      const context = createContext(createTerminal(global), { cwd: global.cwd, json: global.json })
      const ended = await command.run(parameters, context)
      code = typeof ended === 'number' ? ended : ended.exit
    })
  }
  try {
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (problem) {
    if (problem instanceof CommanderError && problem.exitCode === 0) return 0
    return report(problem, words)
  }
}

/** Definitions that this call can use; all of them for help and for a word that no command has, to list or suggest. */
async function needed(words: readonly string[]): Promise<readonly Command[]> {
  const names = Object.keys(commands)
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) return []
  const wantsList = words.some((word) => word === 'help' || word === '--help' || word === '-h')
  const named = names.filter((name) => words.includes(name))
  if (wantsList || named.length === 0) return loadCommands()
  return Promise.all(named.map((name) => commands[name]?.()).filter((command) => command !== undefined))
}

function createProgram(): CommanderCommand {
  const program = new CommanderCommand('stemma')
    .description('Signed evidence of how much of your code is written by AI, by whom, with which models, at what cost')
    .version(VERSION, versionOption.flags, versionOption.description)
    .helpOption(helpOption.flags, helpOption.description)
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .addHelpText(
      'after',
      '\nExit codes: 0 ok · 1 policy or check failed · 2 usage · 3 server unreachable (evidence is kept) · 4 evidence invalid',
    )
  for (const { flags, description } of globalOptions) program.option(flags, description)
  return program
}

function addCommand(
  program: CommanderCommand,
  definition: Command,
  action: (parameters: Record<string, unknown>, options: Record<string, unknown>) => Promise<void>,
): void {
  const command = program
    .command(definition.name, { hidden: definition.hidden === true })
    .description(definition.summary)
    .helpGroup(`${groupOf(definition.name)}:`)
    .allowExcessArguments(false)
  for (const argument of definition.arguments) {
    const words = `${argument.name}${argument.variadic === true ? '...' : ''}`
    command.argument(argument.required ? `<${words}>` : `[${words}]`, argument.description)
  }
  for (const { flags, description, choices, hidden, isRepeatable } of definition.options) {
    const option = new CommanderOption(flags, description)
    if (choices !== undefined) option.choices([...choices])
    if (hidden === true) option.hideHelp()
    if (isRepeatable === true) option.default([], 'none').argParser((value, before: string[]) => [...before, value])
    command.addOption(option)
  }
  if (definition.examples.length > 0) {
    const lines = definition.examples.map(({ command: line, effect }) => `  $ ${line}\n      ${effect}`)
    command.addHelpText('before', `Examples:\n${lines.join('\n')}\n`)
  }
  command.action(async (...values: unknown[]) => {
    const named = definition.arguments.map(({ name }, index) => [name, values[index]] as const)
    const options: Record<string, unknown> = command.optsWithGlobals()
    await action({ ...options, ...Object.fromEntries(named) }, options)
  })
}

function report(problem: unknown, words: readonly string[]): ExitCode {
  const fault = asFault(problem)
  const terminal = createTerminal({
    color: !words.includes('--no-color'),
    quiet: false,
    verbose: words.includes('--verbose'),
  })
  if (words.includes('--json')) terminal.print(JSON.stringify(problemDetails(fault), null, 2))
  show(fault, terminal)
  if ((fault.code === 'internal' || fault.code === 'storage-unavailable') && fault.cause instanceof Error)
    terminal.detail(plainBlock(fault.cause.stack ?? ''))
  return fault.exit
}

/** `stemma: what happened`, then what to type. */
function show(fault: Fault, terminal: Terminal): void {
  terminal.say(`${terminal.colours.red('stemma:')} ${plainBlock(fault.message)}`)
  terminal.say(`${terminal.colours.dim('hint:')} ${plain(fault.hint)}`)
}

function problemDetails(fault: Fault) {
  const { title, status } = faultCodes[fault.code]
  return {
    type: `https://stemma.dev/docs/errors#${fault.code}`,
    title,
    status,
    detail: fault.message,
    code: fault.code,
    hint: fault.hint,
  }
}

function asFault(problem: unknown): Fault {
  if (isFault(problem)) return problem
  if (problem instanceof CommanderError) return usageFault(problem)
  if (problem instanceof z.ZodError) {
    return new Fault('request-malformed', {
      message: `An option is not acceptable: ${z.prettifyError(problem)}`,
      hint: 'See what the command takes: `stemma help COMMAND`.',
    })
  }
  const storage = asStorageFault(problem)
  if (storage !== null) return storage
  return new Fault('internal', {
    message: problem instanceof Error ? problem.message : String(problem),
    hint: 'This is a defect of Stemma. Run it again with `--verbose` and report what it prints.',
    cause: problem,
  })
}

/** commander's own words, in the form that all our errors have. */
function usageFault(problem: CommanderError): Fault {
  if (problem.code === 'commander.help') {
    return new Fault('request-malformed', { message: 'no command given', hint: 'See what there is: `stemma --help`.' })
  }
  const [first = '', suggestion] = problem.message.replace(/^error: /, '').split('\n')
  const hint = suggestion?.replace(/^\(|\)$/g, '')
  return new Fault('request-malformed', {
    message: first,
    hint: `${hint === undefined || hint === '' ? '' : `${hint} `}See what there is: \`stemma --help\`.`,
  })
}
