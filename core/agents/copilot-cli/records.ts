/** The lines of one session's `events.jsonl`. */
import type { TranscriptFile } from '../agent.ts'
import { readJsonLines } from '../json-lines.ts'
import { type JsonObject, objectIn, textIn, timeIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'
import { sessionIdOf } from './transcripts.ts'

export interface CopilotRecord {
  readonly type: string
  readonly data: JsonObject
  /** The agent's own id of the record, which a copy of it keeps; else session and line. */
  readonly id: string
  readonly at: string | null
  /** null: the main thread's. */
  readonly agentId: string | null
}

export interface Log {
  readonly sessionId: string
  readonly records: readonly CopilotRecord[]
  readonly malformed: number
}

/** null where no file holds a record of a session. */
export function readLog(files: readonly TranscriptFile[]): Log | null {
  const records: CopilotRecord[] = []
  let malformed = 0
  let sessionId: string | null = null
  const taken = new Set<string>()
  for (const file of files) {
    const read = readJsonLines(file.text)
    malformed += read.malformed
    const named = read.lines.find(({ record }) => textIn(record, 'type') === 'session.start')
    sessionId ??= sessionIdOf(file.path) ?? safeId(textIn(objectIn(named?.record ?? null, 'data'), 'sessionId'))
    for (const { line, record } of read.lines) {
      const own = safeId(textIn(record, 'id'))
      const id = own === null || taken.has(own) ? `${sessionId ?? 'unnamed'}:${line}` : own
      taken.add(id)
      records.push({
        type: textIn(record, 'type') ?? 'none',
        data: objectIn(record, 'data') ?? {},
        id,
        at: timeIn(record, 'timestamp'),
        agentId: safeId(textIn(record, 'agentId')),
      })
    }
  }
  return sessionId === null || records.length === 0 ? null : { sessionId, records, malformed }
}
