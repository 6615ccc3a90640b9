/** A call that waits for the guard, in the form in which several agents tell it, Claude Code's. */
import type { PendingCall } from '../guard/guard.ts'
import { readPatch } from './apply-patch.ts'
import { hunkOf } from './hunks.ts'
import { asObject, type JsonObject, objectIn, textIn } from './json-value.ts'
import { safeId } from './safe-id.ts'

export interface PendingForm {
  readonly agent: string
  /** The agent's own name of the event before a tool runs. */
  readonly event: string
  readonly categoryOf: (tool: string) => PendingCall['category']
  readonly commandOf: (tool: string, input: JsonObject) => string | null
  readonly pathsOf: (tool: string, input: JsonObject) => readonly string[]
  readonly editsOf: (tool: string, input: JsonObject, paths: readonly string[]) => PendingCall['edits']
}

export function readPendingCall(payload: unknown, form: PendingForm): PendingCall | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'session_id'))
  const tool = textIn(json, 'tool_name')
  if (session === null || tool === null || textIn(json, 'hook_event_name') !== form.event) return null
  const input = objectIn(json, 'tool_input') ?? {}
  return pendingCall(
    {
      session: `${form.agent}:${session}`,
      callId: textIn(json, 'tool_use_id'),
      tool,
      input,
      workingDirectory: textIn(json, 'cwd'),
    },
    form,
  )
}

type Named = Pick<PendingCall, 'session' | 'callId' | 'tool' | 'input' | 'workingDirectory'>

export function pendingCall(named: Named, form: Omit<PendingForm, 'agent' | 'event'>): PendingCall {
  const { tool, input } = named
  const paths = form.pathsOf(tool, input)
  return {
    ...named,
    category: form.categoryOf(tool),
    command: form.commandOf(tool, input),
    paths,
    edits: form.editsOf(tool, input, paths),
  }
}

/** What an edit tool would do: to each file that it names, the lines that it says it replaces. */
export function namedEdits(input: JsonObject, paths: readonly string[]): PendingCall['edits'] {
  const before = textIn(input, 'old_string') ?? textIn(input, 'old_str') ?? textIn(input, 'oldString')
  const after = textIn(input, 'new_string') ?? textIn(input, 'new_str') ?? textIn(input, 'newString')
  const lines = [...marked('-', before), ...marked('+', after)]
  return paths.map((path) => ({ path, kind: 'update', hunks: hunkOf(0, 0, lines) }))
}

function marked(mark: string, text: string | null): readonly string[] {
  return text === null || text === '' ? [] : text.split('\n').map((line) => `${mark}${line}`)
}

export function patchedEdits(patch: string): PendingCall['edits'] {
  return readPatch(patch).flatMap(({ path, kind, movedTo, chunks }) => [
    {
      path,
      kind: movedTo === null ? kind : ('delete' as const),
      hunks: chunks.flatMap((chunk) => hunkOf(0, 0, chunk)),
    },
    ...(movedTo === null ? [] : [{ path: movedTo, kind: 'create' as const, hunks: [] }]),
  ])
}
