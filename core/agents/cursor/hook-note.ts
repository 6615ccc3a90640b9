/** What Cursor says to a hook. Every field is somebody else's word; `user_email` is left where it is. */
import type { HookNote } from '../agent.ts'
import { asObject, type JsonObject, listIn, objectIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
import { CURSOR, categoryOf, eventName, pathsOf, type ToolCategory } from './words.ts'

const events: ReadonlyMap<string, HookNote['event']> = new Map([
  ['sessionStart', 'sessionStart'],
  ['sessionEnd', 'sessionEnd'],
  ['beforeSubmitPrompt', 'prompt'],
  ['preToolUse', 'beforeTool'],
  ['postToolUse', 'afterTool'],
  // A failed command has changed files just the same.
  ['postToolUseFailure', 'afterTool'],
  // Beside the hooks for all tools, and in older versions instead of them.
  ['afterFileEdit', 'afterTool'],
  ['stop', 'turnEnd'],
  ['subagentStop', 'turnEnd'],
])

export function readHook(payload: unknown): HookNote | null {
  const json = asObject(payload)
  const session = sessionIn(json)
  const name = eventName(json)
  if (session === null || name === null) return null
  const category = categoryIn(json, name)
  const workingDirectory = folderIn(json)
  const input = objectIn(json, 'tool_input') ?? json ?? {}
  const paths = category === 'edit' || category === 'read' ? pathsOf(input, category) : []
  return {
    agent: CURSOR,
    session: `${CURSOR}:${session}`,
    event: events.get(name) ?? 'other',
    callId: textIn(json, 'tool_use_id'),
    category,
    paths: paths.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: textIn(json, 'transcript_path') || null,
    workingDirectory,
    model: modelIn(json),
  }
}

export function sessionIn(json: JsonObject | null): string | null {
  return safeId(textIn(json, 'conversation_id')) ?? safeId(textIn(json, 'session_id'))
}

/** The folder of the command, else the first one that is open. */
export function folderIn(json: JsonObject | null): string | null {
  const [first] = listIn(json, 'workspace_roots')
  return textIn(json, 'cwd') || (typeof first === 'string' && first !== '' ? first : null)
}

/** `default` names no model. */
export function modelIn(json: JsonObject | null): string | null {
  const model = textIn(json, 'model')
  return model === null || model === '' || model === 'default' ? null : model.slice(0, 200).toWellFormed()
}

function categoryIn(json: JsonObject | null, name: string): ToolCategory | null {
  if (name === 'afterFileEdit') return 'edit'
  if (name === 'beforeShellExecution' || name === 'afterShellExecution') return 'shell'
  if (name === 'beforeMCPExecution' || name === 'afterMCPExecution') return 'mcp'
  const tool = textIn(json, 'tool_name')
  return tool === null ? null : categoryOf(tool)
}
