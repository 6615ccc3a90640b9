/**
 * What each session amounts to, kept by size and time of its files: with 500 stored sessions, only the few that changed
 * are read and parsed again. Events stay in the transcripts; a session that is needed whole is parsed then.
 */
import { join } from 'node:path'
import type { TranscriptFile } from '#core/agents/agent.ts'
import { utf8 } from '#core/evidence/bytes.ts'
import { canonicalJson } from '#core/evidence/canonical-json.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import type { EventOf } from '#core/session/event.ts'
import type { Session, SessionHeader } from '#core/session/session.ts'
import { VERSION } from '../version.ts'
import { readText, writeForNow } from './files.ts'
import { asStorageFault } from './storage.ts'
import {
  type FoundSession,
  firstFolderOf,
  isInside,
  isTooLong,
  MAX_SESSION_LENGTH,
  readTranscript,
  sizeOf,
  UNKNOWN_FOLDER,
  workingDirectoriesOf,
} from './transcripts.ts'
import { count } from './words.ts'

/** Raise it when what is kept, or how transcripts are parsed, changes without a new version of the program. */
const CACHE_FORMAT = 3

/** Sessions parsed at once, and their bytes together: bounds memory where every session is new. */
const PARALLEL = { sessions: 4, bytes: MAX_SESSION_LENGTH }

/** A fork repeats its parent's records from the first on, so a few of them tell. */
const TELLTALES = 20

export interface SessionSummary {
  readonly found: FoundSession
  readonly header: SessionHeader
  /** One for each answer of a model that no earlier session counted. */
  readonly usage: readonly EventOf<'usage'>[]
  /** Folders in which it ran, as its records say; empty where they do not. */
  readonly workingDirectories: readonly string[]
  /** Ids of its first events. */
  readonly telltales: readonly string[]
  /** Earlier sessions whose records it repeats: told and counted there. */
  readonly parents: readonly SessionSummary[]
}

interface Kept {
  /** Sizes and times of the files that were read. */
  readonly stamp: string
  readonly header: SessionHeader | null
  readonly usage: readonly EventOf<'usage'>[]
  readonly workingDirectories: readonly string[]
  readonly telltales: readonly string[]
}

export interface SummaryRequest {
  /** Work trees against which paths are written; null = sessions of any folder. */
  readonly roots: readonly string[] | null
  readonly home: string
  readonly cacheFolder: string
}

/**
 * In order of their start. Sessions whose records name only folders outside of the roots belong to another repository
 * and are left out (folder names of agents are ambiguous); so is what the agent's parser does not take for a session.
 */
export async function summariseSessions(
  found: readonly FoundSession[],
  request: SummaryRequest,
): Promise<readonly SessionSummary[]> {
  const first = await inBatches(found, sizeOf, (session) => summaryOf(session, request, []))
  const ours = first
    .filter((summary) => summary !== null)
    .filter(({ workingDirectories }) => belongs(workingDirectories, request.roots))
    .sort(byStart)
  return tellOnce(ours, request)
}

/** The session whole, events included, as its summary counted it. null where its files are gone by now. */
export async function loadSession(summary: SessionSummary, request: SummaryRequest): Promise<Session | null> {
  return parse(await readTranscript(summary.found), summary.workingDirectories, {
    found: summary.found,
    request,
    parents: summary.parents,
  })
}

/** Sessions of which nothing could be kept, because they are too long and one record: there is no evidence of them. */
export async function unreadableSessions(
  found: readonly FoundSession[],
  request: SummaryRequest,
): Promise<readonly FoundSession[]> {
  const unreadable: FoundSession[] = []
  for (const session of found.filter(isTooLong)) {
    const source: Source = { found: session, request, parents: [] }
    const kept = await readKept(await cachePath(source), stampOf(source))
    if (kept === null || kept.header !== null) continue
    const known = kept.workingDirectories.filter((folder) => folder !== UNKNOWN_FOLDER)
    if (belongs(known, request.roots)) unreadable.push(session)
  }
  return unreadable
}

function belongs(workingDirectories: readonly string[], roots: readonly string[] | null): boolean {
  if (roots === null || workingDirectories.length === 0) return true
  return workingDirectories.some((folder) => isInside(folder, roots))
}

/** A fork repeats its parent's start, so the older file comes first. */
function byStart(left: SessionSummary, right: SessionSummary): number {
  const started = ({ header }: SessionSummary) => header.startedAt ?? '9999'
  const written = ({ found }: SessionSummary) => Math.min(...found.files.map(({ modified }) => modified))
  if (started(left) !== started(right)) return started(left) < started(right) ? -1 : 1
  return written(left) - written(right) || (left.header.id < right.header.id ? -1 : 1)
}

/** A forked session repeats its parent's records; only the first session tells and counts them. */
async function tellOnce(
  summaries: readonly SessionSummary[],
  request: SummaryRequest,
): Promise<readonly SessionSummary[]> {
  const owners = new Map<string, SessionSummary>()
  const result: SessionSummary[] = []
  for (const summary of summaries) {
    const signs = [...summary.telltales, ...summary.usage.map(({ messageId }) => `usage:${messageId}`)]
    const parents = new Set(signs.map((sign) => owners.get(sign)).filter((owner) => owner !== undefined))
    const own = parents.size === 0 ? summary : await summaryOf(summary.found, request, [...parents])
    if (own === null) continue
    for (const sign of signs) if (!owners.has(sign)) owners.set(sign, own)
    result.push(own)
  }
  return result
}

interface Source {
  readonly found: FoundSession
  readonly request: SummaryRequest
  readonly parents: readonly SessionSummary[]
}

