/**
 * The only module that runs git: without locale, in NUL-separated formats, with bounded answers, and without a shell, save
 * to hand it a name that no string of Node's can hold.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { Fault } from '#core/fault.ts'

export interface GitOptions {
  readonly input?: string | Uint8Array
  readonly environment?: Readonly<Record<string, string>>
  /** Answers above this are an error, so that a hostile repository cannot exhaust memory. */
  readonly maxBytes?: number
}

export interface GitAnswer {
  readonly code: number
  readonly output: Buffer
  readonly errors: string
}

/** A patch of a thousand files of a thousand lines is some 50 MB; ten times that is no patch but an accident. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024
const MAX_ERROR_CHARACTERS = 4000

/** The caller's repository variables (git sets them for its hooks) would redirect our own calls. */
function gitEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^GIT_(?!EXEC_PATH|SSL|SSH|TRACE2?$|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM))/.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    ...extra,
  }
}

const OWN_OPTIONS = ['--no-replace-objects']

function start(
  directory: string,
  [program, ...words]: readonly [string, ...string[]],
  options: GitOptions,
): ChildProcess {
  return spawn(program, words, {
    cwd: directory,
    env: gitEnvironment(options.environment),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
}

/** Runs git to its end, whatever its exit code; throws only where git cannot be started or says too much. */
export function runGit(directory: string, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  return answerOf(directory, ['git', ...OWN_OPTIONS, ...args], options)
}

/** The name's bytes come as digits, so that nothing in them is the shell's to read; the dot keeps a newline at their end. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: this is what the shell expands.
const NAMING = 'name=$(printf %b. "$1") && shift && exec git "$@" -- "${name%.}"'

/** As `runGit` with `-- <name>` after the arguments, for a name of any bytes: Node writes UTF-8 only. */
export function runGitOnFile(directory: string, args: readonly string[], name: Uint8Array): Promise<GitAnswer> {
  const text = Buffer.from(name).toString('utf8')
  if (Buffer.from(text, 'utf8').equals(name)) return runGit(directory, [...args, '--', text])
  const digits = [...name].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
  return answerOf(directory, ['sh', '-c', NAMING, 'sh', digits, ...OWN_OPTIONS, ...args], {})
}

function answerOf(directory: string, command: readonly [string, ...string[]], options: GitOptions): Promise<GitAnswer> {
  return new Promise((settle, reject) => {
    const child = start(directory, command, options)
    const chunks: Buffer[] = []
    let size = 0
    let errors = ''
    child.on('error', (cause) => {
      reject(
        new Fault('not-a-repository', {
          message: 'git could not be started.',
          hint: 'Install git 2.30 or newer, then run the command again.',
          cause,
        }),
      )
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > (options.maxBytes ?? MAX_ANSWER_BYTES)) {
        child.kill()
        reject(new Error(`git answered with more than ${options.maxBytes ?? MAX_ANSWER_BYTES} bytes`))
      } else chunks.push(chunk)
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (errors.length < MAX_ERROR_CHARACTERS) errors += text
    })
    child.on('close', (code) =>
      settle({ code: code ?? 128, output: Buffer.concat(chunks), errors: errors.slice(0, MAX_ERROR_CHARACTERS) }),
    )
    // git may end before it has read everything; the exit code tells why, a broken pipe does not.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}

/** The answer of a call that is expected to succeed. */
export async function git(directory: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const answer = await runGit(directory, args, options)
  if (answer.code !== 0) throw new Error(`git ${args[0]} ended with ${answer.code}: ${answer.errors.trim()}`)
  return answer.output
}

/** The one line that git answers; null where it refuses. */
export async function gitLine(directory: string, args: readonly string[]): Promise<string | null> {
  const answer = await runGit(directory, args)
  return answer.code === 0 ? answer.output.toString('utf8').replace(/\r?\n$/, '') : null
}

/** The fields of an answer in which each ends with NUL. */
export function fields(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0')
  if (parts.at(-1) === '') parts.pop()
  return parts
}
