/** What comes from the network unread, and what is handed to it. */
import { isDownload } from '../computed-script.ts'
import { gitInvocation } from '../git-invocation.ts'
import type { ShellCommand } from '../shell.ts'
import { certain, doubtful, type Sight, type View } from './sight.ts'

const interpreters = /^(?:python[\d.]*|node|perl|ruby|php|deno|bun)$/

export function seeDownload({ command, analysis, trustedHosts }: View): Sight | null {
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

export function seePush({ command, session, isProtected }: View): Sight | null {
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

export function seeRemoteShell(command: ShellCommand): Sight | null {
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
