/** Tool calls: begun, refused, ended. */
import type { EventOf } from '../../session/event.ts'
import { booleanIn, objectIn, textIn } from '../json-value.ts'
import { contextDraft, type Draft, toolCallDraft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { editsOf } from './edits.ts'
import type { Reading } from './reading.ts'
import type { CopilotRecord } from './records.ts'
import { outcomeOf, outputOf } from './tool-outcome.ts'
import { categoryOfCall, commandOf, inputIn, pathsOf } from './tools.ts'

export function callDrafts({ data, id }: CopilotRecord, reading: Reading): readonly Draft[] {
  const callId = safeId(textIn(data, 'toolCallId')) ?? id
  if (reading.usersCalls.has(callId) || reading.calls.has(callId)) return []
  const tool = reading
    .clean(textIn(data, 'toolName') ?? 'unknown')
    .slice(0, 200)
    .toWellFormed()
  const input = inputIn(data, 'arguments')
  const category = textIn(data, 'mcpServerName') === null ? categoryOfCall(tool, input) : 'mcp'
  reading.calls.set(callId, { tool, category, input })
  const call = { callId, tool, category, input, command: commandOf(category, input), paths: [...pathsOf(input)] }
  return [toolCallDraft(call, reading.workingDirectory, reading)]
}

/** A command that the person typed behind a `!`. */
export function userCallDrafts({ data, id }: CopilotRecord, reading: Reading): readonly Draft[] {
  const callId = safeId(textIn(data, 'toolCallId')) ?? id
  reading.usersCalls.add(callId)
  const input = inputIn(data, 'arguments')
  return contextDraft('user-shell', textIn(input, 'command') ?? textIn(data, 'toolName') ?? '', reading)
}

const refusers: ReadonlyMap<string, EventOf<'denial'>['by']> = new Map([
  ['denied-by-rules', 'rule'],
  ['denied-by-content-exclusion-policy', 'rule'],
  // Nobody was there to ask, and no rule allowed it.
  ['denied-no-approval-rule-and-could-not-request-from-user', 'rule'],
  ['denied-interactively-by-user', 'user'],
  ['denied-by-permission-request-hook', 'hook'],
])

export function noteRefusal({ data }: CopilotRecord, reading: Reading): readonly Draft[] {
  const callId = safeId(textIn(data, 'toolCallId'))
  const by = refusers.get(textIn(objectIn(data, 'result'), 'kind') ?? '')
  const isJudged = textIn(data, 'decisionSource') === 'assisted_approval'
  if (callId !== null && by !== undefined) reading.refusals.set(callId, isJudged ? 'classifier' : by)
  return []
}

export function resultDrafts({ data, id }: CopilotRecord, reading: Reading): readonly Draft[] {
  const callId = safeId(textIn(data, 'toolCallId')) ?? id
  if (reading.usersCalls.has(callId) || booleanIn(data, 'isUserRequested') === true) return []
  const call = reading.calls.get(callId)
  const category = call?.category ?? 'other'
  const { outcome, exitCode, deniedBy } = outcomeOf(data, category, reading.refusals.get(callId) ?? null)
  const { contents, workingDirectory } = reading
  const edits =
    outcome === 'ok' && category === 'edit' && call !== undefined
      ? editsOf({ input: call.input, data, contents, workingDirectory }).map((edit) => ({
          ...edit,
          path: reading.place(edit.path, workingDirectory),
        }))
      : []
  const output = reading.clean(outputOf(data))
  return [
    { event: { kind: 'toolResult', callId, outcome, exitCode, output, edits } },
    ...(deniedBy === null
      ? []
      : [{ event: { kind: 'denial', callId, by: deniedBy, reason: output.slice(0, 4000).toWellFormed() } } as const]),
  ]
}
