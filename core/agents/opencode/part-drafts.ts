/** One part of a message becomes any number of events. */
import { asObject, type JsonObject, objectIn, textIn, timeIn } from '../json-value.ts'
import { contextDraft, type Draft, toolCallDraft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import { editsOf } from './edits.ts'
import type { Reading } from './reading.ts'
import { outcomeOf, outputOf } from './tool-outcome.ts'
import { categoryOf, commandOf, pathsOf } from './tools.ts'

/** Known and left out: tokens of a step are those of its message, and a patch lists what the calls before it changed. */
const dropped: ReadonlySet<string> = new Set(['step-start', 'step-finish', 'snapshot', 'patch', 'agent'])

/** `partId` names a call that carries no id of its own. */
export function partDrafts(part: JsonObject, partId: string, reading: Reading): readonly Draft[] {
  const type = textIn(part, 'type') ?? 'none'
  if (type === 'reasoning') return worded('reasoning', part, reading)
  if (type === 'text') {
    return part['synthetic'] === true ? said('program', part, reading) : worded('message', part, reading)
  }
  if (type === 'tool') return toolDrafts(part, partId, reading)
  if (type === 'file') return contextDraft('file', textIn(part, 'filename') ?? 'a file', reading)
  if (type === 'retry') {
    const error = objectIn(part, 'error')
    return contextDraft(
      'agent-error',
      textIn(objectIn(error, 'data'), 'message') ?? textIn(error, 'name') ?? '',
      reading,
    )
  }
  return dropped.has(type) ? [] : unrecognised(type, part, reading)
}

function worded(kind: 'reasoning' | 'message', part: JsonObject, reading: Reading): readonly Draft[] {
  const text = reading.clean(textIn(part, 'text') ?? '')
  return text.trim() === '' ? [] : [{ at: timeIn(objectIn(part, 'time'), 'start'), event: { kind, text } }]
}

function said(source: string, part: JsonObject, reading: Reading): readonly Draft[] {
  return contextDraft(source, textIn(part, 'text') ?? '', reading)
}

function toolDrafts(part: JsonObject, partId: string, reading: Reading): readonly Draft[] {
  const state = objectIn(part, 'state') ?? {}
  const callId = safeId(textIn(part, 'callID')) ?? partId
  const tool = reading
    .clean(textIn(part, 'tool') ?? 'unknown')
    .slice(0, 200)
    .toWellFormed()
  const input = objectIn(state, 'input') ?? {}
  const category = categoryOf(tool)
  const metadata = objectIn(state, 'metadata') ?? {}
  const { workingDirectory: from, contents } = reading
  const named = { callId, tool, category, input, command: commandOf(category, input), paths: [...pathsOf(input)] }
  const time = objectIn(state, 'time')
  const drafts: Draft[] = [{ ...toolCallDraft(named, from, reading), at: timeIn(time, 'start') }]
  if (category === 'subagent') drafts.push(...subagentDrafts(callId, { input, metadata }, reading))
  const ended = outcomeOf(state, tool, category)
  if (ended === null) return drafts
  const { outcome, exitCode, deniedBy } = ended
  const edits =
    outcome === 'ok' && category === 'edit'
      ? editsOf({ input, metadata, contents, workingDirectory: from }).map((edit) => ({
          ...edit,
          path: reading.place(edit.path, from),
        }))
      : []
  const output = reading.clean(outputOf(state))
  const at = timeIn(time, 'end')
  drafts.push({ at, event: { kind: 'toolResult', callId, outcome, exitCode, output, edits } })
  if (deniedBy !== null) {
    drafts.push({ at, event: { kind: 'denial', callId, by: deniedBy, reason: output.slice(0, 4000).toWellFormed() } })
  }
  return drafts
}

/** The thread of a subagent is the id of its own session. */
function subagentDrafts(
  callId: string,
  { input, metadata }: { readonly input: JsonObject; readonly metadata: JsonObject },
  reading: Reading,
): readonly Draft[] {
  const agentId = safeId(textIn(metadata, 'sessionId') ?? textIn(metadata, 'sessionID'))
  if (agentId === null) return []
  const short = (key: string): string =>
    reading
      .clean(textIn(input, key) ?? '')
      .slice(0, 500)
      .toWellFormed()
  const model = textIn(asObject(metadata['model']), 'modelID')?.slice(0, 200).toWellFormed() ?? null
  const type = short('subagent_type') || 'unknown'
  return [{ event: { kind: 'subagent', agentId, type, description: short('description'), model, callId } }]
}
