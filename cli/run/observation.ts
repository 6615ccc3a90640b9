/** What Stemma sees of a command that it runs: the work tree before and after, commits, and time. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EVENT_SCHEMA, GENERIC } from '#core/agents/generic/format.ts'
import { SESSIONS_FOLDER } from '#core/agents/generic/transcripts.ts'
import type { Context } from '../context.ts'
import { installGitHooks } from '../git-hooks.ts'
import { listCommits, resolveCommit } from '../io/commits.ts'
import { readText, writeDurably } from '../io/files.ts'
import { MAX_BLOB_BYTES, readBlobs } from '../io/objects.ts'
import type { Repository } from '../io/repository.ts'
import { snapshotTree } from '../io/snapshot.ts'
import { snapshotEnvironment } from '../io/snapshot-store.ts'
import { diffTrees } from '../io/tree-diffs.ts'
import type { Workspace } from '../workspace.ts'
import { type Circumstances, circumstancesOf } from './circumstances.ts'
import type { Ended } from './wrap.ts'

export interface Observation {
  readonly workspace: Workspace
  /** Session id in the generic format. */
  readonly id: string
  readonly words: readonly string[]
  readonly name: string | null
  /** What the session is called where it is told generically. */
  readonly agent: string | null
  readonly startedAt: Date
  readonly head: string | null
  readonly tree: string | null
  readonly circumstances: Circumstances
}

export interface Observed {
  readonly endedAt: Date
  /** Made while it ran, parents before children. */
  readonly commits: readonly string[]
  readonly files: readonly ChangedFile[]
}

export interface ChangedFile {
  readonly path: string
  readonly change: 'create' | 'update' | 'delete'
  /** Contents of text files that are not too large. */
  readonly before?: string
  readonly after?: string
}

const CALL = 'run'

export async function observe(
  workspace: Workspace,
  about: Pick<Observation, 'words' | 'name' | 'agent'>,
  context: Context,
): Promise<Observation> {
  const { repository } = workspace
  await mkdir(repository.stateDirectory, { recursive: true })
  // A fresh clone, as in a pipeline: commits of the command are to be seen as they are made.
  if ((await readText(join(repository.stateDirectory, 'git-hooks'))) === null) await installGitHooks(repository)
  const observation: Observation = {
    workspace,
    ...about,
    id: `run-${randomUUID()}`,
    startedAt: context.now(),
    head: await resolveCommit(repository, 'HEAD'),
    tree: await snapshotTree(repository),
    circumstances: circumstancesOf(context.environment),
  }
  await writeRecord(observation, 'before', callLine(observation, context), observation.tree)
  return observation
}

export async function conclude(
  observation: Observation,
  context: Context,
): Promise<Observed & { readonly tree: string | null }> {
  const { workspace, head, tree: before } = observation
  const { repository } = workspace
  const endedAt = context.now()
  const tree = await snapshotTree(repository)
  const tip = await resolveCommit(repository, 'HEAD')
  const commits = tip === null || tip === head ? [] : await listCommits(repository, tip, head)
  const files = before === null || tree === null || before === tree ? [] : await changedFiles(repository, before, tree)
  return { endedAt, commits, files, tree }
}

/** The run as a session of its own, and its command as the one call in it. */
export async function tellGenerically(
  observation: Observation,
  observed: Observed & { readonly tree: string | null },
  ended: Ended,
  context: Context,
): Promise<string> {
  const { workspace, id } = observation
  const outcome = ended.signal !== null ? 'interrupted' : ended.code === 0 ? 'ok' : 'failed'
  const result = {
    ...base(observation, 'result', observed.endedAt),
    kind: 'toolResult',
    callId: CALL,
    outcome,
    exitCode: ended.code,
  }
  const seconds = (observed.endedAt.getTime() - observation.startedAt.getTime()) / 1_000
  const said = [
    ended.problem ?? `ended with exit code ${ended.code}`,
    ...(ended.signal === null ? [] : [`by ${ended.signal}`]),
    `after ${seconds.toFixed(1)} s`,
  ].join(' ')
  const lines = [
    startLine(observation, context),
    ...(observation.name === null
      ? []
      : [
          {
            ...base(observation, 'name', observation.startedAt),
            kind: 'context',
            source: 'run-name',
            text: observation.name,
          },
        ]),
    callLine(observation, context),
    { ...result, output: said, edits: observed.files },
    ...observed.commits.map((commit) => ({
      ...base(observation, `commit-${commit}`, observed.endedAt),
      kind: 'commit',
      commit,
      callId: CALL,
    })),
    { ...base(observation, 'end', observed.endedAt), kind: 'sessionEnd', reason: said },
  ]
  const { stateDirectory } = workspace.repository
  const path = join(stateDirectory, SESSIONS_FOLDER, `${id}.jsonl`)
  await writeDurably(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 0o600)
  await writeRecord(observation, 'after', result, observed.tree)
  return `${GENERIC}:${id}`
}

