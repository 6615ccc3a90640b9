/** What Gemini CLI says to a hook. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { readHookPayload } from '../hook-payload.ts'
import { GEMINI_CLI } from './parse.ts'
import { categoryOf, pathsOf } from './tools.ts'

const events: ReadonlyMap<string, HookNote['event']> = new Map([
  ['SessionStart', 'sessionStart'],
  ['SessionEnd', 'sessionEnd'],
  ['BeforeAgent', 'prompt'],
  ['BeforeTool', 'beforeTool'],
  ['AfterTool', 'afterTool'],
  ['AfterAgent', 'turnEnd'],
])

/** Its hooks carry neither an id of the call nor the model. */
export function readHook(payload: unknown): HookNote | null {
  return readHookPayload(payload, { agent: GEMINI_CLI, events, categoryOf, pathsOf })
}
