/** What a `git` command does: sub-command, options and configuration, with aliases and option clusters resolved. */

import { joinPath } from './shell/path.ts'
import { knownWord, type ShellWord } from './shell/word.ts'
import type { ShellCommand } from './shell.ts'

export interface GitInvocation {
  /** null = computed at run time. */
  readonly subcommand: string | null
  /** Long options by name without `--`, short ones by letter; the value as given, true without one, null where computed. */
  readonly options: ReadonlyMap<string, string | true | null>
  /** Words that are no options, in order. */
  readonly operands: readonly ShellWord[]
  /** Computed words that may or may not be options. */
  readonly computed: readonly ShellWord[]
  /** Configuration of this call alone (`-c`, `--config-env`, GIT_CONFIG_*): lower-case key -> value, null where computed. */
  readonly configuration: ReadonlyMap<string, string | null>
  /** Folder in which it works, relative to where the text started; null = computed. */
  readonly folder: string | null
  /** Text of an alias that runs shell code (`alias.x=!…`). */
  readonly shellAlias: string | null
}

interface OptionSyntax {
  /** Letters that take a value, attached or in the next word. */
  readonly value: string
  /** Letters with a value only where it is attached. */
  readonly attached: string
  /** Long options that take their value in the next word. */
  readonly long: readonly string[]
}

const none: OptionSyntax = { value: '', attached: '', long: [] }

/** From the manual pages of Git 2.51; sub-commands that are not listed have no options with values that matter here. */
const syntax: ReadonlyMap<string, OptionSyntax> = new Map<string, OptionSyntax>([
  [
    'commit',
    {
      value: 'mFCct',
      attached: 'uS',
      long: [
        'message',
        'file',
        'author',
        'date',
        'template',
        'fixup',
        'squash',
        'trailer',
        'reuse-message',
        'reedit-message',
        'cleanup',
        'pathspec-from-file',
      ],
    },
  ],
  ['push', { value: 'o', attached: '', long: ['push-option', 'repo', 'receive-pack', 'exec'] }],
  ['merge', { value: 'msXF', attached: 'S', long: ['strategy', 'strategy-option', 'file', 'into-name', 'cleanup'] }],
  [
    'rebase',
    { value: 'sXxC', attached: 'S', long: ['strategy', 'strategy-option', 'exec', 'onto', 'whitespace', 'empty'] },
  ],
  [
    'am',
    { value: 'Cp', attached: 'S', long: ['directory', 'exclude', 'include', 'patch-format', 'whitespace', 'empty'] },
  ],
  [
    'pull',
    {
      value: 'sXoj',
      attached: 'S',
      long: ['strategy', 'strategy-option', 'depth', 'upload-pack', 'server-option', 'jobs'],
    },
  ],
  ['cherry-pick', { value: 'mX', attached: 'S', long: ['mainline', 'strategy', 'strategy-option', 'cleanup'] }],
  ['revert', { value: 'mX', attached: 'S', long: ['mainline', 'strategy', 'strategy-option', 'cleanup'] }],
  ['config', { value: 'f', attached: '', long: ['file', 'type', 'default', 'blob', 'comment', 'value', 'url'] }],
  ['clean', { value: 'e', attached: '', long: ['exclude'] }],
  [
    'branch',
    { value: 'u', attached: '', long: ['set-upstream-to', 'contains', 'merged', 'sort', 'format', 'points-at'] },
  ],
  [
    'log',
    {
      value: 'nSGL',
      attached: '',
      long: ['grep', 'author', 'since', 'until', 'format', 'max-count', 'committer', 'before', 'after'],
    },
  ],
])

/** Aliases that name aliases: each is taken once. */
const MAX_ALIASES = 8

/** Half of the rules ask the same of every command. */
const known = new WeakMap<ShellCommand, GitInvocation>()

/** null = the command is not git. */
export function gitInvocation(command: ShellCommand): GitInvocation | null {
  const { program } = command
  if (program === null || !program.startsWith('git')) return null
  const present = known.get(command)
  if (present) return present
  // `git-commit` is the same program as `git commit`.
  const dashed = /^git-([a-z-]+)$/.exec(program)?.[1]
  if (program !== 'git' && !dashed) return null
  const words = dashed ? [knownWord(dashed), ...command.words] : command.words
  const configuration = environmentConfiguration(command.environment)
  const invocation = read(words, { configuration, folder: command.folder, depth: 0 })
  known.set(command, invocation)
  return invocation
}

interface Reading {
  readonly configuration: Map<string, string | null>
  readonly folder: string | null
  readonly depth: number
}

