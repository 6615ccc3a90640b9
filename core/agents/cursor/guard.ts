/**
 * How Cursor asks before a tool runs: by its documentation, never seen. Before a shell command and an MCP call it can put
 * a question to a person, in hooks of their own that come after `preToolUse`; a denial works everywhere.
 */
import type { AgentGuard, PendingCall } from '../../guard/guard.ts'
import { readObject } from '../json-lines.ts'
import { asObject, type JsonObject, listIn, objectIn, textIn } from '../json-value.ts'
import { namedEdits, type PendingForm, patchedEdits, pendingCall } from '../pending-call.ts'
import { safeId } from '../safe-id.ts'
import { CURSOR, categoryOf, commandOf, eventName, pathsOf } from './words.ts'

const form: Omit<PendingForm, 'agent' | 'event'> = {
  categoryOf,
  commandOf: (tool, input) => commandOf(categoryOf(tool), input),
  pathsOf: (tool, input) => pathsOf(input, categoryOf(tool)),
  editsOf: (tool, input, paths): PendingCall['edits'] => {
    if (categoryOf(tool) !== 'edit') return []
    if (/^delete/i.test(tool)) return paths.map((path) => ({ path, kind: 'delete', hunks: [] }))
    const patch = textIn(input, 'patch') ?? textIn(input, 'input')
    return patch === null ? namedEdits(input, paths) : patchedEdits(patch)
  },
}

export const cursorGuard: AgentGuard = {
  agent: CURSOR,
  readCall,
  canAsk: (payload) => askable.has(eventName(asObject(payload)) ?? ''),
  // In Cursor's own spelling only: who runs the hooks of Claude Code's settings need not have Cursor's.
  asksLater: (payload) => {
    const json = asObject(payload)
    return textIn(json, 'hook_event_name') === 'preToolUse' && categoryOf(textIn(json, 'tool_name') ?? '') === 'shell'
  },
  reply: (decision, reason) => JSON.stringify({ permission: decision, user_message: reason, agent_message: reason }),
}

const askable = new Set(['beforeShellExecution', 'beforeMCPExecution'])

function readCall(payload: unknown): PendingCall | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'conversation_id')) ?? safeId(textIn(json, 'session_id'))
  if (session === null) return null
  const [root] = listIn(json, 'workspace_roots')
  const workingDirectory = textIn(json, 'cwd') || (typeof root === 'string' ? root : null)
  const base = { session: `${CURSOR}:${session}`, callId: textIn(json, 'tool_use_id'), workingDirectory }
  const tool = textIn(json, 'tool_name')
  switch (eventName(json)) {
    case 'preToolUse': {
      const input = objectIn(json, 'tool_input') ?? readObject(textIn(json, 'tool_input') ?? '') ?? {}
      return tool === null ? null : pendingCall({ ...base, tool, input }, form)
    }
    case 'beforeShellExecution':
      return pendingCall({ ...base, tool: 'Shell', input: { command: textIn(json, 'command') ?? '' } }, form)
    case 'beforeReadFile':
      return pendingCall({ ...base, tool: 'Read', input: { file_path: textIn(json, 'file_path') ?? '' } }, form)
    case 'beforeMCPExecution':
      return { ...pendingCall({ ...base, tool: tool ?? '', input: serverOf(json) }, form), category: 'mcp' }
    default:
      return null
  }
}

/** Which server it is, only its name, address or command tells; what the model wrote proves nothing. */
function serverOf(json: JsonObject | null): JsonObject {
  const server =
    textIn(json, 'mcp_server_name') ?? textIn(json, 'server_name') ?? textIn(json, 'url') ?? textIn(json, 'command')
  return server === null ? {} : { server_name: server }
}
