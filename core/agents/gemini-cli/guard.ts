/** How Gemini CLI asks before a tool runs. Whether it would put a question to a person was never seen, so nothing is asked. */
import type { AgentGuard } from '../../guard/guard.ts'
import { asObject, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { namedEdits, readPendingCall } from '../pending-call.ts'
import { categoryOf, commandOf, pathsOf } from './tools.ts'

export const geminiGuard: AgentGuard = {
  agent: 'gemini-cli',
  readCall: (payload) => {
    const call = readPendingCall(payload, {
      agent: 'gemini-cli',
      event: 'BeforeTool',
      categoryOf,
      commandOf: (tool, input) => commandOf(categoryOf(tool), input),
      pathsOf: (_, input) => pathsOf(input),
      editsOf: (tool, input, paths) => (categoryOf(tool) === 'edit' ? namedEdits(input, paths) : []),
    })
    return call?.category === 'mcp' ? { ...call, input: withServer(call.input, payload) } : call
  },
  canAsk: () => false,
  reply: (decision, reason) => JSON.stringify({ decision, reason }),
}

/** The program says which server it is; what the model wrote into its arguments under such a name proves nothing. */
function withServer(input: JsonObject, payload: unknown): JsonObject {
  const server = textIn(objectIn(asObject(payload), 'mcp_context'), 'server_name')
  const others = Object.entries(input).filter(([key]) => !['server_name', 'serverName', 'server'].includes(key))
  return { ...Object.fromEntries(others), ...(server === null ? {} : { server_name: server }) }
}
