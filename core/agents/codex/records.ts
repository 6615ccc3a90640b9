/** The lines of one rollout file. */
import type { TranscriptFile } from '../agent.ts'
import { eachJsonLine, readJsonLines } from '../json-lines.ts'
import { type JsonObject, objectIn, textIn, timeIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'
import { copiedEvents } from './record-types.ts'
import { sessionIdOf } from './transcripts.ts'

export interface RolloutRecord {
  readonly type: string
  readonly payload: JsonObject
  readonly at: string | null
  /** Unique in all sessions: the agent's own id of the item, which forks keep, else session and line. */
  readonly id: string
}

export interface Rollout {
  readonly sessionId: string
  /** The first `session_meta`; null where it is missing. */
  readonly meta: JsonObject | null
  readonly records: readonly RolloutRecord[]
  readonly malformed: number
}

/** null where no file holds a record of a session. */
export function readRollout(files: readonly TranscriptFile[]): Rollout | null {
  const records: RolloutRecord[] = []
  let malformed = 0
  let meta: JsonObject | null = null
  let sessionId: string | null = null
  for (const file of files) {
    const named = sessionIdOf(file.path)
    if (named === null) meta ??= metaIn(file.text)
    sessionId ??= named ?? safeId(textIn(meta, 'id') ?? textIn(meta, 'session_id'))
    malformed += eachJsonLine(file.text, (record, line) => {
      const { type, payload, at } = unwrapped(record)
      if (type === 'session_meta') meta ??= payload
      const id = ownId(type, payload) ?? `${sessionId ?? 'unnamed'}:${line}`
      records.push({ type, payload: withoutCopies(type, payload), at, id })
    })
  }
  return sessionId === null || records.length === 0 ? null : { sessionId, meta, records, malformed }
}

function metaIn(text: string): JsonObject | null {
  for (const { record } of readJsonLines(text).lines) {
    const { type, payload } = unwrapped(record)
    if (type === 'session_meta') return payload
  }
  return null
}

/** What nobody reads is let go at once: half of a file are copies and encrypted thoughts. */
function withoutCopies(type: string, payload: JsonObject): JsonObject {
  if (type === 'event_msg') return copiedEvents.get(textIn(payload, 'type') ?? '') ?? payload
  if (type !== 'response_item' || typeof payload['encrypted_content'] !== 'string') return payload
  const { type: item, summary, content } = payload
  if (item === 'reasoning') return { type: item, summary, content }
  const { encrypted_content: _, ...rest } = payload
  return rest
}

/** The first versions wrote items bare: the type of the item is the type of the line. */
function unwrapped(record: JsonObject): Omit<RolloutRecord, 'id'> {
  const type = textIn(record, 'type') ?? 'none'
  const payload = objectIn(record, 'payload')
  const at = timeIn(record, 'timestamp')
  if (payload !== null) return { type, payload, at }
  if (bareItems.has(type)) return { type: 'response_item', payload: record, at }
  const isHead = type === 'none' && textIn(record, 'id') !== null && textIn(record, 'timestamp') !== null
  return { type: isHead ? 'session_meta' : type, payload: record, at }
}

const bareItems: ReadonlySet<string> = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
])

function ownId(type: string, payload: JsonObject): string | null {
  if (type !== 'response_item') return null
  const id = safeId(textIn(payload, 'id'))
  if (id !== null) return id
  const call = callIdOf(payload)
  if (call === null) return null
  return textIn(payload, 'type')?.endsWith('_output') === true ? `result:${call}` : `call:${call}`
}

export function callIdOf(payload: JsonObject): string | null {
  return safeId(textIn(payload, 'call_id'))
}
