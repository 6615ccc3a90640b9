/** What every parser remembers while it walks through a session, and the form in which it hands events on. */
import type { Event, EventOf } from '../session/event.ts'
import type { ParseContext } from './agent.ts'
import { boundedObject, boundedText } from './bounded.ts'
import type { JsonObject } from './json-value.ts'
import { evidencePaths, homeHidden } from './paths.ts'

type WithoutPlace<One> = One extends Event ? Omit<One, 'id' | 'at' | 'thread'> : never

/** An event without id, time and thread, which it takes from its record where it carries none of its own. */
export interface Draft {
  readonly event: WithoutPlace<Event>
  readonly id?: string
  readonly thread?: string
  readonly at?: string | null
}

export interface Reading {
  /** Bounded, well-formed, without the person's home folder. */
  readonly clean: (text: string) => string
  /** A path as the agent wrote it, in the form of FileEdit.path. */
  readonly place: (path: string, workingDirectory: string | null) => string
  /** Type of a record that this version does not know -> how many there were. */
  readonly unrecognised: Map<string, number>
}

export function startReading(context: ParseContext): Reading {
  const hidden = homeHidden(context.home)
  return {
    clean: (text) => hidden(boundedText(text)),
    place: evidencePaths(context),
    unrecognised: new Map(),
  }
}

/** Text that somebody else put into the conversation; without text there is nothing to tell. */
export function contextDraft(source: string, text: string, reading: Reading): readonly Draft[] {
  return text.trim() === ''
    ? []
    : [{ event: { kind: 'context', source: reading.clean(source), text: reading.clean(text) } }]
}

/** A call in the agent's own words; `from` is the folder from which its paths are meant. */
export interface ToolCall extends Omit<EventOf<'toolCall'>, 'id' | 'at' | 'thread' | 'kind' | 'input'> {
  readonly input: JsonObject
}

export function toolCallDraft(call: ToolCall, from: string | null, reading: Reading): Draft {
  const { callId, tool, category, input, command, paths } = call
  return {
    event: {
      kind: 'toolCall',
      callId,
      tool,
      category,
      input: boundedObject(input, reading.clean),
      command: command === null ? null : reading.clean(command),
      paths: paths.map((path) => reading.place(path, from)),
    },
  }
}

/** For `parse.unrecognised`: in one order, whatever the transcript's. */
export function unrecognisedCounts({ unrecognised }: Reading): Record<string, number> {
  return Object.fromEntries([...unrecognised].sort(([left], [right]) => (left < right ? -1 : 1)))
}
