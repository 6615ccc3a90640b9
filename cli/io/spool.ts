/**
 * What the agents' hooks left behind, `<state>/spool/`: one file a payload, written by `cli/stemma`. Old records move into
 * `<state>/archive/`, one JSON line each, so that reading stays fast; what is too old is pruned with its snapshots.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Agent, HookNote } from '#core/agents/agent.ts'
import { callerOf } from '#core/agents/caller.ts'
import { agentById } from '#core/agents/registry.ts'
import { isMissing, readText, writeDurably } from './files.ts'
import { withoutRepeats } from './repeated-hooks.ts'
import type { Repository } from './repository.ts'
import { sweepObjects } from './snapshot-store.ts'
import { ArchivedRecord, parseRecord, type SpoolRecord } from './spool-record.ts'

export type { SpoolRecord } from './spool-record.ts'

export interface Spool {
  /** In the order of time. */
  readonly records: readonly SpoolRecord[]
  /** Payloads that are not JSON, and files that are no records. */
  readonly malformed: number
}

/** A hook that has not published its record after this has died; what it wrote is read as it is. */
const DEAD_HOOK_MILLISECONDS = 60_000
/** Open files at once: far below every system's limit, and in memory together, since a payload may have 16 MB. */
const PARALLEL_READS = 16

export async function readRecords(stateDirectory: string): Promise<Spool> {
  const [fresh, archived] = await Promise.all([readFresh(stateDirectory), readArchive(stateDirectory)])
  // A crash between archiving and deleting leaves a record in both places.
  const byName = new Map([...archived, ...fresh.records].map((record) => [record.name, record]))
  const records = [...byName.values()].sort(
    (left, right) => left.milliseconds - right.milliseconds || compare(left.name, right.name),
  )
  return {
    records: withoutRepeats(records, noteOf),
    malformed: fresh.malformed + archived.filter(({ payload }) => payload === null).length,
  }
}

/** The payloads as the agents' own readers understand them; others are left out. */
export async function readSpool(stateDirectory: string): Promise<readonly HookNote[]> {
  const { records } = await readRecords(stateDirectory)
  return records.map(noteOf).filter((note) => note !== null)
}

/** Whose payload it is: told by payload and environment; the configuration that called counts only where they say nothing. */
export function agentOf(record: SpoolRecord): Agent | null {
  return agentById(callerOf(record.environment, record.payload) ?? record.agent)
}

export function noteOf(record: SpoolRecord): HookNote | null {
  if (record.payload === null) return null
  return agentOf(record)?.readHook(record.payload) ?? null
}

async function readFresh(stateDirectory: string): Promise<Spool> {
  const folder = join(stateDirectory, 'spool')
  const names = (await list(folder)).sort(compare)
  const records: SpoolRecord[] = []
  let malformed = 0
  for (let at = 0; at < names.length; at += PARALLEL_READS) {
    const texts = await Promise.all(names.slice(at, at + PARALLEL_READS).map((name) => readRecord(folder, name)))
    for (const [offset, text] of texts.entries()) {
      if (text === null) continue
      const record = parseRecord((names[at + offset] ?? '').replace(/\.partial$/, ''), text)
      if (record !== null) records.push(record)
      if (record === null || record.payload === null) malformed += 1
    }
  }
  return { records, malformed }
}

async function readRecord(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name)
  if (name.endsWith('.partial')) {
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age < DEAD_HOOK_MILLISECONDS) return null
  }
  return readText(path)
}

async function readArchive(stateDirectory: string): Promise<readonly SpoolRecord[]> {
  const folder = join(stateDirectory, 'archive')
  const texts = await Promise.all(
    (await list(folder)).filter(isSegment).map((name) => readFile(join(folder, name), 'utf8')),
  )
  return texts.flatMap((text) => text.split('\n')).flatMap(readLine)
}

