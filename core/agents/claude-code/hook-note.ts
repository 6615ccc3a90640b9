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
