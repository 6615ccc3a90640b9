/**
 * What the program itself noted about a call, apart from what it told the model: exit codes, changed files, refusals. Known
 * only once all records are read, because a command in the background ends long after its call was answered.
 */
import { asObject, booleanIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'
import type { RolloutRecord } from './records.ts'
import { exitCodeIn, outputOf } from './tool-output.ts'

export interface CallDetails {
  readonly exitCode: number | null
  /** false: a patch that could not be applied. */
  readonly success: boolean | null
  readonly isDeclined: boolean
  /** Absolute path -> change. */
  readonly changes: JsonObject | null
  /** The record that carries the changes, for changes that no call of the conversation made. */
  readonly recordId: string
}

export interface CallNotes {
  readonly note: (record: RolloutRecord) => void
  /** Of a call's id, from the records noted so far. */
  readonly of: (callId: string) => CallDetails | null
}

export function callNotes(): CallNotes {
  const details = new Map<string, CallDetails>()
  const add = (callId: string | null, found: Partial<CallDetails>, recordId: string): void => {
    if (callId === null) return
    const known = details.get(callId) ?? { exitCode: null, success: null, isDeclined: false, changes: null, recordId }
    details.set(callId, {
      exitCode: found.exitCode ?? known.exitCode,
      success: found.success ?? known.success,
      isDeclined: found.isDeclined === true || known.isDeclined,
      changes: found.changes ?? known.changes,
      recordId: found.changes === undefined ? known.recordId : recordId,
    })
  }
  const background = new Map<string, string>()
  return {
    note: (record) => {
      const { type, payload, callId, id } = record
      if (type === 'response_item') {
        const late = ended(record, background)
        if (late !== null) add(late.callId, { exitCode: late.exitCode }, id)
      } else if (type === 'event_msg') {
        const item = textIn(payload, 'type') === 'item_completed' ? objectIn(payload, 'item') : null
        if (item !== null) add(...ofItem(item), id)
        else if (callId !== null) add(callId, ofEvent(payload), id)
      }
    },
    of: (callId) => details.get(callId) ?? null,
  }
}

/** Of today's versions: `item_completed`. */
function ofItem(item: JsonObject): [string | null, Partial<CallDetails>] {
  const callId = safeId(textIn(item, 'id'))
  const type = textIn(item, 'type')
  const status = textIn(item, 'status')
  const isDeclined = status === 'declined'
  if (type === 'CommandExecution') return [callId, { exitCode: integerIn(item, 'exit_code'), isDeclined }]
  if (type !== 'FileChange') return [null, {}]
  const changes = status === 'completed' ? { changes: objectIn(item, 'changes') } : {}
  return [callId, { ...changes, success: status === null ? null : status === 'completed', isDeclined }]
}

/** Of versions before 0.16x, as far as they kept these events. */
function ofEvent(payload: JsonObject): Partial<CallDetails> {
  const type = textIn(payload, 'type')
  if (type === 'exec_command_end') return { exitCode: integerIn(payload, 'exit_code') }
  if (type !== 'patch_apply_end') return {}
  const success = booleanIn(payload, 'success')
  return success === true ? { success, changes: objectIn(payload, 'changes') } : { success }
}

/** A command that outlives its call is asked for through `write_stdin`, whose answer then tells how it ended. */
function ended(
  { payload, callId }: RolloutRecord,
  background: Map<string, string>,
): { readonly callId: string; readonly exitCode: number } | null {
  if (callId === null) return null
  if (textIn(payload, 'name') === 'write_stdin') {
    const session = /"session_id"\s*:\s*"?(\d{1,20})/.exec(textIn(payload, 'arguments') ?? '')?.[1]
    const started = session === undefined ? undefined : background.get(session)
    if (started !== undefined) background.set(`poll:${callId}`, started)
    return null
  }
  if (textIn(payload, 'type')?.endsWith('_output') !== true) return null
  const { text } = outputOf(payload['output'])
  const started = background.size === 0 ? undefined : background.get(`poll:${callId}`)
  if (started === undefined) {
    const start = text.slice(0, 400)
    if (!start.includes('Process running')) return null
    const session = /(?:^|\n)Process running with session ID (\d{1,20})/.exec(start)?.[1]
    if (session !== undefined) background.set(session, callId)
    return null
  }
  const exitCode = exitCodeIn(text)
  return exitCode === null ? null : { callId: started, exitCode }
}

function integerIn(record: JsonObject, key: string): number | null {
  const value = record[key]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** `{type: 'add', …}`, in older versions `{add: {…}}`. */
export function changeOf(value: unknown): { readonly type: string; readonly change: JsonObject } | null {
  const change = asObject(value)
  const type = textIn(change, 'type')
  if (change !== null && type !== null) return { type, change }
  for (const older of ['add', 'update', 'delete']) {
    const inner = objectIn(change, older)
    if (inner !== null) return { type: older, change: inner }
  }
  return null
}