function readLine(line: string): readonly SpoolRecord[] {
  if (line === '') return []
  try {
    const parsed = ArchivedRecord.safeParse(JSON.parse(line))
    return parsed.success ? [parsed.data] : []
  } catch {
    return [] // a segment is renamed into place whole, so that this line was never ours
  }
}

export interface PruneOptions {
  readonly now: number
  /** Records and snapshots older than this go. */
  readonly keepMilliseconds: number
  /** Above this the oldest segments go, however young. */
  readonly maxArchiveBytes: number
}

const DAY = 24 * 60 * 60 * 1000
/** A branch that lives longer than a month is rare; a heavy day of hooks leaves some 10 MB. */
export const PRUNE_DEFAULTS = { keepMilliseconds: 45 * DAY, maxArchiveBytes: 400 * 1024 * 1024 } as const
/** Young records stay files: their session still runs. */
const ARCHIVE_AFTER_MILLISECONDS = 60 * 60 * 1000
/** Payloads of edits to large files; the timeline needs the snapshot, not the text. */
const MAX_ARCHIVED_PAYLOAD = 256 * 1024

/** Keeps local state bounded. Safe beside running hooks; callers run it at the end of a push. */
export async function pruneSpool(repository: Repository, options: PruneOptions): Promise<void> {
  const { stateDirectory } = repository
  await archive(stateDirectory, options.now)
  await dropOldSegments(join(stateDirectory, 'archive'), options)
  for (const folder of ['spool', 'observations', 'rewrites', 'calls']) {
    const kept = folder === 'calls' ? DAY : options.keepMilliseconds
    await dropOlder(join(stateDirectory, folder), options.now - kept)
  }
  const { records } = await readRecords(stateDirectory)
  await sweepObjects(repository, records, options.now)
}

async function archive(stateDirectory: string, now: number): Promise<void> {
  const spool = join(stateDirectory, 'spool')
  const { records } = await readFresh(stateDirectory)
  const old = records.filter(({ milliseconds }) => milliseconds < now - ARCHIVE_AFTER_MILLISECONDS)
  if (old.length === 0) return
  await mkdir(join(stateDirectory, 'archive'), { recursive: true })
  const lines = old.map((record) => `${JSON.stringify(shortened(record))}\n`)
  // Named by its youngest record, so that its name tells when all of it is old.
  const name = `${String(Math.floor(old.at(-1)?.milliseconds ?? 0)).padStart(14, '0')}-${old.length}.jsonl`
  await writeDurably(join(stateDirectory, 'archive', name), lines.join(''), 0o600)
  for (const { name: file } of old) {
    await rm(join(spool, file), { force: true })
    await rm(join(spool, `${file}.partial`), { force: true })
  }
}

/** Payloads of which evidence is made stay whole. */
function shortened(record: SpoolRecord): SpoolRecord {
  if (agentOf(record)?.readsHookStream === true) return record
  if (JSON.stringify(record.payload ?? null).length <= MAX_ARCHIVED_PAYLOAD) return record
  const { payload } = record
  if (typeof payload !== 'object' || payload === null) return { ...record, payload: null }
  const short = Object.entries(payload).filter(([, value]) => JSON.stringify(value ?? null).length <= 4096)
  return { ...record, payload: Object.fromEntries(short) }
}

const isSegment = (name: string): boolean => /^\d{14}-\d+\.jsonl$/.test(name)

async function dropOldSegments(
  folder: string,
  { now, keepMilliseconds, maxArchiveBytes }: PruneOptions,
): Promise<void> {
  let bytes = 0
  for (const name of (await list(folder)).filter(isSegment).sort(compare).reverse()) {
    const { size } = await stat(join(folder, name))
    bytes += size
    if (Number(name.slice(0, 14)) < now - keepMilliseconds || bytes > maxArchiveBytes)
      await rm(join(folder, name), { force: true })
  }
}

async function dropOlder(folder: string, before: number): Promise<void> {
  for (const name of await list(folder)) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (mtimeMs < before) await rm(path, { force: true })
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}

/** By bytes, whatever the locale. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
