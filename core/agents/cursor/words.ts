/** Cursor's names: its events, in its own spelling and in Claude Code's, and its tools. */
import type { EventOf } from '../../session/event.ts'
import { patchedPaths } from '../apply-patch.ts'
import { type JsonObject, textIn } from '../json-value.ts'

export const CURSOR = 'cursor'

export type ToolCategory = EventOf<'toolCall'>['category']

/** Hooks of Claude Code's settings may be called with that agent's names of the events. */
const claudeNames: ReadonlyMap<string, string> = new Map([
  ['SessionStart', 'sessionStart'],
  ['SessionEnd', 'sessionEnd'],
  ['UserPromptSubmit', 'beforeSubmitPrompt'],
  ['PreToolUse', 'preToolUse'],
  ['PostToolUse', 'postToolUse'],
  ['PostToolUseFailure', 'postToolUseFailure'],
  ['SubagentStart', 'subagentStart'],
  ['SubagentStop', 'subagentStop'],
  ['PreCompact', 'preCompact'],
  ['Stop', 'stop'],
])

export function eventName(payload: JsonObject | null): string | null {
  const name = textIn(payload, 'hook_event_name')
  return name === null ? null : (claudeNames.get(name) ?? name)
}

const categories: ReadonlyMap<string, ToolCategory> = new Map([
  ['Shell', 'shell'],
  ['Bash', 'shell'],
  ['run_terminal_cmd', 'shell'],
  ['Write', 'edit'],
  ['Edit', 'edit'],
  ['StrReplace', 'edit'],
  ['Delete', 'edit'],
  ['ApplyPatch', 'edit'],
  ['EditNotebook', 'edit'],
  ['edit_file', 'edit'],
  ['search_replace', 'edit'],
  ['delete_file', 'edit'],
  ['Read', 'read'],
  ['read_file', 'read'],
  ['ReadLints', 'read'],
  ['Grep', 'search'],
  ['Glob', 'search'],
  ['LS', 'search'],
  ['SemanticSearch', 'search'],
  ['codebase_search', 'search'],
  ['grep', 'search'],
  ['list_dir', 'search'],
  ['WebSearch', 'web'],
  ['WebFetch', 'web'],
  ['web_search', 'web'],
  ['Task', 'subagent'],
  ['Skill', 'skill'],
])

/** MCP tools are called `MCP:<tool>`. */
export function categoryOf(tool: string): ToolCategory {
  return categories.get(tool) ?? (/^(MCP:|mcp__|mcp_)/.test(tool) ? 'mcp' : 'other')
}

export function commandOf(category: ToolCategory, input: JsonObject): string | null {
  return category === 'shell' ? textIn(input, 'command') : null
}

/** As the call writes them, mostly absolute. */
export function pathsOf(input: JsonObject, category: ToolCategory): readonly string[] {
  const patch = category === 'edit' ? (textIn(input, 'patch') ?? textIn(input, 'input')) : null
  const paths: string[] = patch === null ? [] : patchedPaths(patch).filter((path) => path !== '')
  for (const key of PATH_KEYS) {
    const path = textIn(input, key)
    if (path !== null && path !== '' && !paths.includes(path)) paths.push(path)
  }
  return paths
}

const PATH_KEYS = ['file_path', 'path', 'target_file', 'target_notebook', 'notebook_path'] as const

/** What the person wrote: Cursor puts context of its own around it. */
export function promptText(text: string): string {
  const queries = [...text.matchAll(/<user_query>\n?([\s\S]*?)\n?<\/user_query>/g)].map(([, query]) => query ?? '')
  return queries.length === 0 ? text : queries.join('\n').trim()
}
