/** What the words of a shell command are at run time, as far as their text alone tells. */
import type { Assignment, Command, ParsedScript, Word, WordPart } from 'unbash'
import { joinPath } from './path.ts'

/** One word of a command after expansion. */
export interface ShellWord {
  /** As written, quotes included. */
  readonly text: string
  /** Its value; null = computed at run time. Globs stay as written. */
  readonly value: string | null
  /** What is known of the beginning of a computed word; the whole value of a known one. */
  readonly prefix: string
  /** What is known of the end of a computed word; the whole value of a known one. */
  readonly suffix: string
  /** Whether it may turn into several words or none: an unquoted expansion, or arguments added by `xargs`. */
  readonly splits: boolean
}

/** What is known while a script is read: the state that a shell would have. */
export interface Scope {
  /** null = set to something computed. */
  readonly variables: Map<string, string | null>
  readonly exported: Set<string>
  readonly positional: readonly ShellWord[] | null
  /** Working folder, relative to where the command started; null = computed. */
  folder: string | null
  stopsOnError: boolean
  pipefail: boolean
  /** Shared by all scopes of one reading. */
  readonly budget: Budget
}

interface Budget {
  /** Characters that variables may still bring in. */
  left: number
}

/** `A=$A$A` doubles with every repetition; real commands bring in some hundred characters. */
const MAX_EXPANDED = 2_000_000

export function newScope(budget: Budget = { left: MAX_EXPANDED }): Scope {
  return {
    // Values that every shell has; their spelling is what rules compare with.
    variables: new Map([
      ['HOME', '~'],
      ['PWD', '.'],
      ['TMPDIR', '/tmp'],
    ]),
    exported: new Set(['HOME', 'PWD', 'TMPDIR']),
    positional: null,
    folder: '.',
    stopsOnError: false,
    pipefail: false,
    budget,
  }
}

export function copyScope(scope: Scope, positional = scope.positional): Scope {
  return { ...scope, variables: new Map(scope.variables), exported: new Set(scope.exported), positional }
}

export function knownWord(value: string, text = value): ShellWord {
  return { text, value, prefix: value, suffix: value, splits: false }
}

export function computedWord(text: string, prefix = '', splits = false): ShellWord {
  return { text, value: null, prefix, suffix: '', splits }
}

/** A piece of a word: known text or null, and whether quotes keep it in one word. */
interface Piece {
  readonly value: string | null
  readonly quoted: boolean
}

/** A brace list expands to one word for each alternative; more than these count as computed. */
const MAX_ALTERNATIVES = 64

export function expandWord(word: Word, scope: Scope): readonly ShellWord[] {
  const { parts, text } = word
  if (!parts) return [knownWord(word.value, text)]
  const positional = positionalList(parts, scope)
  if (positional) return positional
  let alternatives: readonly (readonly Piece[])[] = [[]]
  for (const part of parts) {
    const options = part.type === 'BraceExpansion' ? braceOptions(part.text) : [pieces(part, scope)]
    alternatives = alternatives.flatMap((head) => options.map((tail) => [...head, ...tail]))
    if (alternatives.length > MAX_ALTERNATIVES) return [computedWord(text, '', true)]
  }
  return alternatives.flatMap((list) => joinPieces(list, text))
}

/** The word as one value, for places where no splitting happens (assignments, redirection targets). */
export function wordValue(word: Word | undefined, scope: Scope): string | null {
  if (!word) return null
  const expanded = expandWord(word, scope)
  const values = expanded.map(({ value }) => value)
  return values.includes(null) ? null : values.join(' ')
}

export function assignmentValue(assignment: Assignment, scope: Scope): string | null {
  if (assignment.value.type === 'ArrayValue' || assignment.index) return null
  const value = wordValue(assignment.value, scope)
  if (!assignment.append || value === null) return value
  const before = scope.variables.get(assignment.name)
  return before === undefined || before === null ? null : before + value
}

function positionalList(parts: readonly WordPart[], scope: Scope): readonly ShellWord[] | null {
  if (parts.length !== 1 || !scope.positional) return null
  const [only] = parts
  const part = only?.type === 'DoubleQuoted' && only.parts.length === 1 ? only.parts[0] : only
  const isList = part?.type === 'SimpleExpansion' && (part.text === '$@' || part.text === '$*')
  if (!isList) return null
  const length = scope.positional.reduce((sum, { text, prefix }) => sum + text.length + prefix.length + 1, 0)
  return spend(scope, length) ? scope.positional : [computedWord('$@', '', true)]
}

function spend({ budget }: Scope, characters: number): boolean {
  budget.left -= characters
  return budget.left >= 0
}

