/** The records of one session out of all its files: which thread each belongs to, and in which order they happened. */
import type { TranscriptFile } from '../agent.ts'
import { readJsonLines, readObject } from '../json-lines.ts'
import { booleanIn, type JsonObject, objectIn, textIn, timeIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'

export interface TranscriptRecord {
  readonly json: JsonObject
  /** `main` or the id of the subagent. */
  readonly thread: string
  /** Unique in the session: the agent's own id, or else file and line. */
  readonly id: string
  /** The agent's own id, which survives in forked sessions; null where the record has none. */
  readonly uuid: string | null
  readonly at: string | null
}

/** What `agent-<id>.meta.json` beside a subagent's records tells. */
export type SubagentMeta = ReadonlyMap<string, JsonObject>

export interface Transcript {
  readonly sessionId: string
  readonly records: readonly TranscriptRecord[]
  readonly metas: SubagentMeta
  readonly malformed: number
}

interface OrderedRecord extends TranscriptRecord {
  /** The latest time seen in its file so far: clocks of one file may step back, its order may not. */
  readonly since: string
}

/** null where no file holds a record of a session. */
export function readTranscript(files: readonly TranscriptFile[]): Transcript | null {
  const sessionId = sessionIdOf(files)
  if (sessionId === null) return null
  const all: OrderedRecord[] = []
  const metas = new Map<string, JsonObject>()
  let malformed = 0
  for (const file of files) {
    const agentId = agentIdOf(file.path)
    const meta = file.path.endsWith('.meta.json') ? readObject(file.text) : null
    if (meta !== null && agentId !== null) metas.set(agentId, meta)
    if (!file.path.endsWith('.jsonl')) continue
    const read = readJsonLines(file.text)
    // Older versions put all subagents of a project beside the sessions: those of other sessions are not ours.
    const foreign =
      agentId !== null &&
      !file.path.includes('/') &&
      !read.lines.some(({ record }) => textIn(record, 'sessionId') === sessionId)
    if (foreign) continue
    malformed += read.malformed
    const threadOf = threads(agentId)
    let since = ''
    for (const { line, record } of read.lines) {
      const at = timeIn(record, 'timestamp')
      if (at !== null && at > since) since = at
      const uuid = safeId(textIn(record, 'uuid'))
      const id = uuid ?? `${agentId ?? 'main'}:${line}`
      all.push({ json: record, thread: threadOf(record), id, uuid, at, since })
    }
  }
  if (all.length === 0) return null
  // Stable: within one file and one instant the order of the lines stays.
  const records = all.toSorted((left, right) => (left.since < right.since ? -1 : left.since > right.since ? 1 : 0))
  return { sessionId, records, metas, malformed }
}

/** From the main file's name; from the folder of the subagents where the main file is gone. */
function sessionIdOf(files: readonly TranscriptFile[]): string | null {
  const main = files.find(
    (file) => !file.path.includes('/') && file.path.endsWith('.jsonl') && agentIdOf(file.path) === null,
  )
  if (main !== undefined) return safeId(main.path.slice(0, -'.jsonl'.length))
  const below = files.find((file) => file.path.includes('/subagents/'))
  return below === undefined ? null : safeId(below.path.split('/')[0] ?? null)
}

export function agentIdOf(path: string): string | null {
  return /(?:^|\/)agent-([A-Za-z0-9._-]{1,100}?)(?:\.meta\.json|\.jsonl)$/.exec(path)?.[1] ?? null
}

/** Older versions wrote subagents into the main file, with or without an id: then their chain of parents tells. */
function threads(agentOfFile: string | null): (record: JsonObject) => string {
  const threadOfRecord = new Map<string, string>()
  return (record) => {
    const named = safeId(textIn(record, 'agentId')) ?? agentOfFile
    if (named !== null) return named === 'main' ? 'agent-main' : named
    if (booleanIn(record, 'isSidechain') !== true) return 'main'
    const uuid = safeId(textIn(record, 'uuid'))
    const parent = threadOfRecord.get(textIn(record, 'parentUuid') ?? '')
    const thread = parent ?? (uuid === null ? 'sidechain' : `sidechain-${uuid}`)
    if (uuid !== null) threadOfRecord.set(uuid, thread)
    return thread
  }
}

export function messageOf(record: TranscriptRecord): JsonObject | null {
  return objectIn(record.json, 'message')
}
