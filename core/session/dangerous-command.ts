/** Commands whose damage cannot be taken back, or that run what nobody has read. */

import { isDownload, isOpaque } from './computed-script.ts'
import { gitInvocation } from './git-invocation.ts'
import { globMatcher } from './globs.ts'
import type { Session } from './session.ts'
import { joinPath } from './shell/path.ts'
import type { ShellWord } from './shell/word.ts'
import type { ShellAnalysis, ShellCommand, ShellDoubt } from './shell.ts'
import { type ShellRun, shellRuns } from './shell-run.ts'

/** What counts as dangerous. What can be taken back with git (`reset --hard`, `clean`) is left out on purpose. */
export const dangerKinds = {
  'wide-removal': 'recursive removal of a root, home, system or whole working folder',
  disk: 'formatting or overwriting of a disk',
  'open-permissions': 'permissions or owners changed on everything below a wide folder',
  'downloaded-code': 'a download that is run without being read',
  'fork-bomb': 'a function that starts ever more of itself',
  'force-push': 'history of a protected branch overwritten or deleted',
  database: 'a database dropped or emptied',
  infrastructure: 'cloud resources, clusters or repositories deleted without a question',
  traces: 'the record of commands erased',
  'remote-shell': 'a shell handed to the network',
  machine: 'the machine or its protection switched off',
} as const
export type DangerKind = keyof typeof dangerKinds

export interface Danger {
  readonly kind: DangerKind
  /** `doubt`: it may be one; what decides was computed at run time or is not visible. */
  readonly certainty: 'certain' | 'doubt'
  readonly message: string
  readonly text: string
  readonly events: readonly string[]
  readonly denied: boolean
}

export interface DangerOptions {
  /** Globs of branches whose history stays. */
  readonly protectedBranches: readonly string[]
  /** Hosts whose scripts may be run from a download. */
  readonly trustedHosts: readonly string[]
  /** Globs of databases that may be dropped. */
  readonly disposableDatabases: readonly string[]
}

export const usualDangerOptions: DangerOptions = {
  protectedBranches: ['main', 'master', 'trunk', 'develop', 'production', 'release', 'release/*'],
  trustedHosts: [],
  disposableDatabases: ['*test*', '*tmp*', '*temp*'],
}

type Sight = Pick<Danger, 'kind' | 'certainty' | 'message'>
interface View {
  readonly command: ShellCommand
  readonly analysis: ShellAnalysis
  readonly session: Session
  readonly trustedHosts: readonly string[]
  readonly isProtected: (branch: string) => boolean
  readonly isDisposable: (database: string) => boolean
}

export function dangers(session: Session, options: DangerOptions = usualDangerOptions): readonly Danger[] {
  const { trustedHosts } = options
  const isProtected = globMatcher(options.protectedBranches)
  const isDisposable = globMatcher(options.disposableDatabases, { nocase: true })
  return shellRuns(session).flatMap((run) => {
    const at = (sight: Sight, text: string): Danger => ({
      ...sight,
      text,
      events: run.events,
      denied: run.outcome === 'denied',
    })
    const { analysis } = run
    return [
      ...analysis.commands.flatMap((command) => {
        const sight = see({ command, analysis, session, trustedHosts, isProtected, isDisposable })
        return sight ? [at(sight, command.text)] : []
      }),
      ...analysis.forkBombs.map((text) =>
        at({ kind: 'fork-bomb', certainty: 'certain', message: `\`${text}\` starts ever more of itself` }, text),
      ),
      ...analysis.doubts
        .filter((doubt) => isDangerous(doubt, run))
        .map((doubt) => at({ kind: 'downloaded-code', certainty: 'doubt', message: doubt.message }, doubt.text)),
    ]
  })
}

function certain(kind: DangerKind, { text }: ShellCommand, what: string): Sight {
  return { kind, certainty: 'certain', message: `\`${text}\` ${what}` }
}

function doubtful(kind: DangerKind, { text }: ShellCommand, what: string): Sight {
  return { kind, certainty: 'doubt', message: `\`${text}\` ${what}` }
}

