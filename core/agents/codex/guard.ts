/** How Codex asks before a tool runs. It takes Claude Code's answer, but refuses `ask`: measured with 0.169.0. */
import type { AgentGuard } from '../../guard/guard.ts'
import { hookSpecificReply } from '../claude-code/guard.ts'
import { patchedEdits, readPendingCall } from '../pending-call.ts'
import { categoryOf, commandOf, patchIn, pathsOf } from './tools.ts'

export const codexGuard: AgentGuard = {
  agent: 'codex',
  readCall: (payload) =>
    readPendingCall(payload, {
      agent: 'codex',
      event: 'PreToolUse',
      categoryOf,
      commandOf: (tool, input) => commandOf(categoryOf(tool), input),
      pathsOf: (tool, input) => pathsOf(categoryOf(tool), input),
      editsOf: (tool, input) => patchedEdits(patchIn(categoryOf(tool), input) ?? ''),
    }),
  canAsk: () => false,
  reply: hookSpecificReply,
}
