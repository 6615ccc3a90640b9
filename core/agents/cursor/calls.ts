/** Tool calls as hooks tell them: a call, what it did to files and how it ended come in payloads of their own. */
import type { EventOf, FileEdit } from '../../session/event.ts'
import { patchOutcome, readPatch } from '../apply-patch.ts'
import { created, difference, placeless } from '../hunks.ts'
import { readObject } from '../json-lines.ts'
import { type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import type { Draft, Reading } from '../reading.ts'
import { toolCallDraft } from '../reading.ts'
import { folderIn } from './hook-note.ts'
import { categoryOf, commandOf, pathsOf, type ToolCategory } from './words.ts'

type Outcome = EventOf<'toolResult'>['outcome']

export interface Call {
  readonly callId: string
  readonly tool: string
  readonly category: ToolCategory
  readonly input: JsonObject
  /** Folder from which its paths are meant. */
  readonly from: string | null
  readonly at: string | null
  endedAt: string | null
  /** null: no hook told of its end. */
  outcome: Outcome | null
  exitCode: number | null
  output: string
  /** Paths as Cursor wrote them. */
  edits: FileEdit[]
  /** A hook told what was edited, which is better than what the call asked for. */
  isNoted: boolean
  denied: boolean
}

export function openCall(
  payload: JsonObject,
  at: string | null,
  names: { readonly callId: string; readonly tool: string },
): Call {
  const category = categoryOf(names.tool)
  const input = objectIn(payload, 'tool_input') ?? readObject(textIn(payload, 'tool_input') ?? '') ?? {}
  return {
    ...names,
    category,
    input,
    from: folderIn(payload),
    at,
    endedAt: null,
    outcome: null,
    exitCode: null,
    output: '',
    edits: [],
    isNoted: false,
    denied: false,
  }
}

/** A hook after a success says nothing of a command's exit code, unless the tool's own output does. */
export function succeed(call: Call, payload: JsonObject, at: string | null): void {
  const output = textIn(payload, 'tool_output') ?? textIn(payload, 'tool_response') ?? ''
  const written = readObject(output)
  const code = written?.['exitCode'] ?? written?.['exit_code']
  call.endedAt = at
  if (call.category === 'shell') {
    call.exitCode = typeof code === 'number' && Number.isSafeInteger(code) ? code : null
    call.outcome = call.exitCode === null ? 'unknown' : call.exitCode === 0 ? 'ok' : 'failed'
    const streams = [textIn(written, 'stdout'), textIn(written, 'stderr')].filter(
      (text) => text !== null && text !== '',
    )
    if (call.output === '') call.output = streams.length > 0 ? streams.join('\n') : output
  } else {
    call.outcome = 'ok'
    if (call.output === '') call.output = output
    if (call.category === 'edit' && !call.isNoted) call.edits = editsOfInput(call)
  }
}

export function fail(call: Call, payload: JsonObject, at: string | null): void {
  const type = textIn(payload, 'failure_type')
  call.endedAt = at
  call.denied = type === 'permission_denied'
  call.outcome = call.denied ? 'denied' : payload['is_interrupt'] === true ? 'interrupted' : 'failed'
  const said = textIn(payload, 'error_message') ?? textIn(payload, 'error') ?? ''
  call.output = call.output === '' ? said : `${call.output}\n${said}`
}

/** What `afterFileEdit` tells: text for text, without places. */
export function notedEdit(payload: JsonObject): FileEdit | null {
  const path = textIn(payload, 'file_path')
  if (path === null || path === '') return null
  const edits = objectsIn(payload, 'edits').map((edit) => ({
    from: textIn(edit, 'old_string') ?? '',
    to: textIn(edit, 'new_string') ?? '',
  }))
  const [only] = edits
  if (edits.length === 1 && only?.from === '')
    return { path, kind: 'create', hunks: created(only.to), userModified: null }
  const hunks = edits.flatMap(({ from, to }) => placeless(difference(from, to)))
  return { path, kind: 'update', hunks, userModified: null }
}

/** As the call asked for it; what the file held before is not known. */
function editsOfInput({ input, category }: Call): FileEdit[] {
  const patch = textIn(input, 'patch') ?? textIn(input, 'input')
  if (patch !== null) {
    return readPatch(patch).map((file) => ({
      path: file.movedTo ?? file.path,
      kind: file.kind,
      hunks: patchOutcome(file, null).hunks,
      userModified: null,
    }))
  }
  const [path] = pathsOf(input, category)
  if (path === undefined) return []
  const content = textIn(input, 'content') ?? textIn(input, 'contents')
  if (content !== null) return [{ path, kind: 'update', hunks: created(content), userModified: null }]
  const from = textIn(input, 'old_string')
  const to = textIn(input, 'new_string')
  if (from === null || to === null) return [{ path, kind: 'update', hunks: [], userModified: null }]
  return [{ path, kind: 'update', hunks: placeless(difference(from, to)), userModified: null }]
}

export function callDraft({ callId, tool, category, input, from, at }: Call, reading: Reading): Draft {
  const named = { callId, tool: reading.clean(tool).slice(0, 200).toWellFormed(), category, input }
  const paths = [...pathsOf(input, category)]
  return { ...toolCallDraft({ ...named, command: commandOf(category, input), paths }, from, reading), at }
}

/** Nothing where no hook told of the end. */
export function resultDrafts(call: Call, reading: Reading): readonly Draft[] {
  const { callId, outcome, exitCode, edits, endedAt: at, from } = call
  if (outcome === null) return []
  const output = reading.clean(call.output)
  const placed = edits.map((edit) => ({ ...edit, path: reading.place(edit.path, from) }))
  const kept = outcome === 'ok' || outcome === 'unknown' ? placed : []
  return [
    { at, event: { kind: 'toolResult', callId, outcome, exitCode, output, edits: kept } },
    ...(call.denied
      ? [
          {
            at,
            event: { kind: 'denial', callId, by: 'unknown', reason: output.slice(0, 4000).toWellFormed() },
          } as const,
        ]
      : []),
  ]
}