/** The agent told its own session: a second telling of it would count everything twice. */
export async function forget(observation: Observation): Promise<void> {
  await rm(recordPath(observation, 'before'), { force: true })
}

function base({ id }: Observation, event: string, at: Date) {
  return { schema: EVENT_SCHEMA, sessionId: id, id: event, at: at.toISOString() }
}

function startLine(observation: Observation, context: Context) {
  const { agent, circumstances, startedAt } = observation
  return {
    ...base(observation, 'start', startedAt),
    kind: 'sessionStart',
    ...(agent === null ? {} : { agent: { id: agent } }),
    cwd: context.workingDirectory,
    entrypoint: 'run',
    ...circumstances,
  }
}

function callLine(observation: Observation, context: Context) {
  const { words, startedAt } = observation
  return {
    ...base(observation, 'call', startedAt),
    kind: 'toolCall',
    callId: CALL,
    tool: 'run',
    category: 'shell',
    command: words.map(quoted).join(' '),
    input: { cwd: context.workingDirectory },
  }
}

/** As somebody would type it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function recordPath({ workspace, startedAt, id }: Observation, part: 'before' | 'after', at = startedAt): string {
  return join(workspace.repository.stateDirectory, 'spool', `${at.getTime()}000000-${id}-${part}`)
}

/** In the form in which the launcher writes what a hook was given and saw. */
async function writeRecord(
  observation: Observation,
  part: 'before' | 'after',
  payload: { readonly at: string },
  tree: string | null,
): Promise<void> {
  const at = new Date(payload.at)
  const { root } = observation.workspace.repository
  const head = `stemma-spool/1\nat ${at.getTime()}000000\nagent ${GENERIC}\nargument \nfolder ${root}\n\n`
  const seen = tree === null ? 'lost' : `tree ${tree}`
  const text = `${head}${JSON.stringify(payload)}\nstemma-snapshots\nroot ${root}\n${seen}\nstemma-end\n`
  await writeDurably(recordPath(observation, part, at), text, 0o600)
}

/** Beyond these, evidence names the files and leaves their contents out. */
const MAX_FILES_WITH_CONTENT = 500
const MAX_CONTENT_BYTES = Math.min(MAX_BLOB_BYTES, 256 * 1024)
const changes = { added: 'create', deleted: 'delete', modified: 'update', renamed: 'update' } as const

async function changedFiles(repository: Repository, from: string, to: string): Promise<readonly ChangedFile[]> {
  const environment = snapshotEnvironment(repository)
  const diffs = await diffTrees(repository, from, to, environment)
  const told = diffs.slice(0, MAX_FILES_WITH_CONTENT).filter(({ binary }) => !binary)
  const ids = told.flatMap(({ oldBlob, newBlob }) => [oldBlob, newBlob]).filter((id) => id !== null)
  const contents = await readBlobs(repository, ids, environment)
  const textOf = (id: string | null): string | undefined => {
    const bytes = id === null ? undefined : contents.get(id)
    if (bytes === undefined || bytes.length > MAX_CONTENT_BYTES) return undefined
    const text = bytes.toString('utf8')
    return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
  }
  // Two thousand files are what one result may name.
  return diffs.slice(0, 2_000).flatMap((diff): readonly ChangedFile[] => {
    const before = told.includes(diff) ? textOf(diff.oldBlob) : undefined
    const after = told.includes(diff) ? textOf(diff.newBlob) : undefined
    const known = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
    const gone = diff.status === 'renamed' ? [{ path: diff.previousPath, change: 'delete' } as const] : []
    return [...gone, { path: diff.path, change: changes[diff.status], ...known }]
  })
}
