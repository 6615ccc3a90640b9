/** Transcripts on this machine: found by sweeping every agent's folders, read and grouped into sessions. */
import type { Dirent } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Agent, HookNote, TranscriptFile } from '#core/agents/agent.ts'
import { agentById, agents } from '#core/agents/registry.ts'
import type { Session } from '#core/session/session.ts'
import { isMissing } from './files.ts'
import { boundHeapGrowth } from './heap.ts'
import type { HookStream } from './hook-streams.ts'
import { readLongTranscript } from './long-transcript.ts'
import { families, listSessions, type Place, readRecordsOf } from './session-database.ts'

interface FileStamp {
  readonly path: string
  readonly size: number
  readonly modified: number
}

/** A session as its files show it, not yet read. */
export interface FoundSession {
  readonly agent: Agent
  /** Session id in Stemma's form. */
  readonly id: string
  readonly folder: string
  readonly files: readonly FileStamp[]
  readonly capture: Session['capture']
  /** What its hooks told, where the agent's parser reads that; its stamp is among `files`. */
  readonly stream: TranscriptFile | null
  /** The database that holds it; absent: `files` are files. */
  readonly place?: Place
}

interface SweepRequest {
  /** Work trees whose sessions are wanted; null = every session of every folder that the agents have. */
  readonly roots: readonly string[] | null
  readonly workingDirectory: string
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  /** What the hooks noted: a second witness, and the way to transcripts that lie elsewhere. */
  readonly notes: readonly HookNote[]
  /** Session id -> what the hooks told, for agents that want it read. */
  readonly streams: ReadonlyMap<string, HookStream>
  /** Stemma's own state; null where sessions of every folder are wanted. */
  readonly stateDirectory: string | null
}

export async function sweep(request: SweepRequest): Promise<readonly FoundSession[]> {
  const found = await Promise.all(agents.map((agent) => sweepAgent(agent, request)))
  return found.flat()
}

async function sweepAgent(agent: Agent, request: SweepRequest): Promise<readonly FoundSession[]> {
  const notes = request.notes.filter((note) => note.agent === agent.id)
  const hooked = new Set(notes.map(({ session }) => listedId(session)))
  const inDatabase = await sessionsInDatabase(agent, request, hooked)
  const sessions = new Map((inDatabase ?? []).map((session) => [session.id, session]))
  for (const folder of inDatabase === null ? await foldersOf(agent, request) : []) {
    for (const session of await sessionsIn(agent, folder, (id) => (hooked.has(id) ? 'both' : 'swept'))) {
      sessions.set(session.id, session)
    }
  }
  // Transcripts that only the hooks know: the agent was started elsewhere, or its folder was moved.
  for (const { session, transcriptPath } of notes) {
    const id = listedId(session)
    if (sessions.has(id) || transcriptPath === null || !isAbsolute(transcriptPath)) continue
    const nearby = await sessionsIn(agent, dirname(transcriptPath), () => 'hook')
    const found = nearby.find((candidate) => candidate.id === id)
    if (found !== undefined) sessions.set(id, found)
  }
  if (agent.readsHookStream === true) {
    for (const [id, stream] of request.streams) {
      if (id.startsWith(`${agent.id}:`)) sessions.set(id, withStream(agent, sessions.get(id) ?? null, { id, stream }))
    }
  }
  return [...sessions.values()]
}

/** null where the agent has no database, or none that can be read. */
async function sessionsInDatabase(
  agent: Agent,
  { roots, home, environment }: SweepRequest,
  hooked: ReadonlySet<string>,
): Promise<readonly FoundSession[] | null> {
  const { database } = agent
  if (database === undefined) return null
  const place: Place = { path: database.path(home, environment), database, environment }
  const listed = await listSessions(place)
  if (listed === null) return null
  return families(listed).flatMap((members): readonly FoundSession[] => {
    const [root] = members
    const id = `${agent.id}:${root?.id}`
    const isWanted = roots === null || hooked.has(id) || members.some(({ folder }) => isInside(folder, roots))
    if (!isWanted) return []
    const files = members.map(({ id: own, size, modified }) => ({ path: `${own}.jsonl`, size, modified }))
    return [{ agent, id, folder: place.path, files, capture: hooked.has(id) ? 'both' : 'swept', stream: null, place }]
  })
}

function withStream(
  agent: Agent,
  found: FoundSession | null,
  { id, stream: { file, modified } }: { readonly id: string; readonly stream: HookStream },
): FoundSession {
  const stamp = { path: file.path, size: file.text.length, modified }
  if (found === null) return { agent, id, folder: '', files: [stamp], capture: 'hook', stream: file }
  return { ...found, files: [...found.files, stamp], stream: file }
}

/** Folders that exist and may hold sessions of the work trees or of a folder inside one. */
async function foldersOf(
  agent: Agent,
  { roots, workingDirectory, home, environment, stateDirectory }: SweepRequest,
): Promise<readonly string[]> {
  const exact = (roots ?? [workingDirectory]).flatMap((root) => agent.transcriptFolders(root, home, environment))
  const own =
    agent.stateFolder === undefined || stateDirectory === null ? [] : [join(stateDirectory, agent.stateFolder)]
  const folders = new Set<string>(own)
  for (const parent of new Set(exact.map((folder) => dirname(folder)))) {
    for (const entry of await entriesOf(parent)) {
      if (!entry.isDirectory()) continue
      const folder = join(parent, entry.name)
      // An agent started in a folder of the work tree has a folder of its own, named after the work tree's.
      const isWanted =
        roots === null || exact.some((own) => folder === own || entry.name.startsWith(`${basename(own)}-`))
      if (isWanted) folders.add(folder)
    }
  }
  return [...folders].sort()
}

