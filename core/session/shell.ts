/** Which simple commands a command text really runs, through shells, wrappers and substitutions. */
import { parse } from 'unbash'
import type { Analysis, ScriptContext } from './shell/reading.ts'
import { reader, walkScript } from './shell/walk.ts'
import { newScope, type ShellWord } from './shell/word.ts'

/** One command that is run, after every shell and wrapper around it has been taken off. */
export interface ShellCommand {
  /** Base name without folder and `.exe`; null = computed at run time. */
  readonly program: string | null
  /** null = computed at run time ("dynamic"). */
  readonly arguments: readonly (string | null)[]
  /** The same arguments with what is known of the computed ones. */
  readonly words: readonly ShellWord[]
  /** What was set for it by assignments, `export` or `env`; null = to something computed. */
  readonly environment: ReadonlyMap<string, string | null>
  /** As written. */
  readonly text: string
  /** What stood around it, outermost first: `sudo`, `sh -c`, `$(…)`, `xargs`, `find -exec`, `function f`, … */
  readonly via: readonly string[]
  /** Folder in which it runs, relative to where the text started; null = computed. */
  readonly folder: string | null
  /** Text on its standard input, where that stands in the command itself. */
  readonly input: string | null
  /** Programs earlier in its pipeline, nearest last; null = computed. */
  readonly pipedFrom: readonly (string | null)[]
  /** Files that it is redirected into; null = computed. */
  readonly writes: readonly (string | null)[]
  /** For a shell whose text is computed: the programs whose output it runs, as far as they are visible. Else null. */
  readonly runsOutputOf: readonly (string | null)[] | null
  readonly exit: ExitRelation
}

/** What the exit code of the whole text says about one command in it. */
export interface ExitRelation {
  /** 0 means that this command ran and gave 0. */
  readonly zero: boolean
  /** Anything else means that this command failed. */
  readonly nonzero: boolean
}

export interface ShellDoubt {
  readonly kind: 'unparsable' | 'too-large' | 'too-deep' | 'too-many' | 'computed-script'
  readonly message: string
  /** The text that could not be read. */
  readonly text: string
}

export interface ShellAnalysis {
  readonly commands: readonly ShellCommand[]
  /** Parts whose commands are not known. What was read of them is in `commands` all the same. */
  readonly doubts: readonly ShellDoubt[]
  /** Functions that multiply: they call themselves in a pipeline or in the background. */
  readonly forkBombs: readonly string[]
}

/** Commands of agents that write whole files stay below; the parser itself reads some 100 MB a second. */
export const MAX_COMMAND_CHARACTERS = 1_000_000

/** Never throws; what cannot be read becomes a doubt. */
export function analyseShell(text: string): ShellAnalysis {
  const analysis: Analysis = {
    commands: [],
    doubts: [],
    forkBombs: [],
    functions: new Map(),
    aliases: new Map(),
    reader,
  }
  if (text.length > MAX_COMMAND_CHARACTERS) {
    const message = `The command has ${text.length} characters; at most ${MAX_COMMAND_CHARACTERS} are read.`
    return { commands: [], forkBombs: [], doubts: [{ kind: 'too-large', message, text: text.slice(0, 200) }] }
  }
  const context: ScriptContext = {
    source: text,
    via: [],
    depth: 0,
    exit: { zero: true, nonzero: true },
    calls: [],
    pipedFrom: [],
    input: null,
  }
  try {
    walkScript(parse(text), analysis, context, newScope())
  } catch (cause) {
    // A parser that fails on hostile text must not take the evaluation with it.
    const message = cause instanceof Error ? cause.message : 'unknown failure'
    analysis.doubts.push({
      kind: 'unparsable',
      message: `The command cannot be read: ${message}`,
      text: text.slice(0, 200),
    })
  }
  const { commands, doubts, forkBombs } = analysis
  return { commands, doubts, forkBombs }
}