function see(view: View): Sight | null {
  const { command } = view
  return (
    seeRemoval(command) ??
    seeDisk(command) ??
    seePermissions(command) ??
    seeDownload(view) ??
    seePush(view) ??
    seeDatabase(view) ??
    seeInfrastructure(command) ??
    seeTraces(command) ??
    seeRemoteShell(command) ??
    seeMachine(command)
  )
}

type Width = 'wide' | 'narrow' | 'computed'

const systemFolder =
  /^\/(?:bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|usr|var|Applications|Library|System|Users|Volumes|mnt|media)(?:\/\*+)?$|^\/\**$/
const systemPart =
  /^\/(?:bin|boot|dev|etc|lib|lib64|proc|sbin|sys|usr\/(?:bin|lib|sbin|share|include)|System|Library|var\/(?:lib|log))(?:\/|$)/
const personFolder = /^\/(?:home|Users)\/[^/]+(?:\/\*+)?$/
const homePart =
  /^~(?:\/(?:\*+|\.|\.\*|Documents|Desktop|Downloads|Pictures|Library|\.ssh|\.gnupg|\.aws|\.kube|\.config)(?:\/\*+)?)?$/

/** Whether a removal of this word takes far more than a project's own output. */
function widthOf(word: ShellWord, folder: string | null): Width {
  if (word.value !== null) {
    const own = word.value
    if (folder === null && !/^[/~]/.test(own))
      return /^(?:\.|\*+|\.\/?\*+|\.\.(?:\/.*)?)\/?$/.test(own) ? 'computed' : 'narrow'
    const path = joinPath(folder ?? '.', own)
    const isWhole =
      path === '.' || /^\*+$/.test(path) || /^(?:\.\.\/?)+(?:\*+)?$/.test(path) || path === '.git' || path === '.*'
    const isRoot = systemFolder.test(path) || systemPart.test(path) || personFolder.test(path) || homePart.test(path)
    return isWhole || isRoot || /^[A-Za-z]:[\\/]?\*?$/.test(own) ? 'wide' : 'narrow'
  }
  // A known name at the end, or a known folder in front, bounds what can be meant.
  if (/\/[^/*?.][^/*?]*\/?$/.test(word.suffix)) return 'narrow'
  return word.prefix === '' || /^(?:\/+|~\/?|\.\.?|\.\.\/)$/.test(word.prefix) ? 'computed' : 'narrow'
}

function seeRemoval(command: ShellCommand): Sight | null {
  const { program, words, folder, via } = command
  if (isContained(via)) return null
  const operands = words.filter(({ prefix }) => !prefix.startsWith('-'))
  if (program === 'find') return seeFoundRemoval(command)
  const isRemoval =
    program === 'rm' || (program === null && words.some(({ value }) => value === '-rf' || value === '-fr'))
  const options = words.flatMap(({ value }) => (value?.startsWith('-') ? [value] : []))
  const isRecursive =
    options.some((option) => /^-[a-zA-Z]*[rR]/.test(option) || option === '--recursive') ||
    words.some(({ value, prefix }) => value === null && prefix.startsWith('-'))
  if (!isRemoval || !isRecursive) return null
  const widths = operands.map((word) => widthOf(word, folder))
  if (widths.includes('wide')) {
    const what = 'removes a root, home, system or whole working folder'
    return program === null
      ? doubtful('wide-removal', command, `may remove it all`)
      : certain('wide-removal', command, what)
  }
  const asRoot = via.includes('sudo') || via.includes('doas')
  if (asRoot && operands.some(({ value }) => value?.startsWith('/') && !/^\/(?:tmp|var\/tmp)\//.test(value))) {
    return certain('wide-removal', command, 'removes folders with the rights of the administrator')
  }
  return widths.includes('computed')
    ? doubtful('wide-removal', command, 'removes a folder whose name is computed at run time')
    : null
}

function seeFoundRemoval(command: ShellCommand): Sight | null {
  const { words, folder } = command
  const values = words.map(({ value }) => value)
  if (!values.includes('-delete')) return null
  const isFiltered = values.some(
    (value) =>
      value !== null &&
      /^-(?:i?name|i?path|i?regex|type|[cma]time|[cma]min|newer\w*|size|empty|perm|user|maxdepth)$/.test(value),
  )
  const roots = words.slice(
    0,
    Math.max(
      0,
      values.findIndex((value) => value?.startsWith('-')),
    ),
  )
  const widths = (roots.length > 0 ? roots : []).map((word) => widthOf(word, folder))
  const isRoot = roots.some(({ value }) => value !== null && /^(?:\/|~)\/?$/.test(value))
  return isRoot || (!isFiltered && widths.includes('wide'))
    ? certain('wide-removal', command, 'removes everything below a wide folder')
    : null
}

/** Inside a container a removal ends with the container. */
function isContained(via: readonly string[]): boolean {
  return via.some((name) => name === 'docker' || name === 'podman' || name === 'docker-compose')
}

const disk = /^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|disk\d|rdisk\d|mapper\/|md\d)/

function seeDisk(command: ShellCommand): Sight | null {
  const { program, arguments: words, writes } = command
  const what = 'overwrites a disk'
  if (writes.some((path) => path !== null && disk.test(path))) return certain('disk', command, what)
  if (program === null) return null
  if (/^mkfs(?:\.|$)/.test(program) || program === 'wipefs' || program === 'mke2fs')
    return certain('disk', command, 'formats a disk')
  if (program === 'diskutil' && words.some((word) => word !== null && /^(?:erase|partition|zero)/i.test(word)))
    return certain('disk', command, 'formats a disk')
  if (program === 'dd' && words.some((word) => word?.startsWith('of=') && disk.test(word.slice(3))))
    return certain('disk', command, what)
  const tools = ['shred', 'fdisk', 'parted', 'sgdisk', 'cp', 'tee']
  const lists = words.includes('-l') || words.includes('print')
  return tools.includes(program) && !lists && words.some((word) => word !== null && disk.test(word))
    ? certain('disk', command, what)
    : null
}

function seePermissions(command: ShellCommand): Sight | null {
  const { program, words, folder, via } = command
  if ((program !== 'chmod' && program !== 'chown' && program !== 'chgrp') || isContained(via)) return null
  const options = words.filter(({ prefix }) => /^-[A-Za-z]|^--/.test(prefix))
  if (!options.some(({ prefix }) => /^-[a-zA-Z]*R|^--recursive/.test(prefix))) return null
  const [mode, ...targets] = words.filter((word) => !options.includes(word))
  const opens =
    program !== 'chmod' || /^0?[0-7]?[0-7][0-7][2367]$|^[ugoa]*[ao]+[ugoa]*[+=][rx]*w|^\+[rx]*w/.test(mode?.value ?? '')
  const isWide = targets.some(
    (word) =>
      widthOf(word, folder) === 'wide' &&
      (program === 'chmod' || !/^\.?\/?\*?$/.test(word.value ?? '') || word.value === '/'),
  )
  return opens && isWide
    ? certain('open-permissions', command, 'changes permissions of everything below a wide folder')
    : null
}

const interpreters = /^(?:python[\d.]*|node|perl|ruby|php|deno|bun)$/

function seeDownload({ command, analysis, trustedHosts }: View): Sight | null {
  const { program, runsOutputOf, pipedFrom, arguments: words, input } = command
  const readsInput =
    program !== null && interpreters.test(program) && input === null && (words.length === 0 || words[0] === '-')
  const from = runsOutputOf ?? (readsInput ? pipedFrom : [])
  if (!from.some(isDownload)) return null
  const hosts = analysis.commands
    .filter((other) => isDownload(other.program))
    .flatMap(({ arguments: list }) => list.flatMap(hostOf))
  if (hosts.length > 0 && hosts.every((host) => trustedHosts.includes(host))) return null
  return certain(
    'downloaded-code',
    command,
    `runs what ${hosts[0] ?? 'a server'} sends, without anybody having read it`,
  )
}

function hostOf(word: string | null): readonly string[] {
  const host = /^(?:https?:\/\/)?([\w.-]+\.[a-z]{2,})(?::\d+)?(?:[/?#]|$)/i.exec(word ?? '')?.[1]
  return host && !word?.startsWith('-') && !/\.(?:sh|py|txt|json|log)$/i.test(host) ? [host.toLowerCase()] : []
}

function seePush({ command, session, isProtected }: View): Sight | null {
  const git = gitInvocation(command)
  if (git?.subcommand !== 'push') return null
  if (git.options.has('n') || git.options.has('dry-run')) return null
  const [, ...refs] = git.operands
  const forces = ['force', 'f', 'force-with-lease', 'mirror'].some((name) => git.options.has(name))
  const deletes = git.options.has('delete') || git.options.has('d')
  const what = 'overwrites or deletes the history of a protected branch'
  for (const { value } of refs) {
    if (value === null) continue
    const target = (value.includes(':') ? value.slice(value.indexOf(':') + 1) : value)
      .replace(/^\+/, '')
      .replace(/^refs\/heads\//, '')
    const rewrites = forces || deletes || value.startsWith('+') || value.startsWith(':')
    if (rewrites && isProtected(target)) return certain('force-push', command, what)
  }
  const isOpen = refs.length === 0 || refs.some(({ value }) => value === null || value === 'HEAD')
  const mayBeProtected = session.branches.length === 0 || session.branches.some((branch) => isProtected(branch))
  if (!forces || !isOpen || !mayBeProtected) return null
  return doubtful('force-push', command, 'overwrites history of a branch that is not named and may be protected')
}

const databasePrograms = new Set([
  'psql',
  'mysql',
  'mariadb',
  'sqlcmd',
  'clickhouse-client',
  'cockroach',
  'mongosh',
  'mongo',
  'redis-cli',
  'cqlsh',
  'usql',
])

function seeDatabase({ command, isDisposable }: View): Sight | null {
  const { program, arguments: words, input } = command
  if (program === null) return null
  if (program === 'dropdb' || (program === 'mysqladmin' && words.includes('drop'))) {
    const name = words.findLast((word) => word === null || !word.startsWith('-'))
    return name && isDisposable(name) ? null : certain('database', command, 'drops a database')
  }
  if (!databasePrograms.has(program)) return null
  const text = [...words, input].filter((part) => part !== null).join('\n')
  if (/\bFLUSHALL\b|\bdropDatabase\s*\(/i.test(text)) return certain('database', command, 'empties a database')
  for (const [, name = ''] of text.matchAll(
    /\bDROP\s+(?:DATABASE|SCHEMA|KEYSPACE)\s+(?:IF\s+EXISTS\s+)?["'`]?([\w.$-]+)/gi,
  )) {
    if (!isDisposable(name)) return certain('database', command, 'drops a database')
  }
  return null
}

/** Program, then words that must stand in the command in this order, then words of which one must be there too. */
const deletions: readonly (readonly [program: RegExp, inOrder: readonly RegExp[], alsoOneOf: RegExp | null])[] = [
  [
    /^(?:terraform|tofu|terragrunt)$/,
    [/^(?:destroy|run-all|apply)$/],
    /^-{1,2}(?:auto-approve|terragrunt-non-interactive)$/,
  ],
  [/^pulumi$/, [/^(?:destroy|stack)$/], /^(?:--yes|-y|--force)$/],
  [/^cdk$/, [/^destroy$/], /^(?:--force|-f)$/],
  [/^(?:kubectl|oc)$/, [/^delete$/, /^(?:ns|namespaces?|project)(?:\/.*)?$/], null],
  [/^(?:kubectl|oc)$/, [/^delete$/], /^--all(?:-namespaces)?$/],
  [/^aws$/, [/^s3$/, /^rb$/], /^--force$/],
  [/^aws$/, [/^s3$/, /^rm$/, /^s3:\/\/[^/]+\/?$/], /^--recursive$/],
  [
    /^aws$/,
    [
      /^(?:rds|dynamodb|cloudformation|ec2|eks)$/,
      /^(?:delete-(?:db-instance|db-cluster|table|stack|cluster)|terminate-instances)$/,
    ],
    null,
  ],
  [/^gcloud$/, [/^projects$/, /^delete$/], null],
  [/^az$/, [/^group$/, /^delete$/], null],
  [/^gh$/, [/^repo$/, /^delete$/], null],
  [/^heroku$/, [/^(?:apps:destroy|pg:reset)$/], null],
  [/^npm$/, [/^unpublish$/], null],
  [/^(?:wrangler|wrangler2)$/, [/^(?:d1|r2|kv|queues)$/, /^(?:bucket|namespace)?$|^delete$/, /^delete$/], null],
]

function seeInfrastructure(command: ShellCommand): Sight | null {
  const { program, arguments: words } = command
  if (program === null) return null
  const matches = deletions.some(([name, inOrder, alsoOneOf]) => {
    if (!name.test(program)) return false
    let at = -1
    const isInOrder = inOrder.every((part) => {
      at = words.findIndex((word, index) => index > at && word !== null && part.test(word))
      return at !== -1
    })
    return isInOrder && (!alsoOneOf || words.some((word) => word !== null && alsoOneOf.test(word)))
  })
  // `terraform apply` builds; only with -destroy it is a deletion.
  const builds = words.includes('apply') && !words.includes('-destroy') && !words.includes('--destroy')
  const previews = words.some((word) => word !== null && /^--?dry-?run(?:=|$)/.test(word))
  return matches && !builds && !previews
    ? certain('infrastructure', command, 'deletes resources without a question')
    : null
}

function seeTraces(command: ShellCommand): Sight | null {
  const { program, arguments: words, writes } = command
  const history = /(?:^|\/)\.(?:bash|zsh|sh|python|psql|mysql)_history$/
  const what = 'erases the record of commands'
  if (program === 'history' && words.some((word) => word !== null && /^-[a-z]*c/.test(word)))
    return certain('traces', command, what)
  if (writes.some((path) => path !== null && history.test(path))) return certain('traces', command, what)
  const isGone = ['rm', 'shred', 'truncate', 'unlink'].includes(program ?? '')
  return isGone && words.some((word) => word !== null && history.test(word)) ? certain('traces', command, what) : null
}

function seeRemoteShell(command: ShellCommand): Sight | null {
  const { program, arguments: words, writes } = command
  const what = 'hands a shell to the network'
  if (writes.some((path) => path !== null && /^\/dev\/(?:tcp|udp)\//.test(path)))
    return certain('remote-shell', command, what)
  const isNetcat = program === 'nc' || program === 'ncat' || program === 'netcat'
  if (isNetcat && words.some((word) => word !== null && /^-[a-z]*[ec]$|^--(?:exec|sh-exec)/.test(word)))
    return certain('remote-shell', command, what)
  const isSocat = program === 'socat' && words.some((word) => word !== null && /^(?:exec|system):/i.test(word))
  return isSocat ? certain('remote-shell', command, what) : null
}

function seeMachine(command: ShellCommand): Sight | null {
  const { program, arguments: words, via } = command
  if (isContained(via)) return null
  const line = [program, ...words].join(' ')
  const isOff =
    /^(?:shutdown|reboot|halt|poweroff)(?: (?!--help)|$)|^init [06]$|^systemctl (?:poweroff|reboot|halt)/.test(line)
  if (isOff) return certain('machine', command, 'switches the machine off')
  const ends = /^kill (?:-\S+ )*-1$|^kill -(?:9|KILL) -1/.test(line)
  if (ends) return certain('machine', command, 'ends every process of the person')
  const unprotects =
    /^(?:setenforce 0|ufw disable|iptables -F|nft flush ruleset|csrutil disable|spctl --master-disable)/.test(line)
  return unprotects ? certain('machine', command, 'switches protection of the machine off') : null
}

const namesDanger =
  /\b(?:rm\s+-|mkfs|dd\s+if|chmod\s+-R|curl\b.*\||wget\b.*\||push\b.*(?:-f|--force)|drop\s+database|destroy|history\s+-c)/i

function isDangerous(doubt: ShellDoubt, run: ShellRun): boolean {
  if (doubt.kind === 'unparsable') return namesDanger.test(doubt.text)
  if (doubt.kind !== 'computed-script') return true
  return isOpaque(doubt, run.analysis)
}
