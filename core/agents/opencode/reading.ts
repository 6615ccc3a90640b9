/** What the parser remembers beside what every parser does. */
import type { ParseContext } from '../agent.ts'
import { type FileContents, fileContents } from '../file-contents.ts'
import { type Reading as CommonReading, startReading as startCommonReading } from '../reading.ts'

export interface Reading extends CommonReading {
  readonly contents: FileContents
  /** Of the message that is being read. */
  workingDirectory: string | null
}

export function startReading(context: ParseContext): Reading {
  return { ...startCommonReading(context), contents: fileContents(), workingDirectory: null }
}
