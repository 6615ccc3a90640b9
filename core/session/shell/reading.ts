/** One reading of a command text: what it collects, where it stands, and the command it is at. */
import type { SyntaxNode } from 'unbash'
import type { ExitRelation, ShellCommand, ShellDoubt } from '../shell.ts'
import { newScope, type Scope, type ShellWord } from './word.ts'

/** What one reading collects. */
export interface Analysis {
  readonly commands: ShellCommand[]
  readonly doubts: ShellDoubt[]
  readonly forkBombs: string[]
  readonly functions: Map<string, { readonly body: SyntaxNode; readonly source: string }>
  readonly aliases: Map<string, string>
  readonly reader: Reader
}

/** Where in the text a script stands. */
export interface ScriptContext {
  readonly source: string
  readonly via: readonly string[]
  readonly depth: number
  readonly exit: ExitRelation
  /** Functions that are being run, against endless recursion. */
  readonly calls: readonly string[]
  readonly pipedFrom: readonly (string | null)[]
  /** Text on the standard input, where it is known. */
  readonly input: string | null
}

/** How a command has text inside it read; handed down, because commands and scripts contain each other. */
export interface Reader {
  /** Text as a script of its own: the argument of `sh -c`, of `eval`, a here-document into a shell. */
  readonly text: (text: string, analysis: Analysis, context: ScriptContext, scope: Scope) => void
  /** The body of a function, which may be any compound command. */
  readonly body: (body: SyntaxNode, analysis: Analysis, context: ScriptContext, scope: Scope) => void
  /** All substitutions inside the given nodes: `$(…)`, backquotes, `<(…)`. Gives the programs run. */
  readonly inside: (
    nodes: readonly SyntaxNode[],
    analysis: Analysis,
    context: ScriptContext,
    scope: Scope,
  ) => readonly (string | null)[]
}

/** One command on its way through wrappers. */
export interface Call {
  readonly words: readonly ShellWord[]
  readonly environment: ReadonlyMap<string, string | null>
  readonly text: string
  readonly via: readonly string[]
  readonly input: string | null
  /** Whether its input comes from a here-document, a here-string or a file, and not from the pipeline. */
  readonly isFed: boolean
  readonly writes: readonly (string | null)[]
  /** Programs inside the substitutions of its words. */
  readonly substituted: readonly (string | null)[]
  readonly context: ScriptContext
  readonly scope: Scope
  readonly analysis: Analysis
}

/** What a child process sees: exported variables only. */
export function childScope({ scope, environment }: Call): Scope {
  const fresh = newScope(scope.budget)
  const variables = new Map([...fresh.variables, ...environment])
  return { ...fresh, variables, exported: new Set(variables.keys()), folder: scope.folder }
}

/** A shell whose text is not known: listed as a command, and as a doubt. */
export function emitComputed(call: Call, name: string, from: readonly (string | null)[]): void {
  call.analysis.doubts.push({
    kind: 'computed-script',
    message: `\`${name}\` runs text that is computed at run time.`,
    text: call.text,
  })
  emit(call, name, from)
}

export function emit(call: Call, program: string | null, runsOutputOf: readonly (string | null)[] | null = null): void {
  const words = call.words.slice(1)
  call.analysis.commands.push({
    program,
    arguments: words.map(({ value }) => value),
    words,
    environment: call.environment,
    text: call.text,
    via: call.via,
    folder: call.scope.folder,
    input: call.input,
    pipedFrom: call.context.pipedFrom,
    writes: call.writes,
    runsOutputOf,
    exit: call.context.exit,
  })
}
