/** How OpenCode's plugin asks before a tool runs. It throws the reason of a denial, which stops the call; it cannot ask. */
import type { AgentGuard, PendingCall } from '../../guard/guard.ts'
import { asObject, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { namedEdits, patchedEdits, pendingCall } from '../pending-call.ts'
import { safeId } from '../safe-id.ts'

const AGENT = 'opencode'

const categories: ReadonlyMap<string, PendingCall['category']> = new Map([
  ['bash', 'shell'],
  ['write', 'edit'],
  ['edit', 'edit'],
  ['multiedit', 'edit'],
  ['patch', 'edit'],
  ['apply_patch', 'edit'],
  ['read', 'read'],
  ['grep', 'search'],
  ['glob', 'search'],
  ['list', 'search'],
  ['webfetch', 'web'],
  ['websearch', 'web'],
  ['task', 'subagent'],
  ['skill', 'skill'],
  ['todowrite', 'other'],
  ['todoread', 'other'],
])

/** Tools of MCP servers are called `<server>_<tool>`; one of a plugin can be called so as well. */
function categoryOf(tool: string): PendingCall['category'] {
  return categories.get(tool) ?? (tool.includes('_') ? 'mcp' : 'other')
}

const form = {
  categoryOf,
  commandOf: (tool: string, input: JsonObject) => (categoryOf(tool) === 'shell' ? textIn(input, 'command') : null),
  pathsOf: (_: string, input: JsonObject) => {
    const named = [textIn(input, 'filePath'), textIn(input, 'path')]
    return [...new Set(named.flatMap((path) => (path === null || path === '' ? [] : [path])))]
  },
  editsOf: (tool: string, input: JsonObject, paths: readonly string[]): PendingCall['edits'] => {
    if (categoryOf(tool) !== 'edit') return []
    const patch = textIn(input, 'patchText') ?? textIn(input, 'patch')
    return patch === null ? namedEdits(input, paths) : patchedEdits(patch)
  },
}

export const opencodeGuard: AgentGuard = {
  agent: AGENT,
  readCall: (payload) => {
    const json = asObject(payload)
    const session = safeId(textIn(json, 'sessionID') ?? textIn(json, 'session_id'))
    const tool = textIn(json, 'tool') ?? textIn(json, 'tool_name')
    const event = textIn(json, 'hook_event_name') ?? textIn(json, 'event')
    if (json === null || session === null || tool === null || event !== 'tool.execute.before') return null
    return pendingCall(
      {
        session: `${AGENT}:${session}`,
        callId: textIn(json, 'callID') ?? textIn(json, 'tool_use_id'),
        tool,
        input: objectIn(json, 'args') ?? objectIn(json, 'tool_input') ?? {},
        workingDirectory: textIn(json, 'cwd') ?? textIn(json, 'directory'),
      },
      form,
    )
  },
  canAsk: () => false,
  reply: (decision, reason) => JSON.stringify({ decision, reason }),
}
