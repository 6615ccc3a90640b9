/**
 * A transcript that is longer than evidence may be, read with bounded memory: its beginning, which says what was asked, and
 * its end, which says what came of it. What is left out between them is counted.
 */
import { type FileHandle, open } from 'node:fs/promises'
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
const CHUNK = 256 * 1024
const NEWLINE = 10

interface Place {
  readonly start: number
  readonly bytes: number
}

/** `most`: bytes of the lines that are kept, give or take one. */
export async function readLongTranscript(path: string, most: number): Promise<LongTranscript> {
  const file = await open(path)
  try {
    const { places, omitted } = await choose(file, most)
    const lines: string[] = []
    for (const place of places) lines.push(await readLine(file, place))
    return { text: [...lines, ''].join('\n'), omitted }
  } finally {
    await file.close()
  }
}

/** Which lines are kept, by their places alone: the texts of all the others are never in memory. */
async function choose(file: FileHandle, most: number) {
  const beginning: Place[] = []
  let end: Place[] = []
  let first = 0
  let taken = 0
  let held = 0
  const omitted = { lines: 0, bytes: 0 }
  const leaveOut = ({ bytes }: Place): void => {
    omitted.lines++
    omitted.bytes += bytes
  }
  const cost = ({ bytes }: Place): number => Math.min(bytes, LONG_LINE)
  await eachPlace(file, (place) => {
    if (place.bytes > MAX_LINE) return leaveOut(place)
    if (end.length === 0 && taken + cost(place) <= most * BEGINNING) {
      beginning.push(place)
      taken += cost(place)
      return
    }
    end.push(place)
    held += cost(place)
    for (let oldest = end[first]; oldest !== undefined && held > most * (1 - BEGINNING); oldest = end[first]) {
      leaveOut(oldest)
      held -= cost(oldest)
      first++
    }
    if (first < 10_000) return
    end = end.slice(first)
    first = 0
  })
  return { places: [...beginning, ...end.slice(first)], omitted }
}

/** Every line that is not empty, without its newline. */
async function eachPlace(file: FileHandle, use: (place: Place) => void): Promise<void> {
  const buffer = Buffer.allocUnsafe(CHUNK)
  let start = 0
  let position = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, position)
    if (bytesRead === 0) break
    const chunk = buffer.subarray(0, bytesRead)
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      const end = position + at
      if (end > start) use({ start, bytes: end - start })
      start = end + 1
    }
    position += bytesRead
  }
  if (position > start) use({ start, bytes: position - start })
}

async function readLine(file: FileHandle, { start, bytes }: Place): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, start)
  const line = buffer.toString('utf8', 0, bytesRead)
  return bytes > LONG_LINE ? shortened(line) : line
}

/** What is no JSON stays none: the parser counts it. */
function shortened(line: string): string {
  try {
    const record = asObject(JSON.parse(line))
    return JSON.stringify(record === null ? null : boundedValue(record, (text) => boundedText(text)))
  } catch {
    return '{'
  }
}
