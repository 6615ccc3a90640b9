/** `git blame` joined with attribution: for each line of a file, who wrote it in the commit that brought it. */
import type { CommitAttribution, LineClass, LineRange } from '#core/attribution/attribution.ts'
import { Fault } from '#core/fault.ts'
import type { Session } from '#core/session/session.ts'
import type { Context } from '../context.ts'
import { resolveCommit } from '../io/commits.ts'
import { runGitOnFile } from '../io/git.ts'
import { readName, unquoted } from '../io/names.ts'
import type { Repository } from '../io/repository.ts'
import { plain } from '../io/terminal.ts'
import { contributionsTo } from '../push/contributions.ts'
import type { Workspace } from '../workspace.ts'
import { findInTree } from './tree-file.ts'

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

/** Lines as they are committed, each with the commit that brought it, whatever a person has set for their own blame. */
const BLAME = ['blame', '--porcelain', '--no-progress', '--no-textconv', '--no-ignore-revs-file', '--no-ignore-rev']

/** `file`: from the folder in which the command runs. `revision`: any commit-ish. Throws where there is no such file. */
export async function blameFile(
  { file, revision }: { readonly file: string; readonly revision: string },
  workspace: Workspace,
  context: Context,
): Promise<Blamed> {
  const { repository } = workspace
  const commit = await resolveCommit(repository, revision)
  if (commit === null) throw await withoutCommit(revision, repository)
  const { path, name } = await findInTree({ file, commit }, repository, context)
  const { code, output, errors } = await runGitOnFile(repository.root, [...BLAME, commit], name)
  if (code !== 0) throw new Error(`git blame ended with ${code}: ${errors.trim()}`)
  if (output.includes(0))
    throw refused(
      `${plain(path)} is a binary file, which has no lines.`,
      'Name a file of text: `git ls-files` lists them.',
    )
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

async function withoutCommit(revision: string, repository: Repository): Promise<Fault> {
  const isUnborn = (await resolveCommit(repository, 'HEAD')) === null
  return isUnborn
    ? refused('This repository has no commit yet.', 'Commit something first: `git commit -am "..."`.')
    : refused(`There is no commit ${plain(revision)} here.`, 'See which there are: `git log --oneline`.')
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
      origins.push({ ...head, path: paths.get(head.commit) ?? '', text: lineOf(bytes.subarray(1)) })
      path = null
      continue
    }
    const text = bytes.toString('latin1')
    const [, commit, line] = /^([0-9a-f]{40,64}) (\d+) \d+/.exec(text) ?? []
    if (commit !== undefined) head = { commit, line: Number(line) }
    else if (text.startsWith('filename ')) path = readName(unquoted(bytes.subarray('filename '.length)))
  }
  return origins
}

/** A line that is no UTF-8 is read as Latin-1, in which every byte is a letter; `\r` before the end belongs to the terminator. */
function lineOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return (Buffer.from(text, 'utf8').equals(bytes) ? text : bytes.toString('latin1')).replace(/\r$/, '')
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
