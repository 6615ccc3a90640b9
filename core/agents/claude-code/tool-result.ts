/** The outcome of a tool call, with everything that hangs on it: edits, refusals, commits. */
import { asObject, type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import { blockText } from './blocks.ts'
import { callIdOf } from './call-id.ts'
import { editOf } from './edits.ts'
import type { Draft, KnownCall, Reading } from './reading.ts'
import { messageOf, type TranscriptRecord } from './records.ts'
import { outcomeOf } from './tool-outcome.ts'

const unknownCall: KnownCall = { tool: '', category: 'other', input: null }

export function toolResult(block: JsonObject, record: TranscriptRecord, reading: Reading): readonly Draft[] {
  const callId = callIdOf(textIn(block, 'tool_use_id'), record)
  const call = reading.calls.get(callId) ?? unknownCall
  const output = blockText(block['content'])
  const { outcome, exitCode, deniedBy } = outcomeOf({ record: record.json, block, output, category: call.category })
  const result = isOnlyResult(record) ? asObject(record.json['toolUseResult']) : null
  const edit =
    outcome === 'ok' && call.category === 'edit' ? editOf({ ...call, result, output }, reading.contents) : null
  const workingDirectory = textIn(record.json, 'cwd')
  const edits = edit === null ? [] : [{ ...edit, path: reading.place(edit.path, workingDirectory) }]
  const drafts: Draft[] = [
    { event: { kind: 'toolResult', callId, outcome, exitCode, output: reading.clean(output), edits } },
  ]
  if (deniedBy !== null) {
    const reason = reading.clean(output).slice(0, 4000).toWellFormed()
    drafts.push({ event: { kind: 'denial', callId, by: deniedBy, reason } })
  }
  const commit = textIn(objectIn(objectIn(result, 'gitOperation'), 'commit'), 'sha')
  if (commit !== null && /^[0-9a-f]{4,64}$/.test(commit)) drafts.push({ event: { kind: 'commit', callId, commit } })
  return drafts
}

/** `toolUseResult` belongs to the record, so it can be told whose it is only where the record has one result. */
function isOnlyResult(record: TranscriptRecord): boolean {
  return objectsIn(messageOf(record), 'content').filter((block) => textIn(block, 'type') === 'tool_result').length <= 1
}
