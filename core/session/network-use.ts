/** NetworkUse: something of a session that reached over the network, with where to and in which direction. */
import { gitInvocation } from './git-invocation.ts'
import type { Session } from './session.ts'
import type { ShellWord } from './shell/word.ts'
import { takesNextWord } from './shell/wrapper.ts'
import type { ShellCommand } from './shell.ts'
import { shellRuns } from './shell-run.ts'
import { inputText, toolUses } from './tool-use.ts'

export interface NetworkUse {
  /** Host in lower case, or the words of a service (`npm publish`); null = computed at run time, or not told. */
  readonly target: string | null
  /** `in`: it fetched. `out`: it sent, or could send what stands in its address. `both`: a connection of its own. */
  readonly direction: 'in' | 'out' | 'both'
  readonly text: string
  readonly events: readonly string[]
  readonly index: number
  readonly denied: boolean
}

const known = new WeakMap<Session, readonly NetworkUse[]>()

/** In order. Searches of the model's vendor, and programs that reach out without saying so, are not among them. */
export function networkUses(session: Session): readonly NetworkUse[] {
  const present = known.get(session)
  if (present) return present
  const uses = [...webUses(session), ...shellUses(session)].sort((left, right) => left.index - right.index)
  known.set(session, uses)
  return uses
}

function webUses(session: Session): readonly NetworkUse[] {
  return toolUses(session).flatMap((use): NetworkUse[] => {
    if (use.call.category !== 'web') return []
    const url = inputText(use, 'url', 'uri', 'URL')
    if (url === null) return []
    const { events, index, denied } = use
    return [{ target: hostOf(url), direction: hasQuery(url) ? 'out' : 'in', text: url, events, index, denied }]
  })
}

function shellUses(session: Session): readonly NetworkUse[] {
  return shellRuns(session).flatMap((run) =>
    run.analysis.commands.flatMap((command) =>
      reachedBy(command).map((use) => ({
        ...use,
        text: command.text,
        events: run.events,
        index: run.index,
        denied: run.outcome === 'denied',
      })),
    ),
  )
}

type Reached = Pick<NetworkUse, 'target' | 'direction'>

function reachedBy(command: ShellCommand): readonly Reached[] {
  const { program, writes } = command
  const sockets = writes.flatMap((path): Reached[] => {
    const host = /^\/dev\/(?:tcp|udp)\/([^/]+)\//.exec(path ?? '')?.[1]
    return host === undefined ? [] : [{ target: host.toLowerCase(), direction: 'both' }]
  })
  if (program === null) return sockets
  return [...sockets, ...(byProgram.get(program)?.(command) ?? gitReach(command) ?? serviceReach(command))]
}

type Reader = (command: ShellCommand) => readonly Reached[]

const curlValues = {
  short: 'AbcCdDeEFhHKmoPQrtTuUwxXyYz',
  long: (
    'data data-ascii data-binary data-raw data-urlencode json form form-string header output user user-agent upload-file ' +
    'request cookie cookie-jar cacert cert key referer proxy write-out max-time connect-timeout retry range resolve ' +
    'retry-delay retry-max-time config dump-header interface limit-rate url-query oauth2-bearer stderr'
  )
    .split(' ')
    .map((name) => `--${name}`),
}
const wgetValues = {
  short: 'oaietTOPUwQl',
  long: (
    'output-document output-file header user-agent post-data post-file body-data body-file method tries timeout ' +
    'directory-prefix user password'
  )
    .split(' ')
    .map((name) => `--${name}`),
}

