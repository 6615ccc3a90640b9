/**
 * How Copilot CLI asks before a tool runs: camelCase from its own hooks, snake_case with Claude Code's names where it runs
 * the hooks of `.claude/settings.json`. Standard error is not shown to the model, so the answer is JSON.
 */
import type { AgentGuard, PendingCall } from '../../guard/guard.ts'
import { readObject } from '../json-lines.ts'
import { asObject, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { namedEdits, pendingCall, readPendingCall } from '../pending-call.ts'
import { safeId } from '../safe-id.ts'

const AGENT = 'copilot-cli'

const edits = new Set(['create', 'edit', 'str_replace_editor', 'str_replace', 'insert', 'write', 'multiedit'])
const shells = new Set(['bash', 'powershell', 'shell', 'write_bash'])
const reads = new Set(['view', 'read', 'read_file'])

function categoryOf(tool: string): PendingCall['category'] {
  const name = tool.toLowerCase()
  if (edits.has(name)) return 'edit'
  if (shells.has(name)) return 'shell'
  if (reads.has(name)) return 'read'
  if (['grep', 'glob', 'rg'].includes(name)) return 'search'
  return name.startsWith('mcp__') ? 'mcp' : 'other'
}

const form = {
  categoryOf,
  commandOf: (tool: string, input: JsonObject) => (categoryOf(tool) === 'shell' ? textIn(input, 'command') : null),
  pathsOf: (_: string, input: JsonObject) =>
    [...new Set([textIn(input, 'path'), textIn(input, 'file_path')])].filter(
      (path) => path !== null && path !== '',
    ) as readonly string[],
  editsOf: (tool: string, input: JsonObject, paths: readonly string[]) =>
    categoryOf(tool) === 'edit' ? namedEdits(input, paths) : [],
}

export const copilotGuard: AgentGuard = {
  agent: AGENT,
  readCall: (payload) => readPendingCall(payload, { agent: AGENT, event: 'PreToolUse', ...form }) ?? native(payload),
  canAsk: () => false,
  reply: (decision, reason) => JSON.stringify({ permissionDecision: decision, permissionDecisionReason: reason }),
}

/** Its own payloads name no event; those after a tool carry a result. */
function native(payload: unknown): PendingCall | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'sessionId'))
  const tool = textIn(json, 'toolName')
  if (json === null || session === null || tool === null || Object.hasOwn(json, 'toolResult')) return null
  const input = objectIn(json, 'toolArgs') ?? readObject(textIn(json, 'toolArgs') ?? '') ?? {}
  const callId = textIn(json, 'toolCallId')
  return pendingCall(
    { session: `${AGENT}:${session}`, callId, tool, input, workingDirectory: textIn(json, 'cwd') },
    form,
  )
}
