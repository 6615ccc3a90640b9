/** How Cursor asks before a tool runs: by its documentation, never seen. Only a shell command and an MCP call can be asked about. */
import type { AgentGuard, PendingCall } from '../../guard/guard.ts'
import { readObject } from '../json-lines.ts'
import { asObject, type JsonObject, listIn, objectIn, textIn } from '../json-value.ts'
import { namedEdits, pendingCall } from '../pending-call.ts'
import { safeId } from '../safe-id.ts'

const AGENT = 'cursor'

const categories: ReadonlyMap<string, PendingCall['category']> = new Map([
  ['Shell', 'shell'],
  ['Read', 'read'],
  ['Write', 'edit'],
  ['StrReplace', 'edit'],
  ['ApplyPatch', 'edit'],
  ['Delete', 'edit'],
  ['Grep', 'search'],
  ['Glob', 'search'],
  ['Task', 'subagent'],
])

function categoryOf(tool: string): PendingCall['category'] {
  return categories.get(tool) ?? (/^(?:mcp__|MCP:)/.test(tool) ? 'mcp' : 'other')
}

const form = {
  categoryOf,
  commandOf: (tool: string, input: JsonObject) => (categoryOf(tool) === 'shell' ? textIn(input, 'command') : null),
  pathsOf: (_: string, input: JsonObject) => namedPaths(input),
  editsOf: (tool: string, input: JsonObject, paths: readonly string[]): PendingCall['edits'] => {
    if (tool === 'Delete') return paths.map((path) => ({ path, kind: 'delete', hunks: [] }))
    return categoryOf(tool) === 'edit' ? namedEdits(input, paths) : []
  },
}

function namedPaths(input: JsonObject): readonly string[] {
  const named = [textIn(input, 'path'), textIn(input, 'file_path'), textIn(input, 'target_file')]
  return [...new Set(named.flatMap((path) => (path === null || path === '' ? [] : [path])))]
}

export const cursorGuard: AgentGuard = {
  agent: AGENT,
  readCall,
  canAsk: (payload) => askable.has(textIn(asObject(payload), 'hook_event_name') ?? ''),
  reply: (decision, reason) => JSON.stringify({ permission: decision, user_message: reason, agent_message: reason }),
}

const askable = new Set(['beforeShellExecution', 'beforeMCPExecution'])

function readCall(payload: unknown): PendingCall | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'conversation_id') ?? textIn(json, 'session_id'))
  if (json === null || session === null) return null
  const [root] = listIn(json, 'workspace_roots')
  const workingDirectory = textIn(json, 'cwd') || (typeof root === 'string' ? root : null)
  const base = { session: `${AGENT}:${session}`, callId: textIn(json, 'tool_use_id'), workingDirectory }
  const input = objectIn(json, 'tool_input') ?? readObject(textIn(json, 'tool_input') ?? '') ?? {}
  const tool = textIn(json, 'tool_name')
  switch (textIn(json, 'hook_event_name')) {
    case 'preToolUse':
      return tool === null ? null : pendingCall({ ...base, tool, input }, form)
    case 'beforeShellExecution':
      return pendingCall({ ...base, tool: 'Shell', input: { command: textIn(json, 'command') ?? '' } }, form)
    case 'beforeReadFile':
      return pendingCall({ ...base, tool: 'Read', input: { file_path: textIn(json, 'file_path') ?? '' } }, form)
    case 'beforeMCPExecution': {
      // Which server it is, only the server's own address or command tells.
      const server = textIn(json, 'server_name') ?? textIn(json, 'url') ?? textIn(json, 'command')
      const named = server === null ? {} : { server_name: server }
      return { ...pendingCall({ ...base, tool: tool ?? '', input: named }, form), category: 'mcp' }
    }
    default:
      return null
  }
}
