/** `git blame` joined with attribution: for each line of a file, who wrote it in the commit that brought it. */
import type { CommitAttribution, LineClass, LineRange } from '#core/attribution/attribution.ts'
import { Fault } from '#core/fault.ts'
import type { Session } from '#core/session/session.ts'
import type { Context } from '../context.ts'
import { resolveCommit } from '../io/commits.ts'
import { git, runGit } from '../io/git.ts'
import { readName } from '../io/names.ts'
import { contributionsTo } from '../push/contributions.ts'
import type { Workspace } from '../workspace.ts'

export interface BlamedLine {
  readonly line: number
  readonly class: LineClass
  readonly session: string | null
  readonly agent: string | null
  readonly model: string | null
  readonly confidence: LineRange['confidence']
  readonly commit: string
}

export interface Blame {
  readonly file: string
  readonly revision: string
  readonly lines: readonly BlamedLine[]
}

export interface Blamed extends Blame {
  /** As they stand in the file, without terminators. */
  readonly texts: readonly string[]
  readonly attribution: readonly CommitAttribution[]
  readonly sessions: readonly Session[]
}

/** `file`: from the folder in which the command runs. `revision`: any commit-ish. Throws where there is no such file. */
export async function blameFile(
  { file, revision }: { readonly file: string; readonly revision: string },
  workspace: Workspace,
  context: Context,
): Promise<Blamed> {
  const { repository } = workspace
  const commit = await resolveCommit(repository, revision)
  if (commit === null)
    throw refused(`There is no commit ${revision} here.`, 'Commit something first: `git commit -am "..."`.')
  const path = await pathInTree({ file, commit }, context)
  const output = await git(repository.root, ['blame', '--porcelain', '--no-progress', commit, '--', path])
  const origins = parseBlame(output)
  const found = await contributionsTo([...new Set(origins.map((origin) => origin.commit))], workspace, context)
  const known = new Map(found.attribution.map((one) => [one.commit, one]))
  const lines = origins.map((origin, at) => ({ line: at + 1, ...answerOf(origin, known.get(origin.commit)) }))
  return {
    file: path,
    revision: commit,
    lines,
    texts: origins.map(({ text }) => text),
    attribution: found.attribution,
    sessions: found.contributions.map(({ session }) => session),
  }
}

/** What blame can be asked of: a regular file of the repository, under its own name. */
async function pathInTree(
  { file, commit }: { readonly file: string; readonly commit: string },
  context: Context,
): Promise<string> {
  const listed = await runGit(context.workingDirectory, ['ls-tree', '-z', '--full-name', commit, '--', file])
  const [, mode, path] = /^(\d+) \w+ [0-9a-f]+\t([^\0]+)\0$/.exec(listed.output.toString('utf8')) ?? []
  const hint = 'Name a file that `git ls-files` lists.'
  if (mode === undefined || path === undefined) throw refused(`${file} is no file of this commit.`, hint)
  if (mode === '160000')
    throw refused(
      `${path} is a submodule: its lines belong to another repository.`,
      `Run it there: \`stemma --cwd ${path} blame FILE\`.`,
    )
  if (mode === '120000') throw refused(`${path} is a symbolic link, which has no lines of its own.`, hint)
  if (mode === '040000') throw refused(`${path} is a folder.`, hint)
  return path
}

function refused(message: string, hint: string): Fault {
  return new Fault('request-malformed', { message, hint })
}

interface LineOrigin {
  readonly commit: string
  /** Number and file in that commit. */
  readonly line: number
  readonly path: string
  readonly text: string
}

/** `<commit> <line there> <line here> [<count>]`, facts of a commit when it is first named, TAB and the line. */
export function parseBlame(output: Buffer): readonly LineOrigin[] {
  const origins: LineOrigin[] = []
  const paths = new Map<string, string>()
  let head: { commit: string; line: number } | null = null
  let path: string | null = null
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at)
    const stop = end === -1 ? output.length : end
    const bytes = output.subarray(at, stop)
    at = stop + 1
    if (bytes[0] === 0x09) {
      if (head === null) continue
      // A commit may stand for lines of several files, and git repeats the name only when it changes.
      if (path !== null) paths.set(head.commit, path)
      origins.push({ ...head, path: paths.get(head.commit) ?? '', text: bytes.subarray(1).toString('utf8') })
      path = null
      continue
    }
    const text = bytes.toString('latin1')
    const [, commit, line] = /^([0-9a-f]{40,64}) (\d+) \d+/.exec(text) ?? []
    if (commit !== undefined) head = { commit, line: Number(line) }
    else if (text.startsWith('filename ')) path = unquoted(bytes.subarray('filename '.length))
  }
  return origins
}

/** git writes odd names in C's quotes. */
function unquoted(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  if (!/^".*"$/.test(text)) return readName(bytes)
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }
  const plain = text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    )
  return readName(Buffer.from(plain, 'latin1'))
}

function answerOf(origin: LineOrigin, attribution: CommitAttribution | undefined): Omit<BlamedLine, 'line'> {
  const file = attribution?.files.find(({ path }) => path === origin.path)
  const range = file?.ranges.find(({ start, end }) => start <= origin.line && origin.line <= end)
  const session = range?.session ?? null
  return {
    class: range?.class ?? 'unknown',
    session,
    agent: session?.split(':')[0] ?? null,
    model: range?.model ?? null,
    confidence: range?.confidence ?? 'none',
    commit: origin.commit,
  }
}
