/** What the parser remembers beside what every parser does. */
import type { EventOf } from '../../session/event.ts'
import type { ParseContext } from '../agent.ts'
import { type FileContents, fileContents } from '../file-contents.ts'
import type { JsonObject } from '../json-value.ts'
import { type Reading as CommonReading, startReading as startCommonReading } from '../reading.ts'
import type { ToolCategory } from './tools.ts'

interface KnownCall {
  readonly tool: string
  readonly category: ToolCategory
  readonly input: JsonObject
}

export interface Reading extends CommonReading {
  readonly calls: Map<string, KnownCall>
  /** Calls that the person made by hand, whose results are not the agent's. */
  readonly usersCalls: Set<string>
  /** Who refused a call, by its id. */
  readonly refusals: Map<string, EventOf<'denial'>['by']>
  readonly contents: FileContents
  /** Id of the call that started a subagent -> the subagent's thread. */
  readonly threads: Map<string, string>
  workingDirectory: string | null
  /** Thoughts that a message told, so that a record of their own tells them not once more. */
  readonly thoughts: Set<string>
  compactionTrigger: EventOf<'compaction'>['trigger']
}

export function startReading(context: ParseContext): Reading {
  return {
    ...startCommonReading(context),
    calls: new Map(),
    usersCalls: new Set(),
    refusals: new Map(),
    contents: fileContents(),
    threads: new Map(),
    workingDirectory: null,
    thoughts: new Set(),
    compactionTrigger: 'unknown',
  }
}
