/** McpUse: a call of a tool that an MCP server offers. */
import type { Session } from './session.ts'
import { inputText, type ToolUse, toolUses } from './tool-use.ts'

export interface McpUse {
  /** null = the transcript does not tell which server it was. */
  readonly server: string | null
  readonly tool: string
  readonly use: ToolUse
}

export function mcpUses(session: Session): readonly McpUse[] {
  return toolUses(session).flatMap((use) => (use.call.category === 'mcp' ? [{ ...serverAndTool(use), use }] : []))
}

/** Agents write `mcp__server__tool` or `server/tool`, or name the server in the call. */
function serverAndTool(use: ToolUse): { readonly server: string | null; readonly tool: string } {
  const name = use.call.tool
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? /^([\w.-]+)\/(.+)$/.exec(name) ?? []
  if (server !== undefined && tool !== undefined) return { server, tool }
  return { server: inputText(use, 'server_name', 'serverName', 'server'), tool: name }
}
