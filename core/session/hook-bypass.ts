/** Ways around a repository's Git hooks, as far as they can be seen in shell commands and file edits. */

import { isOpaque } from './computed-script.ts'
import { type GitInvocation, gitInvocation } from './git-invocation.ts'
import { globMatcher } from './globs.ts'
import type { Session } from './session.ts'
import { joinPath } from './shell/path.ts'
import type { ShellCommand, ShellDoubt } from './shell.ts'
import { callOutcomes, isDenied, type ShellRun, shellRuns } from './shell-run.ts'

export interface HookBypass {
  /** `doubt`: it may be one; what decides was computed at run time or is not visible. */
  readonly certainty: 'certain' | 'doubt'
  /** What happened, in words: "`git commit --no-verify` leaves the repository's hooks out". */
  readonly message: string
  /** The command, or the path of the edited hook. */
  readonly text: string
  readonly events: readonly string[]
  /** Stopped before it did anything: a rule, a hook or a person denied the call. */
  readonly denied: boolean
}

export interface HookBypassOptions {
  /** Globs of folders, relative to the repository, that `core.hooksPath` may name. */
  readonly hookFolders: readonly string[]
}

/** Folders in which projects keep their hooks; anywhere else, hooks are switched off or taken from outside the review. */
export const usualHookFolders: readonly string[] = ['.husky', '.husky/**', '**/*hooks*', '**/*hooks*/**']

type Sight = Pick<HookBypass, 'certainty' | 'message'>

export function hookBypasses(
  session: Session,
  options: HookBypassOptions = { hookFolders: usualHookFolders },
): readonly HookBypass[] {
  const isHookFolder = globMatcher(options.hookFolders, { dot: true })
  const fromShell = shellRuns(session).flatMap((run) => [
    ...run.analysis.commands.flatMap((command) => {
      const sight = seeCommand(command, isHookFolder)
      return sight ? [at(run, sight, command.text)] : []
    }),
    ...run.analysis.doubts.flatMap((doubt) =>
      concernsHooks(doubt, run) ? [at(run, { certainty: 'doubt', message: doubt.message }, doubt.text)] : [],
    ),
  ])
  return [...fromShell, ...editedHooks(session)]
}

function at(run: ShellRun, sight: Sight, text: string): HookBypass {
  return { ...sight, text, events: run.events, denied: run.outcome === 'denied' }
}

function certain(command: ShellCommand, what: string): Sight {
  return { certainty: 'certain', message: `\`${command.text}\` ${what}` }
}

function doubtful(command: ShellCommand, what: string): Sight {
  return { certainty: 'doubt', message: `\`${command.text}\` ${what}` }
}

type IsHookFolder = (path: string) => boolean

function seeCommand(command: ShellCommand, isHookFolder: IsHookFolder): Sight | null {
  const git = gitInvocation(command)
  if (git) return seeGit(command, git, isHookFolder)
  return seeComputedGit(command) ?? seeHookTool(command) ?? seeHookFiles(command) ?? seeInterpreter(command)
}

/** Sub-commands that run hooks which `--no-verify` leaves out. `-n` means the same for two of them only. */
const verifying = new Map<string, { readonly shortOption: boolean }>([
  ['commit', { shortOption: true }],
  ['am', { shortOption: true }],
  ['push', { shortOption: false }],
  ['merge', { shortOption: false }],
  ['rebase', { shortOption: false }],
  ['pull', { shortOption: false }],
])
/** Sub-commands that run some hook; switching hooks off matters for them. */
const hooked = new Set([...verifying.keys(), 'cherry-pick', 'revert'])

