/** How OpenCode's plugin asks before a tool runs. It throws the reason of a denial, which stops the call; it cannot ask. */
import type { AgentGuard } from '../../guard/guard.ts'
import { asObject, objectIn, textIn } from '../json-value.ts'
import { namedEdits, patchedEdits, pendingCall } from '../pending-call.ts'
import { safeId } from '../safe-id.ts'
import { categoryOf, commandOf, patchIn, pathsOf } from './tools.ts'

const AGENT = 'opencode'

export const opencodeGuard: AgentGuard = {
  agent: AGENT,
  readCall: (payload) => {
    const json = asObject(payload)
    const session = safeId(textIn(json, 'sessionID'))
    const tool = textIn(json, 'tool')
    if (session === null || tool === null || textIn(json, 'event') !== 'tool.execute.before') return null
    const named = {
      session: `${AGENT}:${session}`,
      callId: textIn(json, 'callID'),
      tool,
      input: objectIn(json, 'args') ?? {},
      workingDirectory: textIn(json, 'cwd'),
    }
    return pendingCall(named, {
      categoryOf,
      commandOf: (_, input) => commandOf(categoryOf(tool), input),
      pathsOf: (_, input) => pathsOf(input),
      editsOf: (_, input, paths) => {
        const patch = patchIn(input)
        if (patch !== null) return patchedEdits(patch)
        return categoryOf(tool) === 'edit' ? namedEdits(input, paths) : []
      },
    })
  },
  canAsk: () => false,
  reply: (decision, reason) => JSON.stringify({ decision, reason }),
}
