/** What Claude Code says to a hook. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { readHookPayload } from '../hook-payload.ts'
import { asObject, type JsonObject, textIn } from '../json-value.ts'
import { CLAUDE_CODE } from './parse.ts'
import { categoryOf, pathsOf } from './tools.ts'

const events: ReadonlyMap<string, HookNote['event']> = new Map([
  ['SessionStart', 'sessionStart'],
  ['SessionEnd', 'sessionEnd'],
  ['UserPromptSubmit', 'prompt'],
  ['PreToolUse', 'beforeTool'],
  ['PostToolUse', 'afterTool'],
  // A failed command has changed files just the same.
  ['PostToolUseFailure', 'afterTool'],
  ['Stop', 'turnEnd'],
  ['SubagentStop', 'turnEnd'],
])

export function readHook(payload: unknown): HookNote | null {
  const note = readHookPayload(payload, { agent: CLAUDE_CODE, events, categoryOf, pathsOf })
  return note !== null && isNotification(asObject(payload)) ? { ...note, event: 'other' } : note
}

/** When a subagent ends, the program submits a prompt in its own name. */
function isNotification(json: JsonObject | null): boolean {
  return textIn(json, 'prompt')?.startsWith('<task-notification>') === true
}

/**
 * Other agents run the hooks of `.claude/settings.json` too, and an agent started by an agent inherits its environment:
 * whoever names itself more closely wins, so Claude Code comes last.
 */
export function isCaller(environment: Readonly<Record<string, string>>, payload: unknown): boolean {
  const json = asObject(payload)
  if (textIn(json, 'hook_event_name') === null || textIn(json, 'session_id') === null) return false
  // Cursor's and Codex's payloads, and Copilot's, which carries no transcript path.
  if (textIn(json, 'cursor_version') !== null || textIn(json, 'conversation_id') !== null) return false
  if (textIn(json, 'turn_id') !== null) return false
  const transcript = textIn(json, 'transcript_path')
  if (transcript === null) return false
  if (/[/\\]projects[/\\][^/\\]+[/\\][^/\\]+\.jsonl$/.test(transcript) && !/[/\\]\.cursor[/\\]/.test(transcript))
    return true
  if (others.some((name) => Object.hasOwn(environment, name))) return false
  return environment['CLAUDECODE'] === '1'
}

const others = ['CURSOR_VERSION', 'COPILOT_CLI', 'GEMINI_SESSION_ID']
