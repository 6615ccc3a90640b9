/** The lines of one rollout file. */
import type { TranscriptFile } from '../agent.ts'
import { eachJsonLine, findJsonLine } from '../json-lines.ts'
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
  /** Of the call that it is about. */
  readonly callId: string | null
}

export interface RolloutHead {
  readonly sessionId: string
  /** The first `session_meta`; null where it is missing. */
  readonly meta: JsonObject | null
}

/** null where neither a file's name nor a record tells which session it is. */
export function readHead(files: readonly TranscriptFile[]): RolloutHead | null {
  let meta: JsonObject | null = null
  for (const { text } of files) meta ??= metaIn(text)
  const told = safeId(textIn(meta, 'id') ?? textIn(meta, 'session_id'))
  const sessionId = files.map(({ path }) => sessionIdOf(path) ?? told).find((id) => id !== null)
  return sessionId === undefined ? null : { sessionId, meta }
}

function metaIn(text: string): JsonObject | null {
  const isMeta = (record: JsonObject) => unwrapped(record).type === 'session_meta'
  const found = findJsonLine(text, isMeta)
  return found === null ? null : unwrapped(found).payload
}

/** Gives the number of lines that are no record. */
export function eachRecord(text: string, sessionId: string, use: (record: RolloutRecord) => void): number {
  const prefix = `${sessionId}:`
  return eachJsonLine(text, (record, line) => {
    const { type, payload: written, at } = unwrapped(record)
    const payload = readable(type, written)
    const callId = safeId(textIn(payload, 'call_id'))
    const id = (type === 'response_item' ? ownId(payload, callId) : null) ?? `${prefix}${line}`
    use({ type, payload, at, id, callId })
  })
}

/** Without what nobody reads: of copies everything but their type, and what only the vendor can decrypt. */
function readable(type: string, payload: JsonObject): JsonObject {
  if (type === 'event_msg') return copiedEvents.get(textIn(payload, 'type') ?? '') ?? payload
  if (type !== 'response_item' || typeof payload['encrypted_content'] !== 'string') return payload
  if (payload['type'] === 'reasoning') return payload
  const { encrypted_content: _, ...rest } = payload
  return rest
}

/** The first versions wrote items bare: the type of the item is the type of the line. */
function unwrapped(record: JsonObject): Omit<RolloutRecord, 'id' | 'callId'> {
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

function ownId(payload: JsonObject, callId: string | null): string | null {
  const id = safeId(textIn(payload, 'id'))
  if (id !== null || callId === null) return id
  return textIn(payload, 'type')?.endsWith('_output') === true ? `result:${callId}` : `call:${callId}`
}
