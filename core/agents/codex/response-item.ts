/** Items of the conversation between program and model. */
import { type JsonObject, objectsIn, textIn } from '../json-value.ts'
import { contextDraft, toolCallDraft } from '../reading.ts'
import { unrecognised } from '../unrecognised.ts'
import type { Draft, Reading, Told } from './reading.ts'
import type { RolloutRecord } from './records.ts'
import { resultTold } from './tool-result.ts'
import { categoryOf, commandOf, inputOf, pathsOf } from './tools.ts'
import { wordsOf } from './words.ts'

export function itemDrafts(record: RolloutRecord, reading: Reading): readonly Told[] {
  const { payload } = record
  const type = textIn(payload, 'type') ?? 'none'
  if (type === 'message') return messageDrafts(payload, reading)
  if (type === 'reasoning') return reasoningDrafts(payload, reading)
  if (type.endsWith('_output')) return [resultTold(record, reading)]
  if (type === 'web_search_call' || type === 'image_generation_call')
    return [...callDrafts(record, reading), ...served(record)]
  if (type.endsWith('_call')) return callDrafts(record, reading)
  // Snapshots of the work tree for undoing, and encrypted summaries that only the vendor can read.
  if (type === 'ghost_snapshot' || type === 'compaction' || type === 'compaction_summary') return []
  return unrecognised(`response_item.${type}`, payload, reading)
}

function messageDrafts(message: JsonObject, reading: Reading): readonly Draft[] {
  const role = textIn(message, 'role')
  // The developer's role holds what vendor and program tell the model.
  if (role === 'developer' || role === 'system') return []
  if (role === 'assistant') {
    const text = reading.clean(
      objectsIn(message, 'content')
        .map((part) => textIn(part, 'text') ?? '')
        .join('\n'),
    )
    return text.trim() === '' ? [] : [{ event: { kind: 'message', text } }]
  }
  const words = wordsOf(message, reading.isSubagent)
  const typed = reading.clean(
    words
      .filter(({ source }) => source === null)
      .map(({ text }) => text)
      .join('\n'),
  )
  return [
    ...words.flatMap(({ source, text }) => (source === null ? [] : contextDraft(source, text, reading))),
    ...(typed.trim() === '' ? [] : [{ event: { kind: 'prompt', text: typed } } as const]),
  ]
}

/** The summary, or the thoughts themselves where a provider shows them. */
function reasoningDrafts(item: JsonObject, reading: Reading): readonly Draft[] {
  const parts = [...objectsIn(item, 'summary'), ...objectsIn(item, 'content')]
  const text = reading.clean(
    parts
      .map((part) => textIn(part, 'text') ?? '')
      .filter((one) => one !== '')
      .join('\n'),
  )
  return text.trim() === '' ? [] : [{ event: { kind: 'reasoning', text } }]
}

function callDrafts({ payload, id, callId: named }: RolloutRecord, reading: Reading): readonly Draft[] {
  const type = textIn(payload, 'type') ?? ''
  const isNamed = type === 'function_call' || type === 'custom_tool_call'
  const tool = reading
    .clean(isNamed ? (textIn(payload, 'name') ?? 'unknown') : type.replace(/_call$/, ''))
    .slice(0, 200)
  const callId = named ?? id
  const category = categoryOf(tool, textIn(payload, 'namespace'))
  const input = inputOf(payload)
  reading.calls.set(callId, { tool, category, input })
  const call = {
    callId,
    tool,
    category,
    input,
    command: commandOf(category, input),
    paths: [...pathsOf(category, input)],
  }
  return [toolCallDraft(call, textIn(input, 'workdir') ?? reading.workingDirectory, reading)]
}

/** What the provider does by itself has no answer of its own. */
function served({ payload, id, callId: named }: RolloutRecord): readonly Draft[] {
  const outcome = textIn(payload, 'status') === 'failed' ? 'failed' : 'ok'
  const callId = named ?? id
  return [{ event: { kind: 'toolResult', callId, outcome, exitCode: null, output: '', edits: [] } }]
}
