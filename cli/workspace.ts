/** Repository, settings and sessions of where a command runs: what most commands begin with. */
import { join } from 'node:path'
import type { HookNote } from '#core/agents/agent.ts'
import type { Context } from './context.ts'
import { CONFIGURATION_FILE, type Configuration, parseConfiguration, readConfiguration } from './io/configuration.ts'
import { readProjectText, readText, writeDurably } from './io/files.ts'
import { hookStreams } from './io/hook-streams.ts'
import {
  findRepository,
  listRemotes,
  listWorktrees,
  parseRemoteUrl,
  type Repository,
  remoteUrl,
} from './io/repository.ts'
import { noteOf, readRecords } from './io/spool.ts'
import { type SessionSummary, type SummaryRequest, summariseSessions, unreadableSessions } from './io/summaries.ts'
import { type FoundSession, listedId, sweep } from './io/transcripts.ts'

export interface Workspace {
  readonly repository: Repository
  /** Every work tree of the repository. */
  readonly roots: readonly string[]
  /** null: not set up yet. */
  readonly configuration: Configuration | null
}

export async function openWorkspace(context: Context): Promise<Workspace> {
  const repository = await findRepository(context.workingDirectory)
  const [roots, present] = await Promise.all([listWorktrees(repository), readConfiguration(repository.root)])
  return { repository, roots, configuration: present ?? (await rememberedConfiguration(repository)) }
}

const remembered = (repository: Repository) => join(repository.stateDirectory, 'configuration.yml')

/** A branch from before the set-up has no project file; its pushes follow the settings that were seen last. */
async function rememberedConfiguration(repository: Repository): Promise<Configuration | null> {
  const text = await readText(remembered(repository))
  return text === null ? null : parseConfiguration(text)
}

export async function rememberConfiguration(repository: Repository): Promise<void> {
  const text = await readProjectText(join(repository.root, CONFIGURATION_FILE))
  if (text !== null && text !== (await readText(remembered(repository))))
    await writeDurably(remembered(repository), text)
}

/** `owner/name` of the remote, of `origin` or of the only other one; null for a repository without such a remote. */
export async function repositoryName(repository: Repository, address: string | null = null): Promise<string | null> {
  const remotes = await listRemotes(repository)
  const named =
    address ?? (await remoteUrl(repository, remotes.includes('origin') ? 'origin' : (remotes[0] ?? 'origin')))
  return named === null ? null : (parseRemoteUrl(named)?.repository ?? null)
}

export interface Captured {
  readonly summaries: readonly SessionSummary[]
  readonly request: SummaryRequest
  readonly notes: readonly HookNote[]
  /** Sessions that the hooks saw and that have no transcript here: without one there is no evidence. */
  readonly withoutTranscript: readonly string[]
  /** Sessions whose transcript is there and too long to be read: there is no evidence of them either. */
  readonly unreadable: readonly FoundSession[]
  /** Hook payloads of which only the facts were kept. */
  readonly cutPayloads: number
}

/** Sessions of the given work trees, by both witnesses; `null` roots = of this person's every folder. */
export async function captured(
  context: Context,
  place: { readonly roots: readonly string[] | null; readonly stateDirectory: string | null },
): Promise<Captured> {
  const { records } = place.stateDirectory === null ? { records: [] } : await readRecords(place.stateDirectory)
  const notes = records.map(noteOf).filter((note) => note !== null)
  const found = await sweep({
    roots: place.roots,
    workingDirectory: context.workingDirectory,
    home: context.home,
    environment: context.environment,
    notes,
    streams: hookStreams(records),
    stateDirectory: place.stateDirectory,
  })
  const request: SummaryRequest = { roots: place.roots, home: context.home, cacheFolder: context.cacheFolder }
  const present = new Set(found.map(({ id }) => id))
  const named = [...new Set(notes.map(({ session }) => session))]
  const withoutTranscript = named.filter((id) => !present.has(listedId(id)))
  const summaries = await summariseSessions(found, request)
  const unreadable = await unreadableSessions(found, request)
  const cutPayloads = records.filter(({ isCut }) => isCut === true).length
  return { summaries, request, notes, withoutTranscript, unreadable, cutPayloads }
}

/** Sessions of the repository in which the command runs, or with `all` of every folder. */
export async function capturedHere(context: Context, all: boolean): Promise<readonly SessionSummary[]> {
  if (all) return (await captured(context, { roots: null, stateDirectory: null })).summaries
  const { repository, roots } = await openWorkspace(context)
  return (await captured(context, { roots, stateDirectory: repository.stateDirectory })).summaries
}
