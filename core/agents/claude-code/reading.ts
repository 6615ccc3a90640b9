/** What the parser remembers beside what every parser does. */
import type { ParseContext } from '../agent.ts'
import { type FileContents, fileContents } from '../file-contents.ts'
import type { JsonObject } from '../json-value.ts'
import { type Reading as CommonReading, startReading as startCommonReading } from '../reading.ts'
import type { MessageUsage } from './message-usage.ts'
import type { ToolCategory } from './tools.ts'

export type { Draft } from '../reading.ts'

export interface KnownCall {
  readonly tool: string
  readonly category: ToolCategory
  readonly input: JsonObject | null
}

export interface Reading extends CommonReading {
  readonly calls: Map<string, KnownCall>
  readonly contents: FileContents
  readonly usage: ReadonlyMap<string, MessageUsage>
  /** Message ids whose usage event is written already. */
  readonly usageWritten: Set<string>
}

export function startReading(context: ParseContext, usage: Reading['usage']): Reading {
  return {
    ...startCommonReading(context),
    calls: new Map(),
    contents: fileContents(),
    usage,
    usageWritten: new Set(),
  }
}
