/** Definitions of commands -> what can be typed where, in a form from which each shell's script is written. */
import type { Command } from '../commands/command.ts'
import { type GlobalOption, globalOptions, helpOption, versionOption } from '../commands/global-options.ts'

/** What stands in a place: one of some words, or something that the shell itself can list. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'folders' | 'references' | 'programs' | 'nothing' }

export interface CompletedOption {
  /** `-f` and `--file`. */
  readonly names: readonly string[]
  readonly description: string
  /** Of its value; null where it takes none. */
  readonly offer: Offer | null
}

export interface CompletedArgument {
  readonly name: string
  readonly offer: Offer
  /** Stands for every word from here on. */
  readonly isVariadic: boolean
}

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly arguments: readonly CompletedArgument[]
  /** With those of every command. */
  readonly options: readonly CompletedOption[]
}

export interface Grammar {
  readonly commands: readonly CompletedCommand[]
  /** Before the command. */
  readonly options: readonly CompletedOption[]
}

export function grammarOf(definitions: readonly Command[]): Grammar {
  const shown = definitions.filter(({ hidden }) => hidden !== true)
  const everywhere = [...globalOptions, helpOption].map(completedOption)
  const commands = shown.map(({ name, summary, arguments: words, options }) => ({
    name,
    summary,
    arguments: words.map((word) => ({
      name: word.name,
      offer: offerOf(word.name, word.words),
      isVariadic: word.variadic === true,
    })),
    options: [...options.filter(({ hidden }) => hidden !== true).map(completedOption), ...everywhere],
  }))
  const help: CompletedCommand = {
    name: 'help',
    summary: 'show help for a command',
    arguments: [{ name: 'command', offer: { kind: 'words', words: shown.map(({ name }) => name) }, isVariadic: false }],
    options: [],
  }
  return { commands: [...commands, help], options: [...everywhere, completedOption(versionOption)] }
}

function completedOption({
  flags,
  description,
  ...given
}: GlobalOption & { readonly choices?: readonly string[]; readonly words?: readonly string[] }): CompletedOption {
  const [, placeholder] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? []
  const names = flags.split(/[\s,]+/).filter((word) => word.startsWith('-'))
  // `--strict [what]` also stands alone: what comes next need not be its value.
  const isOptional = flags.includes('[')
  const offer = placeholder === undefined || isOptional ? null : offerOf(placeholder, given.choices ?? given.words)
  return { names, description, offer }
}

/** By the name that help shows for it. */
const kinds: Readonly<Record<string, Exclude<Offer['kind'], 'words'>>> = {
  file: 'files',
  path: 'files',
  place: 'files',
  bundle: 'files',
  evidence: 'files',
  folder: 'folders',
  range: 'references',
  commit: 'references',
  command: 'programs',
}

function offerOf(name: string, words: readonly string[] | undefined): Offer {
  return words === undefined ? { kind: kinds[name] ?? 'nothing' } : { kind: 'words', words }
}
