/** How Claude Code asks before a tool runs, and how it is answered: JSON on stdout with exit code 0. */
import type { AgentGuard, PendingCall } from '../../guard/guard.ts'
import type { JsonObject } from '../json-value.ts'
import { namedEdits, readPendingCall } from '../pending-call.ts'
import { categoryOf, commandOf, pathsOf } from './tools.ts'

export const claudeGuard: AgentGuard = {
  agent: 'claude-code',
  readCall: (payload) =>
    readPendingCall(payload, {
      agent: 'claude-code',
      event: 'PreToolUse',
      categoryOf,
      commandOf,
      pathsOf: (_, input) => pathsOf(input),
      editsOf,
    }),
  canAsk: () => true,
  reply: hookSpecificReply,
}

function editsOf(tool: string, input: JsonObject, paths: readonly string[]): PendingCall['edits'] {
  return categoryOf(tool) === 'edit' ? namedEdits(input, paths) : []
}

/** Also Codex's form. */
export function hookSpecificReply(decision: 'ask' | 'deny', reason: string): string {
  return JSON.stringify({
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: decision,
      permissionDecisionReason: reason,
    },
  })
}
