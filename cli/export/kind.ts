/** One form in which `stemma export` writes what is here: its flag, its words and the text that it makes. */
import type { Context } from '../context.ts'

export interface ExportRequest {
  /** `A..B`, or one commit; undefined: what the kind takes by itself. */
  readonly range: string | undefined
  readonly all: boolean
  /** Whether evidence takes its redacted transcripts along. */
  readonly transcripts: boolean
}

interface ExportedFile {
  readonly name: string
  readonly text: string
}

export interface ExportKind {
  /** `evidence` is asked for by `--evidence`; exactly one kind is. */
  readonly name: string
  readonly description: string
  /** The whole text, ending in a line feed. */
  readonly write: (request: ExportRequest, context: Context) => Promise<string>
  /** The same as one file each, where `--out` is a folder; absent for what is one text by nature. */
  readonly writeEach?: (request: ExportRequest, context: Context) => Promise<readonly ExportedFile[]>
}
