/**
 * What Copilot CLI says to a hook. Its own hooks are told in camelCase without the name of the event, which its shape
 * gives away; those of Claude Code's settings in Claude Code's form. Every field is somebody else's word.
 */
import type { HookNote } from '../agent.ts'
import { readHookPayload } from '../hook-payload.ts'
import { asObject, type JsonObject, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
import { COPILOT_CLI } from './parse.ts'
import { categoryOf, categoryOfCall, inputIn, pathsOf } from './tools.ts'
import { sessionFolder } from './transcripts.ts'

const claudeEvents: ReadonlyMap<string, HookNote['event']> = new Map([
  ['SessionStart', 'sessionStart'],
  ['SessionEnd', 'sessionEnd'],
  ['UserPromptSubmit', 'prompt'],
  ['PreToolUse', 'beforeTool'],
  ['PostToolUse', 'afterTool'],
  ['PostToolUseFailure', 'afterTool'],
  ['Stop', 'turnEnd'],
  ['SubagentStop', 'turnEnd'],
])

export function readHook(payload: unknown): HookNote | null {
  const json = asObject(payload)
  if (textIn(json, 'sessionId') !== null) return nativeNote(json)
  const note = readHookPayload(payload, { agent: COPILOT_CLI, events: claudeEvents, categoryOf, pathsOf })
  return note === null ? null : { ...note, transcriptPath: sessionFolder(note.transcriptPath) }
}

function nativeNote(json: JsonObject | null): HookNote | null {
  const session = safeId(textIn(json, 'sessionId'))
  if (json === null || session === null) return null
  const tool = textIn(json, 'toolName')
  const input = inputIn(json, 'toolArgs')
  const workingDirectory = textIn(json, 'cwd')
  const paths = tool === null ? [] : pathsOf(input)
  return {
    agent: COPILOT_CLI,
    session: `${COPILOT_CLI}:${session}`,
    event: eventOf(json),
    callId: textIn(json, 'toolCallId'),
    category: tool === null ? null : categoryOfCall(tool, input),
    paths: paths.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: sessionFolder(textIn(json, 'transcriptPath')),
    workingDirectory,
    model: null,
  }
}

function eventOf(json: JsonObject): HookNote['event'] {
  const has = (key: string): boolean => Object.hasOwn(json, key)
  // A request for permission stands between a tool's two hooks.
  if (has('hookName')) return 'other'
  if (has('toolName')) return has('toolResult') || has('error') ? 'afterTool' : 'beforeTool'
  if (has('prompt')) return 'prompt'
  if (has('source')) return 'sessionStart'
  if (has('stopReason')) return 'turnEnd'
  return has('reason') && !has('error') ? 'sessionEnd' : 'other'
}
