/** What Codex says to a hook: Claude Code's form, with `turn_id` and `model`. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { readHookPayload } from '../hook-payload.ts'
import { asObject, textIn } from '../json-value.ts'
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
  return readHookPayload(payload, {
    agent: CODEX,
    events,
    categoryOf,
    pathsOf: (input, category) => pathsOf(category, input),
  })
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
