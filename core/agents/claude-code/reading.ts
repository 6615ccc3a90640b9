/** What the parser remembers while it walks through a session, and the form in which it hands events on. */
import type { Event } from '../../session/event.ts'
import type { ParseContext } from '../agent.ts'
import { boundedText } from '../bounded.ts'
import type { JsonObject } from '../json-value.ts'
import { evidencePath, homeHidden } from '../paths.ts'
import { type FileContents, fileContents } from './file-contents.ts'
import type { MessageUsage } from './message-usage.ts'
import type { ToolCategory } from './tools.ts'

type WithoutPlace<One> = One extends Event ? Omit<One, 'id' | 'at' | 'thread'> : never

/** An event without id, time and thread, which it takes from its record; some carry an id or a thread of their own. */
export interface Draft {
  readonly event: WithoutPlace<Event>
  readonly id?: string
  readonly thread?: string
}

export interface KnownCall {
  readonly tool: string
  readonly category: ToolCategory
  readonly input: JsonObject | null
}

export interface Reading {
  /** Bounded, well-formed, without the person's home folder. */
  readonly clean: (text: string) => string
  /** A path as the agent wrote it, in the form of FileEdit.path. */
  readonly place: (path: string, workingDirectory: string | null) => string
  readonly calls: Map<string, KnownCall>
  readonly contents: FileContents
  readonly usage: ReadonlyMap<string, MessageUsage>
  /** Message ids whose usage event is written already. */
  readonly usageWritten: Set<string>
  readonly unrecognised: Map<string, number>
}

export function startReading(context: ParseContext, usage: Reading['usage']): Reading {
  const hidden = homeHidden(context.home)
  return {
    clean: (text) => hidden(boundedText(text)),
    place: (path, workingDirectory) => evidencePath(path, workingDirectory, context),
    calls: new Map(),
    contents: fileContents(),
    usage,
    usageWritten: new Set(),
    unrecognised: new Map(),
  }
}
