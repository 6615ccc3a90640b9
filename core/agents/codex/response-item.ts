/** Items of the conversation between program and model. */
import type { FileEdit } from '../../session/event.ts'
import { readObject } from '../json-lines.ts'
import { type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { contextDraft, toolCallDraft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import { notedEdits, patchEdits } from './edits.ts'
import type { Draft, Reading } from './reading.ts'
import { callIdOf, type RolloutRecord } from './records.ts'
import { outcomeOf } from './tool-outcome.ts'
import { outputOf } from './tool-output.ts'
import { categoryOf, commandOf, inputOf, patchIn, pathsOf } from './tools.ts'
import { wordsOf } from './words.ts'

export function itemDrafts(record: RolloutRecord, reading: Reading): readonly Draft[] {
  const { payload } = record
  const type = textIn(payload, 'type') ?? 'none'
  if (type === 'message') return messageDrafts(payload, reading)
  if (type === 'reasoning') return reasoningDrafts(payload, reading)
  if (type.endsWith('_output')) return resultDrafts(record, reading)
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

function callDrafts({ payload, id }: RolloutRecord, reading: Reading): readonly Draft[] {
  const type = textIn(payload, 'type') ?? ''
  const isNamed = type === 'function_call' || type === 'custom_tool_call'
  const tool = reading
    .clean(isNamed ? (textIn(payload, 'name') ?? 'unknown') : type.replace(/_call$/, ''))
    .slice(0, 200)
  const callId = callIdOf(payload) ?? id
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
function served({ payload, id }: RolloutRecord): readonly Draft[] {
  const outcome = textIn(payload, 'status') === 'failed' ? 'failed' : 'ok'
  const callId = callIdOf(payload) ?? id
  return [{ event: { kind: 'toolResult', callId, outcome, exitCode: null, output: '', edits: [] } }]
}

function resultDrafts({ payload, id }: RolloutRecord, reading: Reading): readonly Draft[] {
  const callId = callIdOf(payload) ?? id
  const { category, input, tool } = reading.calls.get(callId) ?? { category: 'other', input: {}, tool: '' }
  const output = outputOf(payload['output'] ?? payload['content'])
  const details = reading.details.get(callId) ?? null
  const { outcome, exitCode, deniedBy } = outcomeOf(output, details, category)
  const edits = outcome === 'ok' || details?.changes != null ? editsOf(callId, category, input, reading) : []
  const drafts: Draft[] = [
    { event: { kind: 'toolResult', callId, outcome, exitCode, output: reading.clean(output.text), edits: [...edits] } },
  ]
  if (deniedBy !== null) {
    const reason = reading.clean(output.text).slice(0, 4000).toWellFormed()
    drafts.push({ event: { kind: 'denial', callId, by: deniedBy, reason } })
  }
  if (tool === 'spawn_agent' && outcome === 'ok') drafts.push(...subagentDrafts(callId, output.text, input, reading))
  return drafts
}

function editsOf(
  callId: string,
  category: Parameters<typeof patchIn>[0],
  input: JsonObject,
  reading: Reading,
): readonly FileEdit[] {
  const changes = reading.details.get(callId)?.changes ?? null
  const patch = changes === null ? patchIn(category, input) : null
  const from = textIn(input, 'workdir') ?? reading.workingDirectory
  const edits =
    changes !== null
      ? notedEdits(changes, reading.contents)
      : patch === null
        ? []
        : patchEdits(patch, reading.contents, (path) => absolutePath(path, from) ?? path)
  return edits.map((edit) => ({ ...edit, path: reading.place(edit.path, from) }))
}

/** Changes that no call of the conversation made, at the place where the program noted them. */
export function unaskedEdits(callId: string, reading: Reading): readonly Draft[] {
  const edits = editsOf(callId, 'edit', {}, reading)
  if (edits.length === 0) return []
  const paths = edits.map(({ path }) => path)
  const call = {
    kind: 'toolCall',
    callId,
    tool: 'apply_patch',
    category: 'edit',
    input: {},
    command: null,
    paths,
  } as const
  return [
    { event: call },
    { event: { kind: 'toolResult', callId, outcome: 'ok', exitCode: null, output: '', edits: [...edits] } },
  ]
}

/** The subagent's own records are a session of their own, under the id that the answer names. */
function subagentDrafts(callId: string, answer: string, input: JsonObject, reading: Reading): readonly Draft[] {
  const told = readObject(answer)
  const agentId = safeId(textIn(told, 'agent_id') ?? textIn(objectIn(told, 'agent'), 'id'))
  if (agentId === null) return []
  const type = reading.clean(textIn(input, 'agent_type') ?? 'default').slice(0, 500)
  const description = reading.clean(textIn(input, 'message') ?? textIn(input, 'task_name') ?? '').slice(0, 500)
  const model = textIn(input, 'model')?.slice(0, 200) ?? null
  const about = { agentId, type: type.toWellFormed(), description: description.toWellFormed(), callId }
  return [{ id: `subagent:${agentId}`, event: { kind: 'subagent', ...about, model } }]
}
