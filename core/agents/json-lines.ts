/** Reads the JSON lines of a transcript that may be cut, foreign or hostile: every line counts, none throws. */
import { asObject, type JsonObject } from './json-value.ts'

export interface JsonLine {
  /** 1-based number of the line in its file. */
  readonly line: number
  readonly record: JsonObject
}

export interface JsonLines {
  readonly lines: readonly JsonLine[]
  /** Lines that are not a JSON object, a cut last line included; empty lines are no lines. */
  readonly malformed: number
}

export function readJsonLines(text: string): JsonLines {
  const lines: JsonLine[] = []
  const malformed = eachJsonLine(text, (record, line) => lines.push({ line, record }))
  return { lines, malformed }
}

/** As `readJsonLines`, one after the other, for readers that keep little of each. Gives the number of malformed lines. */
export function eachJsonLine(text: string, use: (record: JsonObject, line: number) => void): number {
  let malformed = 0
  let number = 0
  for (let start = 0; start < text.length; ) {
    const end = lineEnd(text, start)
    const line = text.slice(start, end).trim()
    start = end + 1
    number++
    if (line === '') continue
    const record = readObject(line)
    if (record === null) malformed++
    else use(record, number)
  }
  return malformed
}

/** The first record of which `isWanted` holds; what stands behind it is not read. */
export function findJsonLine(text: string, isWanted: (record: JsonObject) => boolean): JsonObject | null {
  for (let start = 0; start < text.length; ) {
    const end = lineEnd(text, start)
    const record = readObject(text.slice(start, end).trim())
    if (record !== null && isWanted(record)) return record
    start = end + 1
  }
  return null
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

/** null for what is not a JSON object. */
export function readObject(text: string): JsonObject | null {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return null
  }
}

/**
 * null for what is not one JSON object as a whole. Lines of JSON are told by their first one: to fail on all of them
 * together costs more than to read them.
 */
export function readDocument(text: string): JsonObject | null {
  const end = text.indexOf('\n')
  const first = end < 0 ? null : readObject(text.slice(0, end))
  if (first === null) return readObject(text)
  return /\S/.test(text.slice(end)) ? null : first
}
