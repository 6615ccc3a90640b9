/** One line -> the session, the prompt and the edit that it comes from. */
import { withoutSpace } from '#core/attribution/lines.ts'
import type { EventOf } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'

export interface Cause {
  /** The latest prompt before the edit; null where none is recorded. */
  readonly prompt: { readonly at: string | null; readonly text: string } | null
  /** The call that put the line there; null where the session's transcript has none that names it. */
  readonly edit: {
    readonly at: string | null
    readonly tool: string
    readonly callId: string
    readonly command: string | null
    /** The hunk's lines, with their signs; empty for a command. */
    readonly hunk: readonly string[]
  } | null
}

/** The last edit of the session that writes the text into the file, else the last command before the commit. */
export function causeOf(
  session: Session,
  line: { readonly path: string; readonly text: string; readonly before: string },
): Cause {
  const calls = new Map<string, EventOf<'toolCall'>>()
  const wanted = withoutSpace(line.text)
  let prompt: EventOf<'prompt'> | null = null
  let found: Cause | null = null
  let lastCommand: Cause | null = null
  for (const event of session.events) {
    if (event.at !== null && event.at > line.before) continue
    if (event.kind === 'prompt') prompt = event
    if (event.kind === 'toolCall') calls.set(event.callId, event)
    if (event.kind !== 'toolResult' || event.outcome !== 'ok') continue
    const call = calls.get(event.callId)
    const asked = prompt === null ? null : { at: prompt.at, text: prompt.text }
    const cause = (hunk: readonly string[]): Cause => ({
      prompt: asked,
      edit: { at: event.at, tool: call?.tool ?? '', callId: event.callId, command: call?.command ?? null, hunk },
    })
    for (const { path, hunks } of event.edits) {
      const hunk = hunks.find(({ lines }) =>
        lines.some((one) => one.startsWith('+') && withoutSpace(one.slice(1)) === wanted),
      )
      if (hunk && (path === line.path || wanted !== '')) found = cause(hunk.lines)
    }
    if (call?.category === 'shell') lastCommand = cause([])
  }
  return found ?? lastCommand ?? { prompt: prompt === null ? null : { at: prompt.at, text: prompt.text }, edit: null }
}