async function sessionsIn(
  agent: Agent,
  folder: string,
  captureOf: (id: string) => Session['capture'],
): Promise<readonly FoundSession[]> {
  const groups = agent.groupTranscripts(await filesBelow(folder))
  const sessions = await Promise.all(
    [...groups].map(async ([ownId, paths]): Promise<FoundSession | null> => {
      const id = `${agent.id}:${ownId}`
      const files = (await Promise.all(paths.map((path) => stampOf(folder, path)))).filter((file) => file !== null)
      return files.length === 0 ? null : { agent, id, folder, files, capture: captureOf(id), stream: null }
    }),
  )
  return sessions.filter((session) => session !== null)
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await entriesOf(folder, true)
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

async function entriesOf(folder: string, recursive = false): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true, recursive })
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}

async function stampOf(folder: string, path: string): Promise<FileStamp | null> {
  try {
    const { size, mtimeMs } = await stat(join(folder, path))
    return { path, size, modified: mtimeMs }
  } catch (problem) {
    if (isMissing(problem)) return null
    throw problem
  }
}

/**
 * Bytes of one session that are held in memory whole; of a longer one, beginning and end are as long together. A push needs
 * about seven times as much beside the program itself, and is to have 300 MB at most: `npm run bench -- huge`.
 */
export const MAX_SESSION_LENGTH = 20_000_000
export function sizeOf({ files }: FoundSession): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}

/** Of such a session, records are left out, or all of it where it is a single record. */
export function isTooLong(found: FoundSession): boolean {
  return sizeOf(found) > MAX_SESSION_LENGTH
}

/** Files as they are now; one that vanished meanwhile is left out, and of a session that is too long its middle. */
export async function readTranscript(found: FoundSession): Promise<readonly TranscriptFile[]> {
  const { folder, files, stream, place } = found
  const size = sizeOf(found)
  boundHeapGrowth(size)
  const read = async ({ path, size: own }: FileStamp): Promise<TranscriptFile | null> => {
    if (path === stream?.path) return stream
    if (place !== undefined) {
      const text = await readRecordsOf(place, path.replace(/\.jsonl$/, ''))
      return text === null ? null : { path, text }
    }
    try {
      // Decoded at once: while it is read, Node decodes in small pieces, at several times the cost.
      if (size <= MAX_SESSION_LENGTH) return { path, text: (await readFile(join(folder, path))).toString('utf8') }
      const { text, omitted } = await readLongTranscript(join(folder, path), (MAX_SESSION_LENGTH * own) / size)
      return { path, text, ...(omitted.lines > 0 ? { omitted } : {}) }
    } catch (problem) {
      if (isMissing(problem)) return null
      throw problem
    }
  }
  const texts: (TranscriptFile | null)[] = []
  for (const file of files) texts.push(await read(file))
  return texts.filter((file) => file !== null)
}

/** Where a session began, of an agent whose files say so at once; null where they do not. */
export async function firstFolderOf({ agent, folder, files }: FoundSession): Promise<string | null> {
  const [first] = files
  if (agent.beginsWithFolder !== true || first === undefined) return null
  try {
    const file = await open(join(folder, first.path))
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(FIRST_RECORD_BYTES) })
      const [record = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1)
      return recordedFolders([{ path: first.path, text: record }])[0] ?? null
    } finally {
      await file.close()
    }
  } catch (problem) {
    if (isMissing(problem)) return null
    throw problem
  }
}

/** The folder stands before the instructions of the vendor, which make the first record long. */
const FIRST_RECORD_BYTES = 64 * 1024

/** The id under which the sweep lists a session that a hook named: file names may carry only a part of it. */
export function listedId(id: string): string {
  const [agentId = '', ...own] = id.split(':')
  const key = agentById(agentId)?.transcriptKey
  return key === undefined ? id : `${agentId}:${key(own.join(':'))}`
}

/** No path of a repository is relative, so that nobody takes a session in whose folder is not known. */
export const UNKNOWN_FOLDER = 'unknown'

/** Folders in which the session ran; empty where only the hooks of this repository tell. */
export function workingDirectoriesOf(found: FoundSession, files: readonly TranscriptFile[]): readonly string[] {
  const { agent, capture } = found
  if (agent.workingDirectories === undefined) return recordedFolders(files)
  return agent.workingDirectories(files) ?? (capture === 'swept' ? [UNKNOWN_FOLDER] : [])
}

function recordedFolders(files: readonly TranscriptFile[]): readonly string[] {
  const written = new Set<string>()
  for (const { text } of files) {
    for (const [, encoded] of text.matchAll(/"cwd"\s*:\s*("(?:[^"\\\n]|\\.)*")/g)) written.add(encoded ?? '""')
  }
  const folders = new Set<string>()
  for (const encoded of written) {
    try {
      folders.add(String(JSON.parse(encoded)))
    } catch {
      // A cut escape at the end of a file that is still being written.
    }
  }
  return [...folders]
}

/** Whether a folder is one of the roots or lies below it. */
export function isInside(folder: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const path = relative(root, folder)
    return path === '' || (!path.startsWith('..') && !isAbsolute(path))
  })
}
