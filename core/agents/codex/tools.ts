/** Codex's tools: what kind of tool a name is, and which files and command a call names. */
import type { EventOf } from '../../session/event.ts'
import { patchedPaths } from '../apply-patch.ts'
import { readObject } from '../json-lines.ts'
import { type JsonObject, listIn, objectIn, textIn } from '../json-value.ts'

export type ToolCategory = EventOf<'toolCall'>['category']

const categories: ReadonlyMap<string, ToolCategory> = new Map([
  ['apply_patch', 'edit'],
  ['exec_command', 'shell'],
  ['write_stdin', 'shell'],
  ['shell', 'shell'],
  ['shell_command', 'shell'],
  ['local_shell', 'shell'],
  ['container.exec', 'shell'],
  // What hooks call every one of them.
  ['Bash', 'shell'],
  ['read_file', 'read'],
  ['view_image', 'read'],
  ['list_dir', 'search'],
  ['grep_files', 'search'],
  ['tool_search', 'search'],
  ['web_search', 'web'],
  ['spawn_agent', 'subagent'],
  ['send_input', 'subagent'],
  ['wait_agent', 'subagent'],
  ['resume_agent', 'subagent'],
  ['close_agent', 'subagent'],
])

export function categoryOf(tool: string, namespace: string | null = null): ToolCategory {
  if (tool.startsWith('mcp__') || namespace?.startsWith('mcp__') === true) return 'mcp'
  return categories.get(tool) ?? 'other'
}

/** Function calls carry their arguments as JSON in a text, freeform tools a text of their own. */
export function inputOf(payload: JsonObject): JsonObject {
  const written = textIn(payload, 'arguments')
  if (written !== null) return readObject(written) ?? { arguments: written }
  const freeform = textIn(payload, 'input')
  if (freeform !== null) return { input: freeform }
  return objectIn(payload, 'arguments') ?? objectIn(payload, 'action') ?? {}
}

/** `cmd` of today's shell tool, `command` of its predecessors: a text, or a list of words. */
export function commandOf(category: ToolCategory, input: JsonObject): string | null {
  if (category !== 'shell') return null
  return textIn(input, 'cmd') ?? textIn(input, 'command') ?? commandLine(listIn(input, 'command'))
}

/** `bash -lc LINE` is that line. */
export function commandLine(words: readonly unknown[]): string | null {
  const texts = words.filter((word) => typeof word === 'string')
  const [program = '', option = '', line] = texts
  if (/(^|\/)(ba|z|da|k)?sh$/.test(program) && /^-l?c$/.test(option) && line !== undefined) return line
  return texts.length === 0 ? null : texts.map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** The patch that a call carries: as the input of `apply_patch`, or in a command that calls it. */
export function patchIn(category: ToolCategory, input: JsonObject): string | null {
  const text = textIn(input, 'input') ?? textIn(input, 'patch')
  if (category === 'edit') return text ?? textIn(input, 'command')
  const command = commandOf(category, input)
  return command !== null && /(^|[;&|\n]\s*)(applypatch|apply_patch)\b/.test(command) ? command : null
}

/** As the call writes them. */
export function pathsOf(category: ToolCategory, input: JsonObject): readonly string[] {
  const patch = patchIn(category, input)
  const paths: string[] = patch === null ? [] : patchedPaths(patch).filter((path) => path !== '')
  for (const path of [textIn(input, 'path'), textIn(input, 'file_path')]) {
    if (path !== null && path !== '' && !paths.includes(path)) paths.push(path)
  }
  return paths
}
