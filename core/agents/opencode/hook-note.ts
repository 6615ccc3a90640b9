/** What our plugin tells of OpenCode. Every field is somebody else's word. */
import type { HookNote } from '../agent.ts'
import { asObject, objectIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
import { OPENCODE } from './parse.ts'
import { categoryOf, pathsOf } from './tools.ts'

const events: ReadonlyMap<string, HookNote['event']> = new Map([
  ['session.created', 'sessionStart'],
  ['chat.message', 'prompt'],
  ['tool.execute.before', 'beforeTool'],
  ['tool.execute.after', 'afterTool'],
  ['session.idle', 'turnEnd'],
])

export function readHook(payload: unknown): HookNote | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'sessionID'))
  const name = textIn(json, 'event')
  if (session === null || name === null) return null
  const tool = textIn(json, 'tool')
  const workingDirectory = textIn(json, 'cwd')
  const paths = tool === null ? [] : pathsOf(objectIn(json, 'args') ?? {})
  return {
    agent: OPENCODE,
    session: `${OPENCODE}:${session}`,
    event: events.get(name) ?? 'other',
    callId: textIn(json, 'callID'),
    category: tool === null ? null : categoryOf(tool),
    paths: paths.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: null,
    workingDirectory,
    model: null,
  }
}
