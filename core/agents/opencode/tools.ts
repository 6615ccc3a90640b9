/** OpenCode's tools: what kind of tool a name is, and which files and command a call names. */
import type { EventOf } from '../../session/event.ts'
import { patchedPaths } from '../apply-patch.ts'
import { type JsonObject, textIn } from '../json-value.ts'

export type ToolCategory = EventOf<'toolCall'>['category']

const categories: ReadonlyMap<string, ToolCategory> = new Map([
  ['bash', 'shell'],
  ['write', 'edit'],
  ['edit', 'edit'],
  ['multiedit', 'edit'],
  ['patch', 'edit'],
  ['apply_patch', 'edit'],
  ['read', 'read'],
  ['grep', 'search'],
  ['glob', 'search'],
  ['list', 'search'],
  ['codesearch', 'search'],
  ['webfetch', 'web'],
  ['websearch', 'web'],
  ['task', 'subagent'],
  ['skill', 'skill'],
  ['plan_enter', 'other'],
  ['plan_exit', 'other'],
])

/** Tools of MCP servers are called `<server>_<tool>`; one of a plugin can be called so as well. */
export function categoryOf(tool: string): ToolCategory {
  return categories.get(tool) ?? (tool.includes('_') ? 'mcp' : 'other')
}

export function commandOf(category: ToolCategory, input: JsonObject): string | null {
  return category === 'shell' ? textIn(input, 'command') : null
}

/** As the call writes them, mostly absolute. */
export function pathsOf(input: JsonObject): readonly string[] {
  const named = ['filePath', 'path'].map((key) => textIn(input, key))
  const patched = patchedPaths(patchIn(input) ?? '')
  return [...new Set([...named, ...patched])].filter((path) => path !== null).filter((path) => path !== '')
}

export function patchIn(input: JsonObject): string | null {
  return textIn(input, 'patchText') ?? textIn(input, 'patch')
}
