/** What Gemini CLI says to a hook. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { readHookPayload } from '../hook-payload.ts'
import { asObject, textIn } from '../json-value.ts'
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

/** An agent that Gemini CLI started inherits its environment, but not its session. */
export function isCaller(environment: Readonly<Record<string, string>>, payload: unknown): boolean {
  const json = asObject(payload)
  const session = textIn(json, 'session_id')
  if (session === null || textIn(json, 'hook_event_name') === null) return false
  if (environment['GEMINI_SESSION_ID'] === session) return true
  return /[/\\]\.gemini[/\\]tmp[/\\].*[/\\]session-[^/\\]+\.jsonl?$/.test(textIn(json, 'transcript_path') ?? '')
}
