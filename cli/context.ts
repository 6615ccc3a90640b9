/** Where a command runs: folder, environment, terminal and clock, handed down so that nothing below asks the process. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Terminal } from './io/terminal.ts'

export interface Context {
  /** Absolute; `--cwd` where it was given. */
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string>>
  readonly home: string
  /** Person's own folder of Stemma: device keys. */
  readonly configurationFolder: string
  /** What can be computed again: summaries of transcripts. */
  readonly cacheFolder: string
  readonly terminal: Terminal
  readonly now: () => Date
  /** Print one JSON value on stdout instead of text. */
  readonly json: boolean
  /** Whole of stdin, for hooks. */
  readonly readInput: () => Promise<string>
}

export function createContext(
  terminal: Terminal,
  options: { readonly cwd: string | undefined; readonly json: boolean },
): Context {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const home = environment['HOME'] || homedir()
  return {
    workingDirectory: resolve(options.cwd ?? '.'),
    environment,
    home,
    configurationFolder: join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'stemma'),
    cacheFolder: join(environment['XDG_CACHE_HOME'] || join(home, '.cache'), 'stemma'),
    terminal,
    now: () => new Date(),
    json: options.json,
    readInput: async () => {
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}