function seeGit(command: ShellCommand, git: GitInvocation, isHookFolder: IsHookFolder): Sight | null {
  const { subcommand, options, computed } = git
  const out = 'leaves the repository’s hooks out'
  if (git.shellAlias && /--no-verify|hookspath/i.test(git.shellAlias)) return certain(command, out)
  if (subcommand === 'config') return seeConfig(command, git, isHookFolder)
  if (subcommand === 'commit-tree' || subcommand === 'fast-import') {
    return doubtful(command, 'writes commits for which no hook runs')
  }
  const rules = subcommand === null ? null : verifying.get(subcommand)
  if (skipsVerification(options) && (rules || subcommand === null || !isBuiltIn(subcommand)))
    return certain(command, out)
  if (rules?.shortOption && options.has('n')) return certain(command, out)
  if (subcommand === 'rm' || subcommand === 'mv') return seeHookFiles(command)
  if (subcommand === null) return doubtful(command, 'runs a sub-command that is computed at run time')
  if (!hooked.has(subcommand)) return null
  const path = git.configuration.get('core.hookspath')
  if (path === null) return doubtful(command, 'takes its hooks from a folder that is computed at run time')
  if (path !== undefined && !isOwnFolder(path, isHookFolder))
    return certain(command, 'points core.hooksPath away from the repository’s hooks')
  const environment = seeEnvironment(command)
  if (environment) return environment
  // After a first operand, computed words are branch names and files; in front of it they may be any option.
  const isOpen = computed.some((word) => word.splits || subcommand === 'commit')
  const [first] = git.operands
  const isFirst = first === undefined || computed.includes(first)
  if (rules && isOpen && (subcommand === 'commit' || isFirst)) {
    return doubtful(command, 'has options that are computed at run time')
  }
  return null
}

/** Git takes any unique beginning of a long option; `--no-veri` is one, `--no-ver` is not. The last of a pair holds. */
function skipsVerification(options: GitInvocation['options']): boolean {
  const verify = [...options.keys()].filter((name) => /^(?:no-)?verify$|^no-verif?$/.test(name))
  return verify.at(-1)?.startsWith('no-') ?? false
}

function seeConfig(
  command: ShellCommand,
  { operands, options }: GitInvocation,
  isHookFolder: IsHookFolder,
): Sight | null {
  const words = operands.map(({ value }) => value)
  const verbs = ['get', 'set', 'unset', 'list', 'edit']
  const verb = words[0] !== null && words[0] !== undefined && verbs.includes(words[0]) ? words[0] : null
  const [key, value] = verb ? words.slice(1) : words
  if (key?.toLowerCase() !== 'core.hookspath') return null
  if (verb === 'unset' || options.has('unset') || options.has('unset-all'))
    return certain(command, 'takes core.hooksPath away')
  if (verb === 'get' || options.has('get') || options.has('get-all') || value === undefined) return null
  if (value === null) return doubtful(command, 'sets core.hooksPath to something that is computed at run time')
  return isOwnFolder(value, isHookFolder)
    ? null
    : certain(command, 'points core.hooksPath away from the repository’s hooks')
}

function isOwnFolder(path: string, isHookFolder: IsHookFolder): boolean {
  const normal = joinPath('.', path)
  return !/^(?:\/|~|\.\.|[A-Za-z]:)/.test(normal) && isHookFolder(normal)
}

/** Variables by which hook tools are told to do nothing. */
const switches: readonly { readonly name: string; readonly off: RegExp; readonly tool: string }[] = [
  { name: 'HUSKY', off: /^0$/, tool: 'husky' },
  { name: 'HUSKY_SKIP_HOOKS', off: /^(?!0$|false$).+/, tool: 'husky' },
  { name: 'LEFTHOOK', off: /^(?:0|false)$/, tool: 'lefthook' },
  { name: 'LEFTHOOK_EXCLUDE', off: /./, tool: 'lefthook' },
  { name: 'SKIP', off: /./, tool: 'pre-commit' },
  { name: 'PRE_COMMIT_ALLOW_NO_CONFIG', off: /^(?!0$).+/, tool: 'pre-commit' },
  { name: 'OVERCOMMIT_DISABLE', off: /^(?!0$).+/, tool: 'overcommit' },
  { name: 'SKIP_SIMPLE_GIT_HOOKS', off: /^(?!0$).+/, tool: 'simple-git-hooks' },
]

