/** Runs git on a repository, untouched by the configuration of whoever uses this machine. */
import { spawn } from 'node:child_process'

interface RawResult {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

export interface GitResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface GitInput {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Merges are made by the forge itself; who asked for them is the author. */
export const forgeIdentity = { name: 'GitHub', email: 'noreply@github.com' } as const

export const gitEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.quotePath',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_CONFIG_KEY_1: 'safe.directory',
  GIT_CONFIG_VALUE_1: '*',
  GIT_AUTHOR_NAME: forgeIdentity.name,
  GIT_AUTHOR_EMAIL: forgeIdentity.email,
  GIT_COMMITTER_NAME: forgeIdentity.name,
  GIT_COMMITTER_EMAIL: forgeIdentity.email,
})

function run(path: string, args: readonly string[], input: GitInput): Promise<RawResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', path, ...args], { env: { ...gitEnvironment(), ...input.env } })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.stdin.on('error', () => {})
    child.on('close', (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    )
    child.stdin.end(input.stdin ?? '')
  })
}

/** Runs git and returns whatever came of it; rejects only when git cannot be started. */
export async function tryGit(path: string, args: readonly string[], input: GitInput = {}): Promise<GitResult> {
  const result = await run(path, args, input)
  return { ...result, stdout: result.stdout.toString('utf8') }
}

/** The bytes of a blob. */
export async function readBlob(path: string, sha: string): Promise<Buffer> {
  const { code, stdout, stderr } = await run(path, ['cat-file', 'blob', sha], {})
  if (code !== 0) throw new Error(`git cat-file ended with ${code}: ${stderr.trim()}`)
  return stdout
}

export async function git(path: string, args: readonly string[], input: GitInput = {}): Promise<string> {
  const { code, stdout, stderr } = await tryGit(path, args, input)
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}: ${stderr.trim()}`)
  return stdout
}

/** The object's id, or null when the name means nothing in this repository. */
export async function resolveCommit(path: string, name: string): Promise<string | null> {
  if (name === '' || name.startsWith('-')) return null
  const { code, stdout } = await tryGit(path, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${name}^{commit}`,
  ])
  return code === 0 ? stdout.trim() : null
}

export async function isAncestor(path: string, ancestor: string, descendant: string): Promise<boolean> {
  return (await tryGit(path, ['merge-base', '--is-ancestor', ancestor, descendant])).code === 0
}

/** The best common ancestor, or null for unrelated histories. */
export async function mergeBase(path: string, a: string, b: string): Promise<string | null> {
  const { code, stdout } = await tryGit(path, ['merge-base', a, b])
  return code === 0 ? stdout.trim() : null
}