async function summaryOf(
  found: FoundSession,
  request: SummaryRequest,
  parents: readonly SessionSummary[],
): Promise<SessionSummary | null> {
  const source: Source = { found, request, parents }
  const path = await cachePath(source)
  const stamp = stampOf(source)
  const kept = (await readKept(path, stamp)) ?? (await parseAndKeep(path, stamp, source))
  if (kept.header === null) return null
  const { usage, workingDirectories, telltales } = kept
  return { found, header: { ...kept.header, capture: found.capture }, usage, workingDirectories, telltales, parents }
}

async function parseAndKeep(path: string, stamp: string, source: Source): Promise<Kept> {
  const elsewhere = await foreignFolder(source)
  if (elsewhere !== null) {
    const kept: Kept = { stamp, header: null, usage: [], workingDirectories: [elsewhere], telltales: [] }
    await keep(path, kept)
    return kept
  }
  const files = await readTranscript(source.found)
  const workingDirectories = [...workingDirectoriesOf(source.found, files)]
  const session = await parse(files, workingDirectories, source)
  const kept: Kept = {
    stamp,
    header: session === null ? null : headerOf(session),
    usage: session === null ? [] : session.events.filter((event) => event.kind === 'usage'),
    workingDirectories,
    telltales: session === null ? [] : session.events.slice(0, TELLTALES).map(({ id }) => id),
  }
  await keep(path, kept)
  return kept
}

/** A home folder that cannot be written makes every push slower, and none fail. */
async function keep(path: string, kept: Kept): Promise<void> {
  try {
    await writeForNow(path, JSON.stringify(kept))
  } catch (problem) {
    if (asStorageFault(problem) === null) throw problem
  }
}

/** Where a session of another repository began, which no hook of this one saw; null for any other. */
async function foreignFolder({ found, request: { roots } }: Source): Promise<string | null> {
  if (roots === null || found.capture !== 'swept') return null
  const folder = await firstFolderOf(found)
  return folder === null || isInside(folder, roots) ? null : folder
}

async function parse(
  files: readonly TranscriptFile[],
  workingDirectories: readonly string[],
  { found, request, parents }: Source,
): Promise<Session | null> {
  const knownEvents = new Map<string, string>()
  const countedMessages = new Set<string>()
  for (const parent of parents) {
    const session = await loadSession(parent, request)
    for (const event of session?.events ?? []) {
      knownEvents.set(event.id, parent.header.id)
      if (event.kind === 'usage') countedMessages.add(event.messageId)
    }
  }
  const session = found.agent.parse(files, {
    roots: request.roots ?? workingDirectories,
    home: request.home,
    capture: found.capture,
    countedMessages,
    knownEvents,
  })
  return session === null ? null : { ...session, warnings: [...session.warnings, ...warningsOf(files)] }
}

/** Tokens, edits and commands of what is left out are not in the evidence, and it says so. */
function warningsOf(files: readonly TranscriptFile[]): readonly string[] {
  const cut = files.reduce((sum, file) => sum + (file.cut ?? 0), 0)
  const ofHooks =
    cut === 0
      ? []
      : [`${count(cut, 'call')} of a hook told more than 16 MB: their texts are left out and counted nowhere.`]
  return [...omissionsOf(files), ...ofHooks]
}

function omissionsOf(files: readonly TranscriptFile[]): readonly string[] {
  const omitted = files.map((file) => file.omitted).filter((one) => one !== undefined)
  if (omitted.length === 0) return []
  const lines = omitted.reduce((sum, one) => sum + one.lines, 0)
  const megabytes = Math.ceil(omitted.reduce((sum, one) => sum + one.bytes, 0) / 1_000_000)
  const most = `at most ${MAX_SESSION_LENGTH / 1_000_000} MB of one session are read`
  return [
    `The transcript is too long: ${lines} records (${megabytes} MB) of its middle are left out and counted nowhere; ${most}.`,
  ]
}

/** The session without its events. */
export function headerOf({ events: _, ...header }: Session): SessionHeader {
  return header
}

function stampOf({ found, parents }: Source): string {
  return canonicalJson([found, ...parents.map((parent) => parent.found)].map(({ files }) => files))
}

async function cachePath({ found, request, parents }: Source): Promise<string> {
  const parentIds = parents.map(({ header }) => header.id).sort()
  // What only the sweep found may have been read no further than its first record.
  const isBrief = found.agent.beginsWithFolder === true && found.capture === 'swept'
  const key = canonicalJson([CACHE_FORMAT, VERSION, found.id, found.folder, request.roots, parentIds, isBrief])
  return join(request.cacheFolder, 'sessions', `${await sha256Hex(utf8(key))}.json`)
}

/** null where nothing fitting is kept; a damaged file is as good as none. */
async function readKept(path: string, stamp: string): Promise<Kept | null> {
  const text = await readText(path)
  if (text === null) return null
  try {
    const kept = JSON.parse(text) as Kept
    // We wrote the file ourselves, so a stamp that fits vouches for the rest; validating 500 headers would cost more than parsing them.
    return kept.stamp === stamp ? kept : null
  } catch {
    return null
  }
}

async function inBatches<Item, Result>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  let batch: Item[] = []
  let bytes = 0
  for (const item of items) {
    const own = bytesOf(item)
    if (batch.length === PARALLEL.sessions || (batch.length > 0 && bytes + own > PARALLEL.bytes)) {
      results.push(...(await Promise.all(batch.map(work))))
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += own
  }
  results.push(...(await Promise.all(batch.map(work))))
  return results
}