function seeEnvironment(command: ShellCommand): Sight | null {
  for (const { name, off, tool } of switches) {
    const value = command.environment.get(name)
    if (value === undefined) continue
    if (value === null) return doubtful(command, `runs with ${name} computed at run time, which may switch ${tool} off`)
    if (off.test(value)) return certain(command, `switches ${tool} off with ${name}=${value}`)
  }
  return null
}

function seeComputedGit(command: ShellCommand): Sight | null {
  if (command.program !== null) return null
  const isVerifying = command.arguments.some((word) => word !== null && verifying.has(word))
  const skips = command.arguments.some((word) => word === null || word === '-n' || word.startsWith('--no-veri'))
  return isVerifying && skips ? doubtful(command, 'runs a program that is computed at run time, perhaps git') : null
}

/** Programs that commit or push for the user and hand `--no-verify` on. */
const committers = new Set(['gt', 'git-cz', 'cz', 'commit', 'npm', 'pnpm', 'yarn', 'bun', 'gh', 'hub'])

function seeHookTool(command: ShellCommand): Sight | null {
  const { program, arguments: words } = command
  if (program === null) return null
  const removes = words.includes('uninstall') || words.includes('--uninstall')
  if (removes && ['pre-commit', 'lefthook', 'husky', 'overcommit'].includes(program)) {
    return certain(command, 'takes the repository’s hooks away')
  }
  if (!committers.has(program)) return null
  if (words.includes('--no-verify')) return certain(command, 'leaves the repository’s hooks out')
  const runsScripts = words[0] === 'run' || words[0] === 'version' || words[0] === 'publish'
  const environment = runsScripts ? seeEnvironment(command) : null
  return environment ? doubtful(command, 'switches hooks off for a script that may commit') : null
}

const hookFile = /(?:^|\/)(?:\.git\/(?:modules\/.+\/)?hooks|\.husky|\.githooks)(?:\/|$)/
const hookConfiguration = /(?:^|\/)(?:\.pre-commit-config\.ya?ml|\.?lefthook\.ya?ml|\.overcommit\.yml)$/

function isHookFile(path: string): boolean {
  return hookFile.test(path) && !path.endsWith('.sample')
}

function seeHookFiles(command: ShellCommand): Sight | null {
  const { program, folder, words, writes } = command
  const paths = words.flatMap(({ value, prefix }) => (prefix.startsWith('-') ? [] : [resolve(folder, value ?? prefix)]))
  const touched = paths.filter(isHookFile)
  const written = writes.some((path) => path !== null && isHookFile(resolve(folder, path)))
  if (written) return doubtful(command, 'writes a hook; whether it still checks what it should is not visible')
  const removed = [...touched, ...paths.filter((path) => hookConfiguration.test(path))]
  switch (program) {
    case 'rm':
    case 'rmdir':
    case 'unlink':
    case 'shred':
    case 'git':
      return removed.length > 0 ? certain(command, 'removes hooks') : null
    case 'mv':
      return removed.includes(paths[0] ?? '') ? certain(command, 'moves hooks away') : null
    case 'find':
      return touched.length > 0 && command.arguments.includes('-delete') ? certain(command, 'removes hooks') : null
    case 'chmod':
      return touched.length > 0 && removesExecution(command.arguments)
        ? certain(command, 'makes hooks not executable')
        : null
    case 'cp':
    case 'ln':
    case 'install':
      return isHookFile(paths.at(-1) ?? '') && paths.some((path) => /^\/(?:dev\/null|(?:usr\/)?bin\/true)$/.test(path))
        ? certain(command, 'replaces a hook with nothing')
        : null
    case 'sed':
    case 'perl':
      return touched.length > 0 && words.some(({ prefix }) => /^-[a-z]*i|^--in-place/.test(prefix))
        ? doubtful(command, 'edits a hook; whether it still checks what it should is not visible')
        : null
    case 'tee':
    case 'truncate':
    case 'dd':
      return touched.length > 0
        ? doubtful(command, 'writes a hook; whether it still checks what it should is not visible')
        : null
    default:
      return null
  }
}

