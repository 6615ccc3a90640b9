/** What Codex says to a hook: Claude Code's form, with `turn_id` and `model`. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { readHookPayload } from '../hook-payload.ts'
import { CODEX } from './parse.ts'
import { categoryOf, pathsOf } from './tools.ts'

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
