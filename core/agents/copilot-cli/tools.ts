/**
 * Copilot CLI's tools: what kind of tool a name is, and which files and command a call names. Where it runs the hooks of
 * Claude Code's settings it calls them by Claude Code's names, with its own arguments.
 */
import type { EventOf } from '../../session/event.ts'
import { patchedPaths } from '../apply-patch.ts'
import { readObject } from '../json-lines.ts'
import { asObject, type JsonObject, objectIn, textIn } from '../json-value.ts'

export type ToolCategory = EventOf<'toolCall'>['category']

const categories: ReadonlyMap<string, ToolCategory> = new Map([
  ['create', 'edit'],
  ['write', 'edit'],
  ['edit', 'edit'],
  ['insert', 'edit'],
  ['str_replace', 'edit'],
  ['str_replace_editor', 'edit'],
  ['multiedit', 'edit'],
  ['apply_patch', 'edit'],
  ['bash', 'shell'],
  ['powershell', 'shell'],
  ['local_shell', 'shell'],
  ['view', 'read'],
  ['read', 'read'],
  ['grep', 'search'],
  ['rg', 'search'],
  ['glob', 'search'],
  ['web_fetch', 'web'],
  ['webfetch', 'web'],
  ['web_search', 'web'],
  ['websearch', 'web'],
  ['fetch_copilot_cli_documentation', 'web'],
  ['task', 'subagent'],
  ['agent', 'subagent'],
  ['skill', 'skill'],
])

export function categoryOf(tool: string): ToolCategory {
  const name = tool.toLowerCase()
  return categories.get(name) ?? (name.startsWith('mcp__') ? 'mcp' : 'other')
}

/** Older versions looked at files with the tool that edits them. */
export function categoryOfCall(tool: string, input: JsonObject): ToolCategory {
  const category = categoryOf(tool)
  return category === 'edit' && textIn(input, 'command') === 'view' ? 'read' : category
}

export function commandOf(category: ToolCategory, input: JsonObject): string | null {
  return category === 'shell' ? textIn(input, 'command') : null
}

/** As the call writes them, mostly absolute. */
export function pathsOf(input: JsonObject): readonly string[] {
  const named = ['path', 'file_path'].map((key) => textIn(input, key))
  const patched = patchedPaths(patchIn(input) ?? '')
  return [...new Set([...named, ...patched].filter((path) => path !== null && path !== ''))].filter(
    (path) => path !== null,
  )
}

export function patchIn(input: JsonObject): string | null {
  const text = textIn(input, 'input') ?? textIn(input, 'patch') ?? textIn(input, 'patchText')
  return text?.includes('*** Begin Patch') === true ? text : null
}

/** An object; in older versions its JSON; for a freeform tool a text. */
export function inputIn(record: JsonObject | null, key: string): JsonObject {
  const object = objectIn(record, key)
  if (object !== null) return object
  const text = textIn(record, key)
  if (text === null || text === '') return {}
  return asObject(readObject(text)) ?? { input: text }
}
