/** Options that every command takes. */

export interface GlobalOption {
  /** In commander's notation. */
  readonly flags: string
  readonly description: string
}

export const globalOptions: readonly GlobalOption[] = [
  { flags: '--json', description: 'print one JSON value on stdout' },
  { flags: '--no-color', description: 'no colours (also NO_COLOR, TERM=dumb)' },
  { flags: '-q, --quiet', description: 'no talk, only data and errors' },
  { flags: '--verbose', description: 'say more about what is done' },
  { flags: '--cwd <folder>', description: 'run as if started in this folder' },
]

/** Served by commander itself. */
export const helpOption: GlobalOption = { flags: '-h, --help', description: 'show help' }
export const versionOption: GlobalOption = { flags: '-V, --version', description: 'print the version' }
