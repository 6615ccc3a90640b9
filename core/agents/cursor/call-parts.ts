/** Puts calls together: begin, end, output and edits come in payloads of their own, and in older versions only some of them. */
import type { HookPayload } from '../hook-stream.ts'
import { type JsonObject, textIn } from '../json-value.ts'
import type { Reading } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { type Call, fail, notedEdit, openCall, succeed } from './calls.ts'
import { folderIn } from './hook-note.ts'
import { commandOf, pathsOf } from './words.ts'

interface Heard extends Pick<HookPayload, 'at' | 'line'> {
  readonly name: string
  readonly payload: JsonObject
}

/** What one payload brought about, in this order. */
export type Part = { readonly call: Call; readonly part: 'call' | 'result' }

/** Adds to `calls`, in the order in which they began. null: the payload is not about a call. */
export function callParts(heard: Heard, calls: Call[], reading: Reading): readonly Part[] | null {
  switch (heard.name) {
    case 'preToolUse':
      return knownCall(heard, calls) === undefined ? begin(heard, calls, namesIn(heard)) : []
    case 'postToolUse':
    case 'postToolUseFailure':
      return endOf(heard, calls)
    case 'afterShellExecution':
      return shellOutput(heard, calls)
    case 'afterMCPExecution':
      return serverOutput(heard, calls)
    case 'afterFileEdit':
      return fileEdit(heard, calls, reading)
    default:
      return null
  }
}

interface Names {
  readonly callId: string
  readonly tool: string
  /** Where the payload does not carry it in a call's form. */
  readonly input?: JsonObject
}

function begin({ payload, at }: Heard, calls: Call[], { input, ...names }: Names): readonly Part[] {
  const call = openCall(input === undefined ? payload : { ...payload, tool_input: input }, at, names)
  calls.push(call)
  return [{ call, part: 'call' }]
}

function namesIn({ payload, line }: Heard): Names {
  return { callId: callIdIn(payload) ?? `call-${line}`, tool: textIn(payload, 'tool_name') ?? 'unknown' }
}

function callIdIn(payload: JsonObject): string | null {
  return safeId(textIn(payload, 'tool_use_id'))
}

function knownCall({ payload }: Heard, calls: readonly Call[]): Call | undefined {
  const callId = callIdIn(payload)
  return callId === null ? undefined : calls.findLast((call) => call.callId === callId)
}

function endOf(heard: Heard, calls: Call[]): readonly Part[] {
  const known = knownCall(heard, calls)
  const begun = known === undefined ? begin(heard, calls, namesIn(heard)) : []
  const call = known ?? begun[0]?.call
  // An end that is told a second time ends nothing.
  if (call === undefined || call.outcome !== null) return begun
  if (heard.name === 'postToolUse') succeed(call, heard.payload, heard.at)
  else fail(call, heard.payload, heard.at)
  return [...begun, { call, part: 'result' }]
}

/** A call of which only this payload tells. */
function alone(heard: Heard, calls: Call[], names: Names, tell: (call: Call) => void): readonly Part[] {
  const begun = begin(heard, calls, names)
  return begun.flatMap((part): readonly Part[] => {
    tell(part.call)
    part.call.endedAt = heard.at
    return [part, { call: part.call, part: 'result' }]
  })
}

function shellOutput(heard: Heard, calls: Call[]): readonly Part[] {
  const command = textIn(heard.payload, 'command') ?? ''
  const output = textIn(heard.payload, 'output') ?? ''
  const open = calls.findLast(
    (call) => call.category === 'shell' && call.output === '' && commandOf('shell', call.input) === command,
  )
  if (open !== undefined) open.output = output
  if (open !== undefined) return []
  return alone(heard, calls, { callId: `shell-${heard.line}`, tool: 'Shell', input: { command } }, (call) => {
    call.output = output
    call.outcome = 'unknown'
  })
}

function serverOutput(heard: Heard, calls: Call[]): readonly Part[] {
  const tool = textIn(heard.payload, 'tool_name') ?? 'unknown'
  const output = textIn(heard.payload, 'result_json') ?? ''
  const open = calls.findLast((call) => call.category === 'mcp' && call.output === '' && call.tool.endsWith(tool))
  if (open !== undefined) open.output = output
  if (open !== undefined) return []
  return alone(heard, calls, { callId: `mcp-${heard.line}`, tool: `MCP:${tool}` }, (call) => {
    call.output = output
    call.outcome = 'unknown'
  })
}

function fileEdit(heard: Heard, calls: Call[], reading: Reading): readonly Part[] {
  const edit = notedEdit(heard.payload)
  if (edit === null) return []
  const place = reading.place(edit.path, folderIn(heard.payload))
  const open = calls.findLast(
    (call) =>
      call.category === 'edit' &&
      !call.isNoted &&
      pathsOf(call.input, 'edit').some((path) => reading.place(path, call.from) === place),
  )
  const note = (call: Call): void => {
    call.edits = [edit]
    call.isNoted = true
  }
  if (open !== undefined) note(open)
  if (open !== undefined) return []
  const names = { callId: `edit-${heard.line}`, tool: 'afterFileEdit', input: { file_path: edit.path } }
  return alone(heard, calls, names, (call) => {
    note(call)
    call.outcome = 'ok'
  })
}