function joinPieces(list: readonly Piece[], text: string): readonly ShellWord[] {
  if (list.every(({ value }) => value !== null)) {
    const value = list.map((piece) => piece.value ?? '').join('')
    const isSplit = list.some((piece) => !piece.quoted && /\s/.test(piece.value ?? ''))
    if (!isSplit) return value === '' && list.every(({ quoted }) => !quoted) ? [] : [knownWord(value, text)]
    return value
      .split(/\s+/)
      .filter(Boolean)
      .map((part) => knownWord(part, text))
  }
  const first = list.findIndex(({ value }) => value === null)
  const last = list.findLastIndex(({ value }) => value === null)
  const known = (some: readonly Piece[]) => some.map(({ value }) => value ?? '').join('')
  const splits = list.some(({ value, quoted }) => value === null && !quoted)
  return [{ text, value: null, prefix: known(list.slice(0, first)), suffix: known(list.slice(last + 1)), splits }]
}

function pieces(part: WordPart, scope: Scope, quoted = false): readonly Piece[] {
  switch (part.type) {
    case 'Literal':
    case 'Glob':
      // What the author wrote in place is never split: `x\ y` is one word.
      return [{ value: part.value, quoted: true }]
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ value: part.value, quoted: true }]
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.length === 0
        ? [{ value: '', quoted: true }]
        : part.parts.flatMap((child) => pieces(child, scope, true))
    case 'SimpleExpansion':
      return [{ value: parameter(part.text.slice(1), scope), quoted }]
    case 'ParameterExpansion': {
      const { operation, prefix, index } = part
      if (prefix || index) return [{ value: null, quoted }]
      const value = parameter(part.parameter, scope)
      if (!operation) return [{ value, quoted }]
      const isDefault = operation.type === 'Default' && ['-', ':-', '=', ':='].includes(operation.operator)
      // Where nothing is known of the variable, the default may or may not hold.
      return [{ value: isDefault && value ? value : null, quoted }]
    }
    case 'CommandExpansion':
      return [{ value: knownOutput(part.script, scope), quoted }]
    case 'ExtendedGlob':
      return [{ value: part.text, quoted: true }]
    case 'BraceExpansion':
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      return [{ value: null, quoted: true }]
  }
}

function parameter(name: string, scope: Scope): string | null {
  const isPositional = /^[1-9]\d*$/.test(name)
  const value = (isPositional ? scope.positional?.[Number(name) - 1]?.value : scope.variables.get(name)) ?? null
  return value !== null && spend(scope, value.length) ? value : null
}

/** `{a,b}` to its alternatives; ranges, nested lists and expansions inside count as computed. */
function braceOptions(text: string): readonly (readonly Piece[])[] {
  const inner = text.slice(1, -1)
  if (/[{}$`'"\\]/.test(inner) || !inner.includes(',')) return [[{ value: null, quoted: true }]]
  return inner.split(',').map((value) => [{ value, quoted: true }])
}

/** What a command substitution prints, for the few commands whose output follows from their words. */
function knownOutput(script: ParsedScript | undefined, scope: Scope): string | null {
  const command = onlyCommand(script)
  if (!command?.name) return null
  const words = command.suffix.flatMap((item) => (item.type === 'Word' ? expandWord(item, scope) : []))
  const values = words.map(({ value }) => value)
  switch (wordValue(command.name, scope)) {
    case 'mktemp':
      // A fresh path below the folder for temporary files, unless a template puts it elsewhere.
      return values.some((value) => value === null || value.includes('/')) ? null : '/tmp/fresh'
    case 'pwd':
      return scope.folder
    case 'git':
      return values.join(' ') === 'rev-parse --show-toplevel' && scope.folder !== null
        ? joinPath(scope.folder, '.')
        : null
    case 'which':
      return values.length === 1 ? (values[0] ?? null) : null
    case 'command':
      return values.length === 2 && values[0] === '-v' ? (values[1] ?? null) : null
    case 'echo':
      return values.includes(null) ? null : values.filter((value) => !/^-[neE]+$/.test(value ?? '')).join(' ')
    case 'printf':
      return values.length === 1 && !values[0]?.includes('%') ? (values[0] ?? null) : null
    case 'cat':
      return values.length === 0 ? staticInput(command, scope) : null
    default:
      return null
  }
}

function onlyCommand(script: ParsedScript | undefined): Command | null {
  const [statement] = script?.commands ?? []
  if (script?.commands.length !== 1 || statement?.command.type !== 'Command') return null
  return statement.command
}

/** Text that a here-document or here-string hands to a command; null = none, or computed. */
export function staticInput(command: Pick<Command, 'redirects'>, scope: Scope): string | null {
  const redirect = command.redirects.findLast(({ type }) => type === 'HereDoc' || type === 'HereString')
  if (redirect?.type === 'HereString') return wordValue(redirect.target, scope)
  if (redirect?.type !== 'HereDoc') return null
  const { body } = redirect
  if (!body.parts) return body.text
  const list = body.parts.flatMap((part) => pieces(part, scope, true))
  // A computed part in the middle hides itself, not the lines around it: it stays in the text as an expansion.
  return list.some(({ value }) => value === null) ? body.text : list.map(({ value }) => value).join('')
}