function resolve(folder: string | null, path: string): string {
  return joinPath(folder ?? '.', path)
}

function removesExecution(words: readonly (string | null)[]): boolean {
  return words.some(
    (word) =>
      word !== null && (/^[ugoa]*-[rw]*x/.test(word) || /^[ugoa]*=[rw]*$/.test(word) || /^0?[0246]{3}$/.test(word)),
  )
}

/** Programs whose code is text in the command, in a language that is not read here. */
const interpreters = /^(?:python[\d.]*|node|deno|bun|perl|ruby|php|osascript)$/

function seeInterpreter(command: ShellCommand): Sight | null {
  if (command.program === null || !interpreters.test(command.program)) return null
  const code = [...command.arguments, command.input].filter((text) => text !== null).join('\n')
  const starts = /subprocess|system\(|exec|spawn|popen|`/i.test(code)
  const bypasses = /--no-verify|hookspath|HUSKY/i.test(code) && /git/.test(code)
  return starts && bypasses ? doubtful(command, 'runs code that mentions a way around hooks') : null
}

function concernsHooks(doubt: ShellDoubt, run: ShellRun): boolean {
  if (doubt.kind === 'unparsable') return /git|hook|husky|no-verify/i.test(doubt.text)
  if (doubt.kind !== 'computed-script') return true
  return isOpaque(doubt, run.analysis)
}

/** Hooks that an edit tool removed or took lines from. A new hook is no way around one. */
function editedHooks(session: Session): readonly HookBypass[] {
  const outcomes = callOutcomes(session)
  return session.events.flatMap((event) => {
    if (event.kind !== 'toolResult') return []
    const denied = isDenied(outcomes.get(event.callId))
    return event.edits.flatMap((edit): HookBypass[] => {
      const isHook = isHookFile(edit.path)
      if (!isHook && !hookConfiguration.test(edit.path)) return []
      const base = { text: edit.path, events: [event.id], denied }
      if (edit.kind === 'delete') return [{ ...base, certainty: 'certain', message: `\`${edit.path}\` was deleted` }]
      const takesLines = edit.hunks.some(({ lines }) => lines.some((line) => line.startsWith('-')))
      if (!isHook || edit.kind === 'create' || !takesLines) return []
      const message = `\`${edit.path}\` was edited; whether it still checks what it should is not visible`
      return [{ ...base, certainty: 'doubt', message }]
    })
  })
}

/** Git's own sub-commands; any other name is an alias, whose meaning stands in a configuration file. */
const builtIn = new Set(
  (
    'add am annotate apply archive bisect blame branch bundle cat-file check-attr check-ignore checkout cherry cherry-pick ' +
    'citool clean clone column commit commit-tree config count-objects credential describe diff diff-files diff-index diff-tree ' +
    'difftool fast-export fast-import fetch filter-branch for-each-ref format-patch fsck gc grep gui hash-object help hook init ' +
    'lfs log ls-files ls-remote ls-tree maintenance merge merge-base merge-file merge-tree mergetool mv name-rev notes pack-objects ' +
    'prune pull push range-diff read-tree rebase reflog remote repack replace rerere reset restore rev-list rev-parse revert rm ' +
    'send-email shortlog show show-ref sparse-checkout stash status submodule switch symbolic-ref tag update-index update-ref ' +
    'verify-commit verify-tag version whatchanged worktree write-tree'
  ).split(' '),
)

function isBuiltIn(subcommand: string): boolean {
  return builtIn.has(subcommand)
}
