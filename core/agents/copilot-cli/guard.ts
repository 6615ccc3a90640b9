/**
 * How Copilot CLI asks before a tool runs: camelCase from its own hooks, Claude Code's form where it runs the hooks of
 * `.claude/settings.json`. Standard error is not shown to the model, so the answer is JSON.
 */
import type { AgentGuard, PendingCall } from '../../guard/guard.ts'
import { asObject, type JsonObject, textIn } from '../json-value.ts'
import { namedEdits, type PendingForm, patchedEdits, pendingCall, readPendingCall } from '../pending-call.ts'
import { safeId } from '../safe-id.ts'
import { categoryOf, categoryOfCall, commandOf, inputIn, patchIn, pathsOf } from './tools.ts'

const AGENT = 'copilot-cli'

const form: Omit<PendingForm, 'agent' | 'event'> = {
  categoryOf,
  commandOf: (tool, input) => commandOf(categoryOf(tool), input),
  pathsOf: (_, input) => pathsOf(input),
  editsOf: (tool, input, paths) => {
    const patch = patchIn(input)
    if (patch !== null) return patchedEdits(patch)
    return categoryOfCall(tool, input) === 'edit' ? namedEdits(input, paths) : []
  },
}

export const copilotGuard: AgentGuard = {
  agent: AGENT,
  readCall: (payload) => readPendingCall(payload, { agent: AGENT, event: 'PreToolUse', ...form }) ?? native(payload),
  canAsk: () => false,
  reply: (decision, reason) => JSON.stringify({ permissionDecision: decision, permissionDecisionReason: reason }),
}

/** Its own payloads name no event; those after a tool carry a result or an error, a request for permission its name. */
function native(payload: unknown): PendingCall | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'sessionId'))
  const tool = textIn(json, 'toolName')
  if (json === null || session === null || tool === null || isLater(json)) return null
  const input = inputIn(json, 'toolArgs')
  const callId = textIn(json, 'toolCallId')
  const workingDirectory = textIn(json, 'cwd')
  const call = pendingCall({ session: `${AGENT}:${session}`, callId, tool, input, workingDirectory }, form)
  return { ...call, category: categoryOfCall(tool, input) }
}

function isLater(json: JsonObject): boolean {
  return ['toolResult', 'error', 'hookName'].some((key) => Object.hasOwn(json, key))
}
