/** What Codex says to a hook: Claude Code's form, with `turn_id` and `model`. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { asObject, objectIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
import { CODEX } from './parse.ts'
import { categoryOf, pathsOf } from './tools.ts'
import { sessionIdOf } from './transcripts.ts'

const events: ReadonlyMap<string, HookNote['event']> = new Map([
  ['SessionStart', 'sessionStart'],
  ['SessionEnd', 'sessionEnd'],
  ['UserPromptSubmit', 'prompt'],
  ['PreToolUse', 'beforeTool'],
  ['PostToolUse', 'afterTool'],
  ['Stop', 'turnEnd'],
  ['SubagentStop', 'turnEnd'],
  ['Interrupt', 'turnEnd'],
])

export function readHook(payload: unknown): HookNote | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'session_id'))
  const name = textIn(json, 'hook_event_name')
  if (session === null || name === null) return null
  const tool = textIn(json, 'tool_name')
  const category = tool === null ? null : categoryOf(tool)
  const workingDirectory = textIn(json, 'cwd')
  const paths = category === null ? [] : pathsOf(category, objectIn(json, 'tool_input') ?? {})
  return {
    agent: CODEX,
    session: `${CODEX}:${session}`,
    event: events.get(name) ?? 'other',
    callId: textIn(json, 'tool_use_id'),
    category,
    paths: paths.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: textIn(json, 'transcript_path'),
    workingDirectory,
    model: textIn(json, 'model'),
  }
}

/** Its environment says nothing of its own, so the payload decides: the turn, or the name of the transcript. */
export function isCaller(_: Readonly<Record<string, string>>, payload: unknown): boolean {
  const json = asObject(payload)
  if (textIn(json, 'hook_event_name') === null || textIn(json, 'session_id') === null) return false
  if (textIn(json, 'cursor_version') !== null || textIn(json, 'conversation_id') !== null) return false
  const transcript = textIn(json, 'transcript_path')
  return (
    textIn(json, 'turn_id') !== null || (transcript !== null && sessionIdOf(transcript.replaceAll('\\', '/')) !== null)
  )
}
