/** How a call ended and what it changed: told once everything that the program noted about the call is known. */
import type { FileEdit } from '../../session/event.ts'
import { readObject } from '../json-lines.ts'
import { type JsonObject, objectIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
import { notedEdits, patchEdits } from './edits.ts'
import type { Draft, KnownCall, Later, Reading } from './reading.ts'
import type { RolloutRecord } from './records.ts'
import { outcomeOf } from './tool-outcome.ts'
import { outputOf, type ToolOutput } from './tool-output.ts'
import { patchIn } from './tools.ts'

const unknownCall: KnownCall = { tool: '', category: 'other', input: {} }

export function resultTold({ payload, id, callId: named }: RolloutRecord, reading: Reading): Later {
  const callId = named ?? id
  const call = reading.calls.get(callId) ?? unknownCall
  const from = folderOf(call, reading)
  const output = outputOf(payload['output'] ?? payload['content'])
  // At once, while the text is at hand: to come back to all of them in the end costs twice as much.
  const said = reading.clean(output.text)
  return () => resultDrafts({ callId, call, from, output, said }, reading)
}

interface Answered {
  readonly callId: string
  readonly call: KnownCall
  /** Folder from which the call's paths are meant. */
  readonly from: string | null
  readonly output: ToolOutput
  /** Its text as evidence shows it. */
  readonly said: string
}

function resultDrafts({ callId, call, from, output, said }: Answered, reading: Reading): readonly Draft[] {
  const details = reading.notes.of(callId)
  const { outcome, exitCode, deniedBy } = outcomeOf(output, details, call.category)
  const changes = details?.changes ?? null
  const edits = outcome === 'ok' || changes !== null ? editsOf(changes, call, from, reading) : []
  const drafts: Draft[] = [{ event: { kind: 'toolResult', callId, outcome, exitCode, output: said, edits } }]
  if (deniedBy !== null) {
    const reason = said.slice(0, 4000).toWellFormed()
    drafts.push({ event: { kind: 'denial', callId, by: deniedBy, reason } })
  }
  if (call.tool === 'spawn_agent' && outcome === 'ok') {
    drafts.push(...subagentDrafts(callId, output.text, call.input, reading))
  }
  return drafts
}

/** Changes that no call of the conversation made, at the place where the program noted them. */
export function unaskedTold(callId: string, recordId: string, reading: Reading): Later {
  const call: KnownCall = { tool: 'apply_patch', category: 'edit', input: {} }
  const from = folderOf(call, reading)
  return () => {
    const details = reading.notes.of(callId)
    if (details?.recordId !== recordId) return []
    const edits = editsOf(details.changes, call, from, reading)
    if (edits.length === 0) return []
    const { tool, category, input } = call
    const paths = edits.map(({ path }) => path)
    return [
      { event: { kind: 'toolCall', callId, tool, category, input, command: null, paths } },
      { event: { kind: 'toolResult', callId, outcome: 'ok', exitCode: null, output: '', edits } },
    ]
  }
}

function folderOf({ input }: KnownCall, { workingDirectory }: Reading): string | null {
  return textIn(input, 'workdir') ?? workingDirectory
}

/** As the program noted the changes, else as the call's patch says. */
function editsOf(
  changes: JsonObject | null,
  { category, input }: KnownCall,
  from: string | null,
  { contents, place }: Reading,
): FileEdit[] {
  const patch = changes === null ? patchIn(category, input) : null
  const edits =
    changes !== null
      ? notedEdits(changes, contents)
      : patch === null
        ? []
        : patchEdits(patch, contents, (path) => absolutePath(path, from) ?? path)
  return edits.map((edit) => ({ ...edit, path: place(edit.path, from) }))
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
