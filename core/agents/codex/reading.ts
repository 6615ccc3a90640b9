/** What the parser remembers beside what every parser does. */
import type { ParseContext } from '../agent.ts'
import { type FileContents, fileContents } from '../file-contents.ts'
import type { JsonObject } from '../json-value.ts'
import { type Reading as CommonReading, type Draft, startReading as startCommonReading } from '../reading.ts'
import { type CallNotes, callNotes } from './call-details.ts'
import type { ToolCategory } from './tools.ts'

export type { Draft } from '../reading.ts'

/** What becomes of a call is told at the end, at the place of its answer: the program may note it long after. */
export type Later = () => readonly Draft[]

export type Told = Draft | Later

export interface KnownCall {
  readonly tool: string
  readonly category: ToolCategory
  readonly input: JsonObject
}

export interface Reading extends CommonReading {
  readonly calls: Map<string, KnownCall>
  readonly contents: FileContents
  readonly notes: CallNotes
  /** What is in the user's role of a subagent comes from the agent that started it. */
  readonly isSubagent: boolean
  /** Of the turn that is being read. */
  workingDirectory: string | null
  model: string
}

export function startReading(context: ParseContext, start: Pick<Reading, 'isSubagent' | 'workingDirectory'>): Reading {
  return {
    ...startCommonReading(context),
    ...start,
    calls: new Map(),
    contents: fileContents(),
    notes: callNotes(),
    model: 'unknown',
  }
}
