/** PackageInstall: a package that a command adds by name, from where a package manager takes it. */
import type { Session } from './session.ts'
import { takesNextWord } from './shell/wrapper.ts'
import type { ShellCommand } from './shell.ts'
import { shellRuns } from './shell-run.ts'

export const ecosystems = ['npm', 'pypi', 'cargo', 'go', 'gem', 'composer', 'nuget', 'system'] as const
export type Ecosystem = (typeof ecosystems)[number]

export interface PackageInstall {
  readonly ecosystem: Ecosystem
  /** Without its version; an address for a package from outside of a registry; null = computed at run time. */
  readonly name: string | null
  readonly text: string
  readonly events: readonly string[]
  readonly denied: boolean
}

interface Installer {
  readonly ecosystem: Ecosystem
  readonly program: RegExp
  /** Words in front of the packages. */
  readonly after: RegExp
  readonly short: string
  readonly long: readonly string[]
}

const long = (names: string): readonly string[] => names.split(' ').map((name) => `--${name}`)

/** From the manuals of each. Commands that install what a lock file or manifest names have no operand, so they name nothing. */
const installers: readonly Installer[] = [
  {
    ecosystem: 'npm',
    program: /^(?:npm|pnpm|yarn|bun|cnpm)$/,
    after: /^(?:global )?(?:install|i|in|add|isntall)$/,
    short: 'wFC',
    long: long('workspace filter prefix dir cwd registry tag'),
  },
  {
    ecosystem: 'pypi',
    program: /^(?:pip\d*(?:\.\d+)?|pipx|pipenv|poetry|pdm|rye|conda|mamba|micromamba)$/,
    after: /^(?:install|add)$/,
    short: 'rctiefnpG',
    long: long(
      'requirement constraint target index-url extra-index-url find-links prefix root group name channel python',
    ),
  },
  {
    ecosystem: 'pypi',
    program: /^uv$/,
    after: /^(?:add|pip install|tool install)$/,
    short: 'rcp',
    long: long('requirement requirements constraint index index-url extra-index-url group optional python directory'),
  },
  {
    ecosystem: 'cargo',
    program: /^cargo$/,
    after: /^(?:add|install)$/,
    short: 'pFj',
    long: long('package features path git branch tag rev vers version root target registry profile'),
  },
  { ecosystem: 'go', program: /^go$/, after: /^(?:get|install)$/, short: '', long: [] },
  {
    ecosystem: 'gem',
    program: /^(?:gem|bundle|bundler)$/,
    after: /^(?:install|add)$/,
    short: 'vin',
    long: long('version source'),
  },
  {
    ecosystem: 'composer',
    program: /^composer$/,
    after: /^(?:global )?require$/,
    short: 'd',
    long: long('working-dir'),
  },
  {
    ecosystem: 'nuget',
    program: /^dotnet$/,
    after: /^(?:add package|add \S+ package|tool install)$/,
    short: 'vsf',
    long: long('version source framework'),
  },
  {
    ecosystem: 'system',
    program: /^(?:apt|apt-get|aptitude|dnf|yum|zypper|brew|port|snap|winget|choco|scoop)$/,
    after: /^(?:install|reinstall)$/,
    short: 'tco',
    long: long('target-release'),
  },
  { ecosystem: 'system', program: /^apk$/, after: /^add$/, short: 'tX', long: long('virtual repository') },
  { ecosystem: 'system', program: /^(?:pacman|yay|paru)$/, after: /^-S[yu]*$/, short: '', long: [] },
]

export function packageInstalls(session: Session): readonly PackageInstall[] {
  return shellRuns(session).flatMap((run) =>
    run.analysis.commands.flatMap((command) =>
      installedBy(command).map((one) => ({
        ...one,
        text: command.text,
        events: run.events,
        denied: run.outcome === 'denied',
      })),
    ),
  )
}

type Installed = Pick<PackageInstall, 'ecosystem' | 'name'>

function installedBy(given: ShellCommand): readonly Installed[] {
  const command = withoutModule(given)
  const { program, words } = command
  if (program === null) return []
  for (const installer of installers) {
    if (!installer.program.test(program)) continue
    const start = startOf(installer, command)
    if (start === null) continue
    const packages: Installed[] = []
    for (let index = start; index < words.length; index++) {
      const word = words[index]
      if (word === undefined) break
      if (word.prefix.startsWith('-')) {
        if (word.value !== null && takesNextWord(installer, word.value)) index++
      } else if (word.value === null)
        packages.push({ ecosystem: installer.ecosystem, name: addressBefore(word.prefix) })
      else if (!isLocal(word.value)) packages.push({ ecosystem: installer.ecosystem, name: bareName(word.value) })
    }
    return packages
  }
  return []
}

/** `python -m pip install x` is `pip install x`. */
function withoutModule(command: ShellCommand): ShellCommand {
  const { program, words } = command
  if (program === null || !/^python[\d.]*$/.test(program) || words[0]?.value !== '-m' || words[1]?.value !== 'pip')
    return command
  return { ...command, program: 'pip', words: words.slice(2), arguments: command.arguments.slice(2) }
}

/** Index of the first word after the sub-command, with options in front of it passed over. */
function startOf({ after, short, long: longOptions }: Installer, { words }: ShellCommand): number | null {
  const seen: string[] = []
  for (let index = 0; index < words.length && seen.length < 3; index++) {
    const { value = null } = words[index] ?? {}
    if (value === null) return null
    if (value.startsWith('-') && !/^-S/.test(value)) {
      if (takesNextWord({ short, long: longOptions }, value)) index++
      continue
    }
    seen.push(value)
    if (after.test(seen.join(' '))) return index + 1
  }
  return null
}

function isLocal(word: string): boolean {
  return (
    /^(?:\.{1,2}(?:\/|$|\[)|\/|~\/|file:|link:|workspace:)/.test(word) ||
    /\.(?:whl|tgz|tar\.gz|gem|deb|rpm|apk)$/.test(word)
  )
}

function isAddress(word: string): boolean {
  return /^(?:git\+|https?:|ssh:|git:|github:|gitlab:|bitbucket:)/.test(word)
}

function addressBefore(prefix: string): string | null {
  return prefix === '' ? null : `${bareName(prefix)}…`
}

/** `@scope/name@1.2.3`, `name==1.0`, `name[extra]>=2`, `module/path@v1` without what follows the name. */
function bareName(word: string): string {
  if (isAddress(word)) return word
  const at = word.indexOf('@', 1)
  return (at === -1 ? word : word.slice(0, at)).replace(/(?:\[[^\]]*\])?(?:[=<>!~]=?.*)?$/, '')
}
