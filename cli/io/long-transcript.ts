/**
 * A transcript that is longer than evidence may be, read in one pass with bounded memory: its beginning, which says what was
 * asked, and its end, which says what came of it. What is left out between them is counted.
 */
import { createReadStream } from 'node:fs'
import { boundedText, boundedValue } from '#core/agents/bounded.ts'
import { asObject } from '#core/agents/json-value.ts'

export interface LongTranscript {
  /** Whole lines. */
  readonly text: string
  readonly omitted: { readonly lines: number; readonly bytes: number }
}

/** Bytes of a line above which its texts are shortened: what the parsers keep of each is less. */
const LONG_LINE = 128 * 1024
/** A line above this is not read at all: no answer and no output of a tool is as long. */
const MAX_LINE = 4 * 1024 * 1024
/** Share of the kept bytes that goes to the beginning. */
const BEGINNING = 0.25
const NEWLINE = 10

/** `most`: bytes of the lines that are kept. */
export async function readLongTranscript(path: string, most: number): Promise<LongTranscript> {
  const beginning: string[] = []
  const end = ring(most * (1 - BEGINNING))
  let taken = 0
  const omitted = { lines: 0, bytes: 0 }
  for await (const { line, bytes } of linesOf(path)) {
    const short = line === null ? null : bytes > LONG_LINE ? shortened(line) : line
    if (short === null) {
      omitted.lines++
      omitted.bytes += bytes
    } else if (taken + short.length <= most * BEGINNING && end.isEmpty()) {
      beginning.push(short)
      taken += short.length
    } else end.push(short)
  }
  const kept = end.lines()
  return {
    text: [...beginning, ...kept, ''].join('\n'),
    omitted: { lines: omitted.lines + end.dropped.lines, bytes: omitted.bytes + end.dropped.bytes },
  }
}

/** Keeps what was pushed last, up to so many characters. */
function ring(most: number) {
  let lines: string[] = []
  let first = 0
  let held = 0
  const dropped = { lines: 0, bytes: 0 }
  return {
    dropped,
    isEmpty: () => lines.length === 0,
    lines: () => lines.slice(first),
    push: (line: string): void => {
      lines.push(line)
      held += line.length
      while (held > most && first < lines.length) {
        const oldest = lines[first] ?? ''
        lines[first++] = ''
        held -= oldest.length
        dropped.lines++
        dropped.bytes += oldest.length
      }
      if (first > 10_000) {
        lines = lines.slice(first)
        first = 0
      }
    },
  }
}

/** null for what is too long to be read; `bytes` as in the file. */
async function* linesOf(path: string): AsyncGenerator<{ readonly line: string | null; readonly bytes: number }> {
  let parts: Buffer[] = []
  let bytes = 0
  const take = (): { line: string | null; bytes: number } => {
    const taken = { line: bytes > MAX_LINE ? null : Buffer.concat(parts).toString('utf8'), bytes }
    parts = []
    bytes = 0
    return taken
  }
  const hold = (part: Buffer): void => {
    bytes += part.length
    if (bytes > MAX_LINE) parts = []
    else if (part.length > 0) parts.push(part)
  }
  for await (const data of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const chunk: Buffer = data
    let start = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, at))
      start = at + 1
      if (bytes > 0) yield take()
    }
    hold(Buffer.from(chunk.subarray(start)))
  }
  if (bytes > 0) yield take()
}

/** As it is where it is no JSON: the parser counts it. */
function shortened(line: string): string {
  try {
    const record = asObject(JSON.parse(line))
    return record === null ? '' : JSON.stringify(boundedValue(record, (text) => boundedText(text)))
  } catch {
    return '{'
  }
}
