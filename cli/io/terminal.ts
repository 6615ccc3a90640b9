/**
 * Manners of the terminal: data on stdout, talk on stderr; a glyph and a word for each state, never colour alone; no
 * prompt without a terminal or in CI; whatever others wrote is stripped of control characters before it is shown.
 */
import { createInterface } from 'node:readline/promises'
import picocolors from 'picocolors'

export type State = 'ok' | 'warning' | 'failed' | 'skipped'

const glyphs: Readonly<Record<State, string>> = { ok: '✓', warning: '!', failed: '✗', skipped: '-' }

export interface Terminal {
  readonly colours: ReturnType<typeof picocolors.createColors>
  readonly columns: number
  /** Where lines are broken between words; null where no terminal shows them, and programs read whole lines. */
  readonly foldAt: number | null
  /** Whether a question can be asked: a terminal on both ends and no CI. */
  readonly isInteractive: boolean
  /** Data: one line on stdout. */
  readonly print: (line: string) => void
  /** Talk: one line on stderr; silent with `--quiet`. */
  readonly say: (line: string) => void
  /** Talk that only `--verbose` shows. */
  readonly detail: (line: string) => void
  /** The coloured glyph of a state; the words beside it must say the same. */
  readonly mark: (state: State) => string
  /** Asks on the terminal; the caller has checked `isInteractive`. Anything but yes is no. */
  readonly confirm: (question: string) => Promise<boolean>
}

interface TerminalOptions {
  readonly color: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

export function createTerminal(options: TerminalOptions): Terminal {
  const colours = picocolors.createColors(wantsColour(options.color, process.env, process.stdout.isTTY))
  const paint: Readonly<Record<State, (text: string) => string>> = {
    ok: colours.green,
    warning: colours.yellow,
    failed: colours.red,
    skipped: colours.dim,
  }
  return {
    colours,
    foldAt: process.stdout.columns ?? null,
    columns: process.stdout.columns ?? (Number(process.env['COLUMNS']) || 100),
    isInteractive: Boolean(process.stdin.isTTY && process.stderr.isTTY && !process.env['CI']),
    print: (line) => void process.stdout.write(`${line}\n`),
    say: (line) => {
      if (!options.quiet) process.stderr.write(`${line}\n`)
    },
    detail: (line) => {
      if (options.verbose && !options.quiet) process.stderr.write(`${line}\n`)
    },
    mark: (state) => paint[state](glyphs[state]),
    confirm: async (question) => {
      const reader = createInterface({ input: process.stdin, output: process.stderr })
      try {
        // The end of the input and an interruption are answers too: no.
        const answer = await reader.question(`${question} [y/N] `).catch(() => '')
        return /^y(es)?$/i.test(answer.trim())
      } finally {
        reader.close()
      }
    },
  }
}

/** The flag decides first, then NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb, and at last the terminal itself. */
export function wantsColour(
  flag: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean | undefined,
): boolean {
  if (!flag || environment['NO_COLOR']) return false
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return environment['TERM'] !== 'dumb' && isTerminal === true
}

/** A text in lines of so many columns after an indentation; a word that is longer stands alone, so that it can be copied. */
export function folded(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** One line without anything a terminal could obey. */
export function plain(text: string): string {
  return withoutControl(text.replace(/\s+/g, ' '))
}

/** As `plain`, but keeps line breaks, tabs and spaces: for text that is shown as a block. */
export function plainBlock(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(withoutControl).join('\t'))
    .join('\n')
}

/** Takes out escape sequences, C0, C1, and marks that reverse the reading order. */
function withoutControl(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is searched for.
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
      .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '')
  )
}
