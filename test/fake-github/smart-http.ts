/** Git's smart HTTP at `/{owner}/{repo}.git`, served by git's own CGI program. */
import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { git, gitEnvironment } from './git/run.ts'
import { findRepository, type Repository, type State } from './state.ts'

const ADDRESS = /^\/([^/]+)\/([^/]+)\.git(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/

interface GitRequest {
  readonly repository: Repository
  /** The path after `.git`. */
  readonly rest: string
  readonly query: string
  /** The name of the Basic credential, when one was sent. Nobody is refused: this GitHub lives on one machine. */
  readonly user: string | null
}

export function matchGitRequest(state: State, incoming: IncomingMessage): GitRequest | 'unknown' | null {
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const found = ADDRESS.exec(url.pathname)
  if (found === null) return null
  const [, owner = '', name = '', rest = ''] = found
  const repository = findRepository(state, decodeURIComponent(owner), decodeURIComponent(name))
  if (repository === undefined) return 'unknown'
  const basic = /^basic +(\S+)$/i.exec(incoming.headers.authorization ?? '')?.[1]
  const user = basic === undefined ? null : (Buffer.from(basic, 'base64').toString('utf8').split(':')[0] ?? null)
  return { repository, rest, query: url.search.slice(1), user }
}

function cgiEnvironment(request: GitRequest, incoming: IncomingMessage): NodeJS.ProcessEnv {
  const { headers } = incoming
  return {
    ...gitEnvironment(),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_TRANSLATED: `${request.repository.path}${request.rest}`,
    PATH_INFO: request.rest,
    REQUEST_METHOD: incoming.method ?? 'GET',
    QUERY_STRING: request.query,
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    // http-backend lets only named people push.
    REMOTE_USER: request.user ?? 'anonymous',
    REMOTE_ADDR: '127.0.0.1',
  }
}

interface CgiHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

function parseHead(text: string): CgiHead {
  const fields = text.split(/\r?\n/).map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const { status, ...headers } = Object.fromEntries(fields)
  return { status: Number.parseInt(status ?? '200', 10), headers }
}

/**
 * Answers one git request. `beforeEnd` runs after git has finished and before the client learns so: what a push sets in
 * motion is already under way when `git push` returns.
 */
export async function serveGit(
  request: GitRequest,
  { incoming, outgoing }: { incoming: IncomingMessage; outgoing: ServerResponse },
  beforeEnd: () => void,
): Promise<void> {
  const program = `${(await git(request.repository.path, ['--exec-path'])).trim()}/git-http-backend`
  const child = spawn(program, { env: cgiEnvironment(request, incoming), stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => {})
  incoming.pipe(child.stdin)

  let head: Buffer | null = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === null) {
      outgoing.write(chunk)
      return
    }
    const read = Buffer.concat([head, chunk])
    head = read
    const end = read.indexOf('\r\n\r\n')
    if (end === -1) return
    const { status, headers } = parseHead(read.subarray(0, end).toString('latin1'))
    outgoing.writeHead(status, { ...headers })
    outgoing.write(read.subarray(end + 4))
    head = null
  })
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve())
  })
  if (head !== null) outgoing.writeHead(500)
  beforeEnd()
  outgoing.end()
}