const byProgram: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'curl',
    (command) => requests(command, curlValues, /^(?:-[a-zA-Z]*[dFT]|--(?:data|json|form|upload-file|url-query))/),
  ],
  ['wget', (command) => requests(command, wgetValues, /^--(?:post-|body-)/)],
  ['http', (command) => requests(command, { short: 'aAos', long: [] }, /^--(?:raw|form|multipart)/)],
  ['https', (command) => requests(command, { short: 'aAos', long: [] }, /^--(?:raw|form|multipart)/)],
  ['xh', (command) => requests(command, { short: 'aAos', long: [] }, /^--(?:raw|form|multipart)/)],
  ['aria2c', (command) => requests(command, { short: 'doijxs', long: [] }, /^$/)],
  ['ssh', (command) => peers(command, { short: 'BbcDEeFIiJLlmOopQRSWw', long: [] }, 1)],
  ['sftp', (command) => peers(command, { short: 'BbcDFiJloPRSs', long: [] }, 1)],
  ['telnet', (command) => peers(command, { short: 'belnSX', long: [] }, 1)],
  ['ftp', (command) => peers(command, { short: 'NoPqrTu', long: [] }, 1)],
  ['nc', (command) => peers(command, { short: 'eIiLMmOPpqsTVWwXx', long: [] }, 1)],
  ['ncat', (command) => peers(command, { short: 'ceGgimopswx', long: [] }, 1)],
  ['netcat', (command) => peers(command, { short: 'eIiLMmOPpqsTVWwXx', long: [] }, 1)],
  ['scp', (command) => copies(command, { short: 'cDFiJloPSX', long: [] })],
  ['rsync', (command) => copies(command, { short: 'eBfMT', long: ['--rsh', '--exclude', '--include', '--filter'] })],
  ['gh', githubReach],
])

type Options = Parameters<typeof takesNextWord>[0]

/** Words that are neither options nor their values. */
function operandsOf({ words }: ShellCommand, options: Options): readonly ShellWord[] {
  const operands: ShellWord[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    if (word === undefined) break
    if (!word.prefix.startsWith('-') || word.prefix === '-') operands.push(word)
    else if (word.value !== null && takesNextWord(options, word.value)) index++
  }
  return operands
}

function requests(command: ShellCommand, options: Options, sends: RegExp): readonly Reached[] {
  const { words } = command
  const isHelp = words.every(({ value }) => value !== null && /^(?:-V|-h|--version|--help)$/.test(value))
  if (isHelp) return []
  const method = words.findIndex(({ value }) => value === '-X' || value === '--request' || value === '--method')
  const verb = method === -1 ? '' : (words[method + 1]?.value ?? '')
  const posts = words.some(
    ({ prefix }) => sends.test(prefix) || /^(?:-X|--(?:request|method)=)(?:POST|PUT|PATCH)/.test(prefix),
  )
  const isSending = posts || /^(?:POST|PUT|PATCH)$/i.test(verb)
  const isHttpie = ['http', 'https', 'xh'].includes(command.program ?? '')
  const operands = operandsOf(command, options)
  const addresses = isHttpie
    ? operands.filter(({ value }) => value === null || !/^[A-Z]+$|^[\w.-]+(?:=|:=|==)/.test(value)).slice(0, 1)
    : operands
  const isFilled =
    isHttpie && operands.some(({ value }) => value !== null && /^(?:POST|PUT|PATCH)$|^[\w.-]+:?=/.test(value))
  return addresses.map((word) => {
    const isOut = isSending || isFilled || hasQuery(word.value ?? word.prefix) || isFilledIn(word)
    return { target: hostOfWord(word), direction: isOut ? 'out' : 'in' }
  })
}

/** A known address with something computed at its end can carry anything. */
function isFilledIn(word: ShellWord): boolean {
  return word.value === null && word.prefix !== ''
}

function peers(command: ShellCommand, options: Options, count: number): readonly Reached[] {
  const listens = command.words.some(({ value }) => value !== null && /^-[a-zA-Z]*l/.test(value))
  if (listens && command.program !== 'ssh') return []
  return operandsOf(command, options)
    .slice(0, count)
    .map((word) => ({ target: hostOfWord(word), direction: 'both' }))
}

function copies(command: ShellCommand, options: Options): readonly Reached[] {
  const operands = operandsOf(command, options)
  return operands.flatMap((word, at): Reached[] => {
    const text = word.value ?? word.prefix
    const remote = /^(?:[\w-]+:\/\/)?(?:[^@/]+@)?([\w.-]+)::?(?!\\)/.exec(text)
    // One letter in front of a colon is a drive.
    if (!remote?.[1] || remote[1].length === 1 || text.startsWith('/') || text.startsWith('.')) return []
    const host = text.includes('://') ? hostOf(text) : remote[1].toLowerCase()
    return [{ target: host, direction: at === operands.length - 1 ? 'out' : 'in' }]
  })
}

