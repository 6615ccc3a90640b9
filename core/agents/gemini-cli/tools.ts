/** Gemini CLI's tools: what kind of tool a name is, and which files and command a call names. */
import type { EventOf } from '../../session/event.ts'
import { type JsonObject, listIn, textIn } from '../json-value.ts'

export type ToolCategory = EventOf<'toolCall'>['category']

const categories: ReadonlyMap<string, ToolCategory> = new Map([
  ['write_file', 'edit'],
  ['replace', 'edit'],
  ['run_shell_command', 'shell'],
  ['read_file', 'read'],
  ['read_many_files', 'read'],
  ['glob', 'search'],
  ['grep_search', 'search'],
  ['search_file_content', 'search'],
  ['list_directory', 'search'],
  ['web_fetch', 'web'],
  ['google_web_search', 'web'],
  ['invoke_agent', 'subagent'],
  ['delegate_to_agent', 'subagent'],
  ['codebase_investigator', 'subagent'],
  ['activate_skill', 'skill'],
  ['list_mcp_resources', 'mcp'],
  ['read_mcp_resource', 'mcp'],
])

/** Tools of MCP servers are called `mcp_<server>_<tool>`, in older versions `<server>__<tool>`. */
export function categoryOf(tool: string): ToolCategory {
  return categories.get(tool) ?? (/^mcp_|__/.test(tool) ? 'mcp' : 'other')
}

export function commandOf(category: ToolCategory, input: JsonObject): string | null {
  return category === 'shell' ? textIn(input, 'command') : null
}

/** As the call writes them, mostly absolute. */
export function pathsOf(input: JsonObject): readonly string[] {
  const named = ['file_path', 'absolute_path', 'path', 'dir_path'].map((key) => textIn(input, key))
  const several = [...listIn(input, 'paths'), ...listIn(input, 'include')].filter((path) => typeof path === 'string')
  return [...new Set([...named, ...several])]
    .filter((path) => path !== null && path !== '')
    .filter((path) => path !== null)
}
