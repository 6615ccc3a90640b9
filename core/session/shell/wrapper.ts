/** Programs that run another program given in their own arguments, and how to find it. */

/** How a wrapper's arguments read. */
export interface Wrapper {
  /** Short options (letters) that take a value, attached or in the next word. */
  readonly short: string
  /** Long options that take their value in the next word (`--name=value` needs no entry). */
  readonly long: readonly string[]
  /** Words that stand before the wrapped program: the duration of `timeout`, the folder of `chroot`. */
  readonly operands: number
  /** Whether `NAME=value` words set the environment. */
  readonly assigns: boolean
  /** Sub-commands that must come first, each as words; [] = none. */
  readonly after: readonly (readonly string[])[]
}

const plain: Wrapper = { short: '', long: [], operands: 0, assigns: false, after: [] }

function runner(after: readonly (readonly string[])[], options: Partial<Wrapper> = {}): Wrapper {
  return { ...plain, ...options, after }
}

/** By program name. Sources: the manual pages of each, GNU and BSD forms taken together. */
export const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  [
    'sudo',
    {
      ...plain,
      short: 'ughpCrtTUDR',
      long: ['--user', '--group', '--host', '--prompt', '--chdir', '--chroot'],
      assigns: true,
    },
  ],
  ['doas', { ...plain, short: 'uC' }],
  ['env', { ...plain, short: 'uC', long: ['--unset', '--chdir'], assigns: true }],
  ['cross-env', { ...plain, assigns: true }],
  ['dotenv', { ...plain, short: 'ef' }],
  ['nohup', plain],
  ['setsid', plain],
  ['builtin', plain],
  ['caffeinate', { ...plain, short: 'tw' }],
  ['unbuffer', plain],
  ['time', { ...plain, short: 'fo', long: ['--format', '--output'] }],
  ['nice', { ...plain, short: 'n', long: ['--adjustment'] }],
  ['ionice', { ...plain, short: 'cnpPu', long: ['--class', '--classdata'] }],
  ['stdbuf', { ...plain, short: 'ioe', long: ['--input', '--output', '--error'] }],
  ['timeout', { ...plain, short: 'ks', long: ['--kill-after', '--signal'], operands: 1 }],
  ['gtimeout', { ...plain, short: 'ks', long: ['--kill-after', '--signal'], operands: 1 }],
  ['chroot', { ...plain, operands: 1 }],
  ['exec', { ...plain, short: 'a' }],
  ['command', plain],
  ['busybox', plain],
  ['npx', { ...plain, short: 'pc', long: ['--package', '--workspace'] }],
  ['bunx', plain],
  ['pnpx', plain],
  ['uvx', { ...plain, long: ['--from', '--with', '--python'] }],
  ['npm', runner([['exec'], ['x']])],
  ['pnpm', runner([['exec'], ['dlx']])],
  ['yarn', runner([['exec'], ['dlx']])],
  ['bun', runner([['x']])],
  [
    'uv',
    runner([['run']], { short: 'p', long: ['--with', '--group', '--extra', '--python', '--project', '--directory'] }),
  ],
  ['poetry', runner([['run']])],
  ['pipenv', runner([['run']])],
  ['pdm', runner([['run']])],
  ['hatch', runner([['run']])],
  ['rye', runner([['run']])],
  ['bundle', runner([['exec']])],
  ['mise', runner([['exec'], ['x']])],
  ['asdf', runner([['exec']])],
  ['direnv', runner([['exec']], { operands: 1 })],
  [
    'docker',
    runner(
      [['exec'], ['run'], ['compose', 'exec'], ['compose', 'run'], ['container', 'exec'], ['container', 'run']],
      containerOptions(),
    ),
  ],
  ['podman', runner([['exec'], ['run'], ['compose', 'exec'], ['compose', 'run']], containerOptions())],
  ['docker-compose', runner([['exec'], ['run']], containerOptions())],
])

function containerOptions(): Partial<Wrapper> {
  return {
    short: 'evuwpl',
    long: [
      '--env',
      '--volume',
      '--user',
      '--workdir',
      '--publish',
      '--name',
      '--network',
      '--entrypoint',
      '--mount',
      '--platform',
      '--index',
    ],
    operands: 1,
  }
}

/** Shells: `-c` runs its text, no operand runs what stands on the input. PowerShell and cmd are read as far as they look alike. */
export const shells: ReadonlySet<string> = new Set([
  ...['sh', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'ash', 'fish', 'rbash'],
  ...['powershell', 'pwsh', 'cmd'],
])

/** Where the wrapped program begins in `words`, with the assignments passed over; null = the program runs nothing else. */
export function wrappedAt(
  wrapper: Wrapper,
  words: readonly (string | null)[],
): { start: number; assignments: readonly number[] } | null {
  let index = 0
  if (wrapper.after.length > 0) {
    const found = wrapper.after.find((names) => names.every((name, at) => words[at] === name))
    if (!found) return null
    index = found.length
  }
  const assignments: number[] = []
  let operands = wrapper.operands
  for (; index < words.length; index += 1) {
    const word = words[index]
    if (word === undefined) break
    if (word?.startsWith('-') && word.length > 1) {
      if (word === '--') {
        if (operands === 0) return index + 1 < words.length ? { start: index + 1, assignments } : null
        continue
      }
      if (takesNextWord(wrapper, word)) index += 1
    } else if (wrapper.assigns && word !== null && /^[A-Za-z_]\w*=/.test(word)) {
      assignments.push(index)
    } else if (operands > 0) {
      operands -= 1
    } else {
      return { start: index, assignments }
    }
  }
  return null
}

/** Whether an option leaves its value to the next word. */
export function takesNextWord({ short, long }: Pick<Wrapper, 'short' | 'long'>, option: string): boolean {
  if (option.startsWith('--')) return long.includes(option)
  const at = [...option.slice(1)].findIndex((letter) => short.includes(letter))
  return at !== -1 && at === option.length - 2
}