/** Of git, only addresses in the command itself: a remote by its name is the repository's own. */
function gitReach(command: ShellCommand): readonly Reached[] | null {
  const git = gitInvocation(command)
  if (git === null) return null
  const direction = git.subcommand === 'push' ? 'out' : 'in'
  if (!['push', 'fetch', 'pull', 'clone', 'ls-remote', 'submodule', 'remote'].includes(git.subcommand ?? '')) return []
  return git.operands.flatMap(({ value }): Reached[] => {
    const host = value === null ? null : gitHost(value)
    return host === null ? [] : [{ target: host, direction }]
  })
}

function gitHost(text: string): string | null {
  if (/^(?:https?|ssh|git|ftps?):\/\//.test(text)) return hostOf(text)
  const short = /^(?:[\w.-]+@)([\w.-]+):(?!\/\/)/.exec(text)
  return short?.[1]?.toLowerCase() ?? null
}

const githubWrites =
  /^(?:pr|issue) (?:create|comment|edit|review|close|merge)\b|^(?:gist|release|repo) (?:create|edit|upload|sync|fork)\b|^(?:secret|variable) set\b|^workflow run\b/

function githubReach({ arguments: words }: ShellCommand): readonly Reached[] {
  const line = words
    .map((word) => word ?? '…')
    .join(' ')
    .slice(0, 2_000)
  if (/^(?:auth|config|alias|completion|extension list|help|--version|version)\b/.test(line)) return []
  const sends =
    githubWrites.test(line) ||
    /^api .*(?:-X|--method)[ =]?(?:POST|PUT|PATCH)|^api .*(?: -[fF] | --(?:raw-)?field| --input)/.test(line)
  return [{ target: 'github.com', direction: sends ? 'out' : 'in' }]
}

/** Programs that publish or upload to a place which their configuration names; matched without options. */
const services: readonly (readonly [program: RegExp, words: RegExp])[] = [
  [/^(?:npm|pnpm|yarn|bun)$/, /^(?:npm )?publish\b/],
  [/^twine$/, /^upload\b/],
  [/^(?:cargo|poetry|uv|flit|hatch)$/, /^publish\b/],
  [/^gem$/, /^push\b/],
  [/^(?:docker|podman)$/, /^(?:image )?push\b/],
  [/^aws$/, /^s3 (?:cp|mv|sync) \S+ s3:\/\//],
  [/^gsutil$/, /^(?:cp|mv|rsync) \S+ gs:\/\//],
  [/^(?:rclone)$/, /^(?:copy|copyto|sync|move|moveto)\b/],
  [/^(?:mail|mailx|sendmail|mutt|msmtp)$/, /./],
]

function serviceReach({ program, arguments: words }: ShellCommand): readonly Reached[] {
  const line = words
    .filter((word) => !word?.startsWith('-'))
    .map((word) => word ?? '…')
    .join(' ')
    .slice(0, 2_000)
  const isService = services.some(([name, rest]) => program !== null && name.test(program) && rest.test(line))
  if (!isService || words.includes('--dry-run')) return []
  return [{ target: `${program} ${words[0] ?? ''}`.trim(), direction: 'out' }]
}

/** The host of an address, which may leave its scheme out; null where it has none. */
export function hostOf(address: string): string | null {
  const [, bracketed, plain] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/?#\s]*@)?(?:\[([0-9a-f:.]+)\]|([^:/?#\s]+))/i.exec(address) ?? []
  const host = (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '')
  return host === undefined || host === '' ? null : host
}

/** A host is known where something ends it before the computed part begins. */
function hostOfWord({ value, prefix }: ShellWord): string | null {
  if (value !== null) return hostOf(value)
  const address = prefix.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
  return /^[^/?#\s]+[/?#]/.test(address) ? hostOf(address) : null
}

function hasQuery(address: string): boolean {
  return /\?[^#\s]*=/.test(address)
}

/** This machine itself, and its containers. */
export function isLocalHost(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|::1?|host\.docker\.internal)$/.test(host)
}
