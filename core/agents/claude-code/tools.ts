/** Claude Code's tools: what kind of tool a name is, and which files and command a call names. */
import type { EventOf } from '../../session/event.ts'
import { type JsonObject, textIn } from '../json-value.ts'

export type ToolCategory = EventOf<'toolCall'>['category']

const categories: ReadonlyMap<string, ToolCategory> = new Map([
  ['Write', 'edit'],
  ['Edit', 'edit'],
  ['MultiEdit', 'edit'],
  ['NotebookEdit', 'edit'],
  ['Bash', 'shell'],
  ['PowerShell', 'shell'],
  ['Read', 'read'],
  ['NotebookRead', 'read'],
  ['Grep', 'search'],
  ['Glob', 'search'],
  ['LS', 'search'],
  ['ToolSearch', 'search'],
  ['WebFetch', 'web'],
  ['WebSearch', 'web'],
  ['web_search', 'web'],
  ['web_fetch', 'web'],
  ['Agent', 'subagent'],
  ['Task', 'subagent'],
  ['Skill', 'skill'],
  ['SlashCommand', 'skill'],
])

export function categoryOf(tool: string): ToolCategory {
  return categories.get(tool) ?? (tool.startsWith('mcp__') ? 'mcp' : 'other')
}

export function commandOf(tool: string, input: JsonObject | null): string | null {
  return categoryOf(tool) === 'shell' ? textIn(input, 'command') : null
}

/** As the call writes them, mostly absolute. */
export function pathsOf(input: JsonObject | null): readonly string[] {
  const named = ['file_path', 'notebook_path', 'path'].map((key) => textIn(input, key))
  return [...new Set(named.filter((path) => path !== null && path !== ''))].filter((path) => path !== null)
}
