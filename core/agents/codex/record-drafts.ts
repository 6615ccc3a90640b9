/** One record of the transcript becomes any number of events. */
import { countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { contextDraft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import type { Draft, Later, Reading, Told } from './reading.ts'
import { droppedEvents, droppedItems, droppedRecords } from './record-types.ts'
import type { RolloutRecord } from './records.ts'
import { itemDrafts } from './response-item.ts'
import { unaskedTold } from './tool-result.ts'

export function draftsOf(record: RolloutRecord, reading: Reading): readonly Told[] {
  const { type, payload } = record
  if (type === 'turn_context') {
    reading.workingDirectory = textIn(payload, 'cwd') ?? reading.workingDirectory
    reading.model = textIn(payload, 'model')?.slice(0, 200).toWellFormed() ?? reading.model
    return []
  }
  if (type === 'response_item') return itemDrafts(record, reading)
  if (type === 'event_msg') return eventDrafts(record, reading)
  if (type === 'compacted') return compactionDrafts(payload, reading)
  return droppedRecords.has(type) ? [] : unrecognised(type, payload, reading)
}

/** Neither sizes nor what caused it are recorded. */
function compactionDrafts(payload: JsonObject, reading: Reading): readonly Draft[] {
  return [
    { event: { kind: 'compaction', trigger: 'unknown', tokensBefore: null, tokensAfter: null } },
    ...contextDraft('compact-summary', textIn(payload, 'message') ?? '', reading),
  ]
}

function eventDrafts(record: RolloutRecord, reading: Reading): readonly Told[] {
  const { payload, callId } = record
  const type = textIn(payload, 'type') ?? 'none'
  if (type === 'item_completed') return completedDrafts(record, reading)
  if (type === 'turn_aborted') return abortDrafts(payload, reading)
  if (type === 'patch_apply_end') return unasked(callId, record, reading)
  if (type === 'error' || type === 'stream_error' || type === 'warning') {
    return contextDraft(`agent-${type.replace('stream_', '')}`, textIn(payload, 'message') ?? '', reading)
  }
  if (type === 'thread_rolled_back')
    return contextDraft('rewind', `${countIn(payload, 'num_turns') ?? 'some'} turns`, reading)
  return droppedEvents.has(type) ? [] : unrecognised(`event_msg.${type}`, payload, reading)
}

function completedDrafts(record: RolloutRecord, reading: Reading): readonly Told[] {
  const item = objectIn(record.payload, 'item')
  const type = textIn(item, 'type') ?? 'none'
  if (type === 'FileChange') return unasked(safeId(textIn(item, 'id')), record, reading)
  // A person's own command, typed into the agent's prompt.
  if (type === 'CommandExecution' && textIn(item, 'source') === 'user_shell') {
    return contextDraft('user-shell', textIn(item, 'aggregated_output') ?? '', reading)
  }
  return droppedItems.has(type) ? [] : unrecognised(`item.${type}`, record.payload, reading)
}

/** The call itself always stands before what became of it. */
function unasked(callId: string | null, { id }: RolloutRecord, reading: Reading): readonly Later[] {
  return callId === null || reading.calls.has(callId) ? [] : [unaskedTold(callId, id, reading)]
}

/** `replaced` and the like: the program ended the turn by itself. */
function abortDrafts(payload: JsonObject, reading: Reading): readonly Draft[] {
  const reason = textIn(payload, 'reason') ?? 'interrupted'
  if (reason !== 'interrupted') return contextDraft('turn-aborted', reason, reading)
  return [{ event: { kind: 'interruption', text: 'interrupted' } }]
}
