/** The only module that runs git: without a shell, without locale, in NUL-separated formats, with bounded answers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Fault } from '#core/fault.ts'
import { type FileDiff, parseDiffs, parseDiffsByCommit } from './git-diff.ts'
import { isOddName, readName, readNames } from './names.ts'

export type { FileDiff, HunkRange } from './git-diff.ts'

export interface Repository {
  /** Absolute path of this work tree. */
  readonly root: string
  /** Of this work tree: differs from `commonDirectory` in a linked worktree. */
  readonly gitDirectory: string
  /** Shared by all worktrees. */
  readonly commonDirectory: string
  /** `<commonDirectory>/stemma`: all local state of Stemma; it need not exist yet. */
  readonly stateDirectory: string
}

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

function start(directory: string, args: readonly string[], options: GitOptions): ChildProcess {
  return spawn('git', ['--no-replace-objects', ...args], {
    cwd: directory,
    env: gitEnvironment(options.environment),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
}

/** Runs git to its end, whatever its exit code; throws only where git cannot be started or says too much. */
export function runGit(directory: string, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  return new Promise((settle, reject) => {
    const child = start(directory, args, options)
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
        reject(new Error(`git ${args[0]} answered with more than ${options.maxBytes ?? MAX_ANSWER_BYTES} bytes`))
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

async function gitLine(directory: string, args: readonly string[]): Promise<string | null> {
  const answer = await runGit(directory, args)
  return answer.code === 0 ? answer.output.toString('utf8').replace(/\r?\n$/, '') : null
}

/** The repository that `directory` lies in; throws not-a-repository outside of one and in a bare one. */
export async function findRepository(directory: string): Promise<Repository> {
  const refused = (message: string): Fault =>
    new Fault('not-a-repository', { message, hint: 'Change into a Git repository, or make one with `git init`.' })
  if (!existsSync(directory)) throw refused(`There is no folder ${directory}.`)
  // One question a call: each answer is a path, and a path may hold a newline.
  const questions = ['--show-toplevel', '--git-dir', '--git-common-dir']
  const answers = await Promise.all(questions.map((question) => runGit(directory, ['rev-parse', question])))
  const [root, gitDirectory, commonDirectory] = answers.map((answer) =>
    answer.code === 0 ? resolve(directory, answer.output.toString('utf8').replace(/\n$/, '')) : null,
  )
  if (!root || !gitDirectory || !commonDirectory) {
    const reason = answers.find((answer) => answer.code !== 0)?.errors.split('\n')[0] ?? ''
    throw refused(`${directory} is not inside the work tree of a Git repository. ${reason}`.trim())
  }
  return { root, gitDirectory, commonDirectory, stateDirectory: join(commonDirectory, 'stemma') }
}

/** Absolute paths of all work trees, the main one first; vanished ones included. */
export async function listWorktrees(repository: Repository): Promise<readonly string[]> {
  const answer = await runGit(repository.root, ['worktree', 'list', '--porcelain', '-z'])
  if (answer.code !== 0) return [repository.root] // git before 2.36 knows no -z here
  return fields(answer.output)
    .filter((field) => field.startsWith('worktree '))
    .map((field) => field.slice('worktree '.length))
}

/** The value of a configuration key, or null. */
export async function readConfiguration(repository: Repository, key: string): Promise<string | null> {
  return gitLine(repository.root, ['config', '--get', key])
}

/** Full id of a commit-ish, or null where there is none. */
export async function resolveCommit(repository: Repository, name: string): Promise<string | null> {
  return gitLine(repository.root, ['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`])
}

export async function remoteUrl(repository: Repository, remote: string): Promise<string | null> {
  return gitLine(repository.root, ['remote', 'get-url', '--', remote])
}

export async function listRemotes(repository: Repository): Promise<readonly string[]> {
  return ((await gitLine(repository.root, ['remote'])) ?? '').split('\n').filter((name) => name !== '')
}

/** Host and `owner/name` of a remote's address; null for local paths and what has no such form. Credentials are dropped. */
export function parseRemoteUrl(url: string): { readonly host: string; readonly repository: string } | null {
  const scp = /^(?:[^@/]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(url)
  const full = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/.exec(url)
  const [, host, path] = full ?? scp ?? []
  if (host === undefined || path === undefined) return null
  const parts = path
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
  const name = parts.pop()
  const owner = parts.join('/')
  return name && owner ? { host: host.toLowerCase(), repository: `${owner}/${name}` } : null
}

export interface CommitInformation {
  readonly commit: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly authorName: string
  readonly authorEmail: string
  /** RFC 3339 UTC. */
  readonly authoredAt: string
  readonly committedAt: string
  /** The whole message, as UTF-8. */
  readonly message: string
  readonly subject: string
}

const COMMIT_FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%at', '%ct', '%s', '%B'].join('%x00')
const COMMIT_FIELDS = 9

/** In the order asked for. Throws where one is no commit of this repository. */
export async function readCommits(
  repository: Repository,
  commits: readonly string[],
): Promise<readonly CommitInformation[]> {
  if (commits.length === 0) return []
  const output = await git(
    repository.root,
    [
      'log',
      '--no-walk=unsorted',
      '-z',
      '--encoding=UTF-8',
      '--no-show-signature',
      '--no-mailmap',
      `--format=${COMMIT_FORMAT}`,
      '--stdin',
    ],
    { input: `${commits.join('\n')}\n` },
  )
  const all = fields(output)
  const read: CommitInformation[] = []
  for (let at = 0; at + COMMIT_FIELDS <= all.length; at += COMMIT_FIELDS) {
    const [
      commit = '',
      tree = '',
      parents = '',
      authorName = '',
      authorEmail = '',
      authored = '',
      committed = '',
      subject = '',
      message = '',
    ] = all.slice(at, at + COMMIT_FIELDS)
    read.push({
      commit,
      tree,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      authorName,
      authorEmail,
      authoredAt: new Date(Number(authored) * 1000).toISOString(),
      committedAt: new Date(Number(committed) * 1000).toISOString(),
      message,
      subject,
    })
  }
  return read
}

export interface PushedRef {
  readonly localRef: string
  /** All zeros where the ref is deleted. */
  readonly localCommit: string
  readonly remoteRef: string
  /** All zeros where the remote does not have the ref yet. */
  readonly remoteCommit: string
}

/** What git writes to the standard input of a pre-push hook; lines of another form are left out. */
export function parsePushedRefs(text: string): readonly PushedRef[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      (parts) =>
        parts.length === 4 && [parts[1], parts[3]].every((id) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id ?? '')),
    )
    .map(([localRef = '', localCommit = '', remoteRef = '', remoteCommit = '']) => ({
      localRef,
      localCommit,
      remoteRef,
      remoteCommit,
    }))
}

const isZero = (id: string): boolean => /^0+$/.test(id)

/**
 * Commits that this push brings to the remote, parents before children: reachable from the pushed refs, and neither from
 * what the remote had at these refs nor from what we last saw of it.
 */
export async function listNewCommits(
  repository: Repository,
  refs: readonly PushedRef[],
  remote: string,
): Promise<readonly string[]> {
  const wanted = refs.map((ref) => ref.localCommit).filter((id) => !isZero(id))
  if (wanted.length === 0) return []
  const had = await presentCommits(
    repository,
    refs.map((ref) => ref.remoteCommit).filter((id) => !isZero(id)),
  )
  const excluded = [...had.map((id) => `^${id}`), '--not', `--remotes=${remote}`]
  const output = await git(repository.root, ['rev-list', '--topo-order', '--reverse', '--stdin'], {
    input: `${[...wanted, ...excluded].join('\n')}\n`,
  }).catch(() => listWithArguments(repository, wanted, excluded))
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
}

/** Before git 2.42 rev-list takes no options from its standard input. */
function listWithArguments(
  repository: Repository,
  wanted: readonly string[],
  excluded: readonly string[],
): Promise<Buffer> {
  return git(repository.root, ['rev-list', '--topo-order', '--reverse', ...wanted, ...excluded, '--'])
}

/** Those of the ids that are commits here: the remote may have commits that were never fetched. */
async function presentCommits(repository: Repository, ids: readonly string[]): Promise<readonly string[]> {
  const types = await objectTypes(repository, ids)
  return ids.filter((id) => types.get(id)?.type === 'commit')
}

/** Commits reachable from `tip` and not from `base` (null: all), parents before children. */
export async function listCommits(
  repository: Repository,
  tip: string,
  base: string | null,
): Promise<readonly string[]> {
  const range = base === null ? [tip] : [tip, `^${base}`]
  const output = await git(repository.root, [
    'rev-list',
    '--topo-order',
    '--reverse',
    '--end-of-options',
    ...range,
    '--',
  ])
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
}

/** Independent of the person's configuration, so that the same commit gives the same ranges everywhere. */
const DIFF_OPTIONS = [
  '-r',
  '--full-index',
  '--find-renames=50%',
  '-l2000',
  '--diff-algorithm=myers',
  '--indent-heuristic',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=none',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--no-relative',
]
const RAW = ['--raw', '-z']
/** A width of the context would make git write patches beside the raw form too. */
const PATCH = ['--patch', '--unified=0', '--inter-hunk-context=0']

/** What changed from one tree-ish to another (`from` null: everything is new), with exact line ranges. */
export async function diffTrees(
  repository: Repository,
  from: string | null,
  to: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly FileDiff[]> {
  const ends = [from ?? (await emptyTree(repository)), to]
  const run = (format: readonly string[]): Promise<Buffer> =>
    git(repository.root, ['-c', 'core.attributesFile=', 'diff-tree', ...DIFF_OPTIONS, ...format, ...ends, '--'], {
      environment,
    })
  const [raw, patch] = await Promise.all([run(RAW), run(PATCH)])
  return parseDiffs(raw, patch)
}

/** Bounds the size of an answer and the memory that it takes. */
const COMMITS_AT_ONCE = 50

/** As `diffTrees` from the only parent of each to it, or from nothing, for many that are no merges: two processes for fifty. */
export async function diffCommits(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, readonly FileDiff[]>> {
  const all = new Map<string, readonly FileDiff[]>()
  for (let at = 0; at < commits.length; at += COMMITS_AT_ONCE) {
    const some = commits.slice(at, at + COMMITS_AT_ONCE)
    const input = `${some.join('\n')}\n`
    const run = (format: readonly string[]): Promise<Buffer> =>
      git(
        repository.root,
        ['-c', 'core.attributesFile=', 'diff-tree', '--stdin', '--root', '--always', ...DIFF_OPTIONS, ...format],
        { input },
      )
    const [raw, patch] = await Promise.all([run(RAW), run(PATCH)])
    for (const [commit, diffs] of parseDiffsByCommit(raw, patch)) all.set(commit, diffs)
  }
  const missing = commits.find((commit) => !all.has(commit))
  if (missing !== undefined) throw new Error(`git said nothing about ${missing}`)
  return all
}

async function emptyTree(repository: Repository): Promise<string> {
  const id = await gitLine(repository.root, ['hash-object', '-t', 'tree', '--stdin'])
  if (id === null) throw new Error('git could not name the empty tree')
  return id
}

/** `git patch-id --stable` by commit; merges and commits without a change are absent. */
export async function patchIds(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (commits.length === 0) return new Map()
  const patches = await git(
    repository.root,
    [
      'diff-tree',
      '--stdin',
      '--root',
      '-r',
      '--patch',
      '--unified=3',
      '--diff-algorithm=myers',
      '--no-ext-diff',
      '--no-textconv',
      '--no-color',
      '--full-index',
      '--src-prefix=a/',
      '--dst-prefix=b/',
    ],
    { input: `${commits.join('\n')}\n` },
  )
  const output = await git(repository.root, ['patch-id', '--stable'], { input: patches })
  const lines = output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
  return new Map(lines.map((line) => line.split(' ')).map(([patchId = '', commit = '']) => [commit, patchId]))
}

export interface ObjectKind {
  readonly type: string
  readonly size: number
}

/** Type and size by id; absent where the object is missing. */
export async function objectTypes(
  repository: Repository,
  ids: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, ObjectKind>> {
  if (ids.length === 0) return new Map()
  const output = await git(repository.root, ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
    input: `${ids.join('\n')}\n`,
    environment,
  })
  const found = new Map<string, ObjectKind>()
  for (const line of output.toString('latin1').split('\n')) {
    const [id, type, size] = line.split(' ')
    if (id && type && size) found.set(id, { type, size: Number(size) })
  }
  return found
}

/** Source files above this are generated or data; attributing their lines says nothing about who writes code. */
export const MAX_BLOB_BYTES = 4 * 1024 * 1024
/** One batch is held in memory at once. */
const BATCH_BYTES = 64 * 1024 * 1024

/** Contents by id; absent where the object is missing, not a blob, or larger than `MAX_BLOB_BYTES`. */
export async function readBlobs(
  repository: Repository,
  ids: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, Buffer>> {
  const kinds = await objectTypes(repository, [...new Set(ids)], environment)
  const contents = new Map<string, Buffer>()
  let batch: string[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0)
      for (const [id, content] of await readBatch(repository, batch, environment)) contents.set(id, content)
    batch = []
    bytes = 0
  }
  for (const [id, kind] of kinds) {
    if (kind.type !== 'blob' || kind.size > MAX_BLOB_BYTES) continue
    if (bytes + kind.size > BATCH_BYTES) await flush()
    batch.push(id)
    bytes += kind.size
  }
  await flush()
  return contents
}

async function readBatch(
  repository: Repository,
  ids: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Buffer>> {
  const output = await git(repository.root, ['cat-file', '--batch'], { input: `${ids.join('\n')}\n`, environment })
  const contents = new Map<string, Buffer>()
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(10, at)
    const [id = '', type = '', size = ''] = output.toString('latin1', at, end).split(' ')
    at = end + 1
    if (type === 'missing') continue
    contents.set(id, Buffer.from(output.subarray(at, at + Number(size))))
    at += Number(size) + 1
  }
  return contents
}

export interface PathChange {
  readonly path: string
  readonly isNew: boolean
  readonly isGone: boolean
}

/** For each pair of trees that differ, in order, which paths do; pairs of which a tree is gone are left out. */
export async function changesBetween(
  repository: Repository,
  pairs: readonly { readonly from: string; readonly to: string }[],
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly (readonly PathChange[])[]> {
  const trees = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))]
  const present = await objectTypes(repository, trees, environment)
  const asked = pairs.filter(({ from, to }) => present.has(from) && present.has(to))
  if (asked.length === 0) return []
  // A subtree that is gone ends git; what it said until then is still true.
  const answer = await runGit(repository.root, ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-renames'], {
    input: asked.map(({ from, to }) => `${from} ${to}\n`).join(''),
    environment,
  })
  const found: PathChange[][] = []
  const parts = readNames(answer.output)
  for (let at = 0; at < parts.length; at++) {
    // Before each answer that is not empty git repeats the question, ended by a newline.
    const [, pair, rest = parts[at] ?? ''] = /^([0-9a-f]{40,64} [0-9a-f]{40,64})\n(.*)$/s.exec(parts[at] ?? '') ?? []
    if (pair !== undefined) found.push([])
    const [, letter] = /^:\d+ \d+ [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/.exec(rest) ?? []
    if (letter === undefined) continue
    found.at(-1)?.push({ path: parts[at + 1] ?? '', isNew: letter === 'A', isGone: letter === 'D' })
    at += 1
  }
  return found
}

/** Blob ids of the given paths in a tree-ish; absent where the tree has no such file. Symbolic links are left out. */
export async function blobsInTree(
  repository: Repository,
  tree: string,
  paths: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const plain = paths.filter((path) => !isOddName(path))
  const odd = new Set(paths.filter(isOddName))
  // An argument list is limited to some 2 MB on Linux and 1 MB on macOS.
  const questions = Array.from({ length: Math.ceil(plain.length / 500) }, (_, at) =>
    plain.slice(at * 500, at * 500 + 500),
  )
  for (const names of odd.size > 0 ? [...questions, []] : questions) {
    const output = await runGit(repository.root, ['ls-tree', '-r', '-z', '--full-tree', tree, '--', ...names], {
      environment,
    })
    if (output.code !== 0) return new Map()
    for (const entry of entriesOf(output.output)) {
      const isWanted = names.length > 0 || odd.has(entry.path)
      if (isWanted && entry.mode !== '120000' && entry.mode !== '160000') found.set(entry.path, entry.id)
    }
  }
  return found
}

/** `<mode> <type> <id>` TAB path NUL */
function entriesOf(output: Buffer): readonly { readonly mode: string; readonly id: string; readonly path: string }[] {
  const entries: { mode: string; id: string; path: string }[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at)
    const tab = output.indexOf(9, at)
    const [mode = '', , id = ''] = output.toString('latin1', at, tab).split(' ')
    entries.push({ mode, id, path: readName(output.subarray(tab + 1, end)) })
    at = end + 1
  }
  return entries
}

function fields(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0')
  if (parts.at(-1) === '') parts.pop()
  return parts
}
