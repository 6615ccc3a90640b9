/** A developer's machine: a home folder, a repository with a bare remote, and the program run as people run it. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { buildCli } from '#cli/build.ts'

/** The bundle, as it is installed: built once for each test file. */
const distribution = mkdtempSync(join(tmpdir(), 'stemma-cli-dist-'))
await buildCli(distribution)
process.on('exit', () => rmSync(distribution, { recursive: true, force: true }))
const program = join(distribution, 'stemma.js')
/** As the launcher starts it. */
const given = /exec node (.*)"\$bundle"/
  .exec(readFileSync(join(import.meta.dirname, '../../cli/stemma'), 'utf8'))?.[1]
  ?.split(' ')
  .filter((flag) => flag !== '')
if (given === undefined) throw new Error('the launcher starts the program in a way that this does not know')
const flags: readonly string[] = given

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface Machine {
  readonly home: string
  readonly root: string
  readonly state: string
  readonly git: (...words: readonly string[]) => string
  readonly write: (path: string, text: string) => void
  readonly read: (path: string) => string
  /** Writes the files and commits them; resolves to the commit. */
  readonly commit: (files: Readonly<Record<string, string>>, message: string) => string
  readonly stemma: (words: readonly string[], options?: RunOptions) => Promise<Ran>
  /** As `stemma`, but expects exit code 0 and JSON on stdout. */
  readonly json: (words: readonly string[], options?: RunOptions) => Promise<Record<string, unknown>>
  /** Path -> content of every file below a folder. */
  readonly snapshot: (folder?: string) => Readonly<Record<string, string>>
  /** The bundle and its environment, for who must start it by hand. */
  readonly program: readonly [path: string, environment: Readonly<Record<string, string>>]
  readonly remove: () => void
}

export function createMachine(): Machine {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'stemma-cli-')))
  const home = join(place, 'home')
  const root = join(place, 'shop')
  mkdirSync(home)
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    TZ: 'Asia/Kathmandu',
  }
  const gitIn = (folder: string, words: readonly string[]) =>
    execFileSync('git', [...words], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  writeFileSync(
    join(home, '.gitconfig'),
    '[user]\n  name = Ada\n  email = ada@example.com\n[init]\n  defaultBranch = main\n[url "' +
      join(place, 'remote.git') +
      '"]\n  pushInsteadOf = git@example.com:acme/shop.git\n',
  )
  gitIn(place, ['init', '-q', '--bare', 'remote.git'])
  gitIn(place, ['init', '-q', 'shop'])
  // The address names host, owner and repository; git itself goes to the bare one beside.
  gitIn(root, ['remote', 'add', 'origin', 'git@example.com:acme/shop.git'])

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const git = (...words: readonly string[]) => gitIn(root, words).trim()
  const stemma: Machine['stemma'] = (words, options = {}) =>
    new Promise((settle, reject) => {
      const child = spawn(process.execPath, [...flags, program, ...words], {
        cwd: options.cwd ?? root,
        env: { ...environment, ...options.environment },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      child.on('error', reject)
      child.on('close', (code) => settle({ code: code ?? -1, stdout, stderr }))
      child.stdin.end(options.input ?? '')
    })
  return {
    home,
    root,
    state: join(root, '.git/stemma'),
    program: [program, environment],
    git,
    write,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    commit: (files, message) => {
      for (const [path, text] of Object.entries(files)) write(path, text)
      git('add', '-A')
      git('commit', '-q', '--no-verify', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    stemma,
    json: async (words, options) => {
      const ran = await stemma([...words, '--json'], options)
      if (ran.code !== 0)
        throw new Error(`stemma ${words.join(' ')} ended with ${ran.code}: ${ran.stderr}${ran.stdout}`)
      return JSON.parse(ran.stdout)
    },
    snapshot: (folder = root) =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.git/stemma'))
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
          .map((path) => [relative(folder, path), readFileSync(path, 'latin1')]),
      ),
    remove: () => rmSync(place, { recursive: true, force: true }),
  }
}
