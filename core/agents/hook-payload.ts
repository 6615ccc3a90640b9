/** The form in which several agents speak to a hook, Claude Code's. Every field is somebody else's word. */
import type { EventOf } from '../session/event.ts'
import type { HookNote } from './agent.ts'
import { asObject, type JsonObject, objectIn, textIn } from './json-value.ts'
import { absolutePath } from './paths.ts'
import { safeId } from './safe-id.ts'

export interface HookForm {
  readonly agent: string
  /** The agent's own name of an event -> ours. */
  readonly events: ReadonlyMap<string, HookNote['event']>
  readonly categoryOf: (tool: string) => EventOf<'toolCall'>['category']
  /** As the call writes them. */
  readonly pathsOf: (input: JsonObject, category: EventOf<'toolCall'>['category']) => readonly string[]
}

/** null for what is no payload of a session. */
export function readHookPayload(payload: unknown, { agent, events, categoryOf, pathsOf }: HookForm): HookNote | null {
  const json = asObject(payload)
  const session = safeId(textIn(json, 'session_id'))
  const name = textIn(json, 'hook_event_name')
  if (session === null || name === null) return null
  const tool = textIn(json, 'tool_name')
  const category = tool === null ? null : categoryOf(tool)
  const workingDirectory = textIn(json, 'cwd')
  const paths = category === null ? [] : pathsOf(objectIn(json, 'tool_input') ?? {}, category)
  return {
    agent,
    session: `${agent}:${session}`,
    event: events.get(name) ?? 'other',
    callId: textIn(json, 'tool_use_id'),
    category,
    paths: paths.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: textIn(json, 'transcript_path') || null,
    workingDirectory,
    model: textIn(json, 'model'),
  }
}