function read(words: readonly ShellWord[], { configuration, folder, depth }: Reading): GitInvocation {
  const globals = new Map<string, string | true | null>()
  let place = folder
  let index = 0
  for (; index < words.length; index += 1) {
    const word = words[index]
    const value = word?.value
    if (value === undefined || value === null || !value.startsWith('-')) break
    const next = words[index + 1]
    if (value === '-c') {
      setConfiguration(configuration, next)
      index += 1
    } else if (value.startsWith('--config-env')) {
      const text = value.includes('=') ? value.slice('--config-env='.length) : (next?.value ?? '')
      configuration.set((text.split('=')[0] ?? '').toLowerCase(), null)
      if (!value.includes('=')) index += 1
    } else if (value === '-C') {
      const to = next?.value
      place = to === undefined || to === null || place === null ? null : joinPath(place, to)
      index += 1
    } else if (['--git-dir', '--work-tree', '--namespace', '--exec-path', '--super-prefix'].includes(value)) {
      globals.set(value.slice(2), next?.value ?? null)
      index += 1
    }
  }
  const name = words[index]
  const subcommand = name ? name.value : ''
  const rest = words.slice(index + 1)
  const alias = subcommand === null ? undefined : configuration.get(`alias.${subcommand.toLowerCase()}`)
  if (alias !== undefined && depth < MAX_ALIASES) {
    const fresh = { configuration, folder: place, depth: depth + 1 }
    if (alias === null) return { ...read([], fresh), subcommand: null, computed: rest }
    if (alias.startsWith('!')) return { ...read([], fresh), subcommand, shellAlias: alias.slice(1) }
    configuration.delete(`alias.${subcommand}`)
    const expanded = alias.split(/\s+/).filter(Boolean)
    return read([...expanded.map((text) => knownWord(text.replace(/^['"]|['"]$/g, ''))), ...rest], fresh)
  }
  const { options, operands, computed } = readOptions(rest, syntax.get(subcommand ?? '') ?? none)
  return { subcommand, options, operands, computed, configuration, folder: place, shellAlias: null }
}

function readOptions(words: readonly ShellWord[], { value: takesValue, attached, long }: OptionSyntax) {
  const options = new Map<string, string | true | null>()
  const operands: ShellWord[] = []
  const computed: ShellWord[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]
    if (!word) break
    const text = word.value ?? word.prefix
    if (text === '--') {
      operands.push(...words.slice(index + 1))
      break
    }
    const next = words[index + 1]
    if (text.startsWith('--')) {
      const at = text.indexOf('=')
      const name = at === -1 ? text.slice(2) : text.slice(2, at)
      // The last one of a pair like --verify and --no-verify holds.
      options.delete(name)
      if (at !== -1) options.set(name, word.value === null ? null : text.slice(at + 1))
      else if (long.includes(name)) {
        options.set(name, next?.value ?? null)
        index += 1
      } else options.set(name, true)
    } else if (text.startsWith('-') && text.length > 1) {
      const letters = [...text.slice(1)]
      const at = letters.findIndex((letter) => takesValue.includes(letter) || attached.includes(letter))
      for (const letter of at === -1 ? letters : letters.slice(0, at)) options.set(letter, true)
      const letter = letters[at]
      if (letter !== undefined) {
        const own = letters.slice(at + 1).join('')
        if (own || attached.includes(letter)) options.set(letter, own || true)
        else {
          options.set(letter, next?.value ?? null)
          index += 1
        }
      }
      if (word.value === null && at === -1) computed.push(word)
    } else {
      if (word.value === null && word.prefix === '') computed.push(word)
      operands.push(word)
    }
  }
  return { options, operands, computed }
}

function setConfiguration(configuration: Map<string, string | null>, word: ShellWord | undefined): void {
  if (!word) return
  const text = word.value ?? word.prefix
  const at = text.indexOf('=')
  const key = (at === -1 ? text : text.slice(0, at)).toLowerCase()
  configuration.set(
    key,
    at === -1 ? (word.value === null ? null : 'true') : word.value === null ? null : text.slice(at + 1),
  )
}

/** GIT_CONFIG_COUNT, GIT_CONFIG_KEY_n, GIT_CONFIG_VALUE_n and the quoted list GIT_CONFIG_PARAMETERS. */
function environmentConfiguration(environment: ReadonlyMap<string, string | null>): Map<string, string | null> {
  const configuration = new Map<string, string | null>()
  for (const [name, key] of environment) {
    const number = /^GIT_CONFIG_KEY_(\d{1,4})$/.exec(name)?.[1]
    if (number && key !== null)
      configuration.set(key.toLowerCase(), environment.get(`GIT_CONFIG_VALUE_${number}`) ?? null)
    if (name !== 'GIT_CONFIG_PARAMETERS' || key === null) continue
    for (const [, pair = ''] of key.matchAll(/'([^']*)'/g)) {
      const at = pair.indexOf('=')
      if (at > 0) configuration.set(pair.slice(0, at).toLowerCase(), pair.slice(at + 1))
    }
  }
  return configuration
}
