/** What Gemini CLI says to a hook. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { asObject, objectIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
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

export function readHook(payload: unknown): HookNote | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'session_id'))
  const name = textIn(json, 'hook_event_name')
  if (session === null || name === null) return null
  const tool = textIn(json, 'tool_name')
  const workingDirectory = textIn(json, 'cwd')
  const paths = tool === null ? [] : pathsOf(objectIn(json, 'tool_input') ?? {})
  return {
    agent: GEMINI_CLI,
    session: `${GEMINI_CLI}:${session}`,
    event: events.get(name) ?? 'other',
    // Its hooks carry no id of the call.
    callId: null,
    category: tool === null ? null : categoryOf(tool),
    paths: paths.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: textIn(json, 'transcript_path') || null,
    workingDirectory,
    model: null,
  }
}

/** An agent that Gemini CLI started inherits its environment, but not its session. */
export function isCaller(environment: Readonly<Record<string, string>>, payload: unknown): boolean {
  const json = asObject(payload)
  const session = textIn(json, 'session_id')
  if (session === null || textIn(json, 'hook_event_name') === null) return false
  if (environment['GEMINI_SESSION_ID'] === session) return true
  return /[/\\]\.gemini[/\\]tmp[/\\].*[/\\]session-[^/\\]+\.jsonl?$/.test(textIn(json, 'transcript_path') ?? '')
}
