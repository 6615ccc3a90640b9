/**
 * Other readings of parts of a text: escapes and percent-encoding undone, colours left out, base64 decoded. Rules look
 * at these as they look at the text itself, and what they find leads back to where it stands.
 */
import { BETWEEN_TEXTS, type Span } from '../secret-span.ts'
import { isOf, runStart, VISIBLE } from './characters.ts'
import type { Proposals } from './sweep.ts'

interface Piece {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Place of every character in the original; null where only the whole can be taken out. */
  readonly places: readonly number[] | null
}

export interface View {
  /** All pieces, kept apart as joined texts are. */
  readonly text: string
  readonly original: (span: Span) => Span | null
}

export function viewsOf(text: string, { escapes, colours, runs }: Proposals): readonly View[] {
  const pieces = [unescaped(text, escapes), uncoloured(text, colours), decoded(text, runs)]
  return pieces.filter((own) => own.length > 0).map(viewOf)
}

function viewOf(pieces: readonly Piece[]): View {
  const starts: number[] = []
  let length = 0
  for (const { text } of pieces) {
    starts.push(length)
    length += text.length + BETWEEN_TEXTS.length
  }
  return {
    text: pieces.map(({ text }) => text).join(BETWEEN_TEXTS),
    original: ({ start, end, rule }) => {
      const index = lastAtMost(starts, start)
      const piece = pieces[index]
      if (piece === undefined) return null
      const from = start - (starts[index] ?? 0)
      const to = Math.min(end - (starts[index] ?? 0), piece.text.length)
      if (from >= to) return null
      if (piece.places === null) return { start: piece.start, end: piece.end, rule }
      return { start: piece.places[from] ?? piece.start, end: piece.places[to] ?? piece.end, rule }
    },
  }
}

function lastAtMost(sorted: readonly number[], limit: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((sorted[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** A URL with a query is rarely longer; what is longer is looked at in parts. */
const MAX_VISIBLE = 8_192

/** The visible run around each escape, with `%2F`, `\/` and `\u002f` as the characters that they stand for. */
function unescaped(text: string, escapes: readonly number[]): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  for (const place of escapes) {
    if (place < done) continue
    const start = Math.max(done, runStart(text, place, { kind: VISIBLE, limit: 256 }))
    const characters: string[] = []
    const places: number[] = []
    let at = start
    while (at < text.length && at - start < MAX_VISIBLE && isOf(text.charCodeAt(at), VISIBLE)) {
      const length = escapeLength(text, at)
      const digits = text.slice(at + (length === 3 ? 1 : 2), at + length)
      if (length > 2) characters.push(String.fromCharCode(Number.parseInt(digits, 16)))
      else characters.push(text[at + length - 1] ?? '')
      places.push(at)
      at += length
    }
    done = at
    pieces.push({ text: characters.join(''), start, end: at, places })
  }
  return pieces
}

/** 1 where nothing is escaped. */
function escapeLength(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === 37) return /^[0-9A-Fa-f]{2}$/.test(text.slice(at + 1, at + 3)) ? 3 : 1
  if (code !== 92) return 1
  const next = text.charCodeAt(at + 1)
  if (next === 47) return 2
  return next === 117 && /^00[0-9A-Fa-f]{2}$/.test(text.slice(at + 2, at + 6)) ? 6 : 1
}

/** A line that is longer is looked at in parts. */
const MAX_LINE = 8_192

/** Control sequences of terminals (ECMA-48): colours, and the clearing of what follows on the line. */
const [ESCAPE, BELL] = ['\\x1b', '\\x07']
const COLOUR = new RegExp(
  `${ESCAPE}(?:\\[[0-9;:?]{0,32}[A-Za-z]|\\][^${BELL}${ESCAPE}]{0,256}(?:${BELL}|${ESCAPE}\\\\)|[()][A-Z0-9])`,
  'y',
)

/** The lines in which something is coloured, without their colours; lines that follow one another stay together. */
function uncoloured(text: string, colours: readonly number[]): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  for (let index = 0; index < colours.length; ) {
    const colour = colours[index] ?? 0
    if (colour < done) {
      index++
      continue
    }
    const from = Math.max(done, colour - MAX_LINE)
    const start = from + text.slice(from, colour).lastIndexOf('\n') + 1
    const characters: string[] = []
    const places: number[] = []
    let at = start
    while (at < text.length && at - start < MAX_LINE) {
      const code = text.charCodeAt(at)
      if (code === 27) {
        COLOUR.lastIndex = at
        at = COLOUR.test(text) ? COLOUR.lastIndex : at + 1
        continue
      }
      // A line without colours ends the piece.
      while (index < colours.length && (colours[index] ?? 0) < at) index++
      if (code === 10 && !nextLineHas(text, at, colours[index])) break
      if (code === 1) break
      characters.push(text[at] ?? '')
      places.push(at)
      at++
    }
    done = Math.max(at, colour + 1)
    pieces.push({ text: characters.join(''), start, end: at, places })
  }
  return pieces
}

function nextLineHas(text: string, lineEnd: number, colour: number | undefined): boolean {
  if (colour === undefined) return false
  const next = text.indexOf('\n', lineEnd + 1)
  return next < 0 || colour < next
}

/** Groups of four characters in a row that are ASCII: fewer are chance, as many as these are a text. */
const MIN_GROUPS = 5

/** What a character of base64 says as the first, second or third of its group: that the byte it completes is ASCII. */
const FIRST = 1
const SECOND = 2
const THIRD = 4
const ascii = new Uint8Array(65_536)
for (const [value, mark] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  // A printable character, a tabulator or a line end: control characters are the mark of what is no text.
  const isPrintable = (value >= 8 && value < 32) || value === 2 || value === 3
  const kinds = (isPrintable ? FIRST : 0) | ((value & 8) === 0 ? SECOND : 0) | ((value & 2) === 0 ? THIRD : 0)
  ascii[mark.charCodeAt(0)] = kinds
  if (mark === '+') ascii[45] = kinds
  if (mark === '/') ascii[95] = kinds
}

function isReadableGroup(run: string, at: number): boolean {
  return (
    ((ascii[run.charCodeAt(at)] ?? 0) & FIRST) !== 0 &&
    ((ascii[run.charCodeAt(at + 1)] ?? 0) & SECOND) !== 0 &&
    ((ascii[run.charCodeAt(at + 2)] ?? 0) & THIRD) !== 0
  )
}

/** The readable stretches of runs of base64; lines that are wrapped belong together. */
function decoded(text: string, runs: readonly number[]): Piece[] {
  const pieces: Piece[] = []
  for (let index = 0; index < runs.length; ) {
    const start = runs[index] ?? 0
    let end = runs[index + 1] ?? start
    index += 2
    let bare = ''
    const escaped = text.charCodeAt(start - 1) === 92 ? 1 : 0
    for (let from = start + escaped; ; ) {
      const next = nextLineOfRun(text, end)
      if (next === null) {
        if (bare !== '' || hasReadable(text, from, end)) bare += text.slice(from, end)
        break
      }
      bare += text.slice(from, end)
      from = next.start
      end = next.end
      while (index < runs.length && (runs[index] ?? 0) < end) index += 2
    }
    if (bare === '') continue
    for (const readable of readableIn(bare)) pieces.push({ text: readable, start, end, places: null })
  }
  return pieces
}

const LINE_OF_RUN = /(?:\\{1,3}[nr]|\r|\n){1,2}[ \t]{0,16}(?<line>[A-Za-z0-9+/_-]{4,})(?=$|[=\s\\"'])/y

function nextLineOfRun(text: string, end: number): { readonly start: number; readonly end: number } | null {
  const code = text.charCodeAt(end)
  if (code !== 10 && code !== 13 && code !== 92) return null
  LINE_OF_RUN.lastIndex = end
  const match = LINE_OF_RUN.exec(text)
  if (match === null) return null
  return { start: LINE_OF_RUN.lastIndex - (match.groups?.['line']?.length ?? 0), end: LINE_OF_RUN.lastIndex }
}

/**
 * Without making a string of what is none: nearly all runs are hashes, paths, names and pictures. A stretch has to pass
 * over every fifth group, so only these are looked at, as long as none of them is readable.
 */
function hasReadable(text: string, start: number, end: number): boolean {
  for (let shift = 0; shift < 4; shift++) if (readableFrom(text, start + shift, end) >= 0) return true
  return false
}

/** Where the first stretch of readable groups begins, the groups counted from `start`; negative where there is none. */
function readableFrom(text: string, start: number, end: number): number {
  let at = start + 4 * (MIN_GROUPS - 1)
  while (at + 4 <= end) {
    let first = at
    while (first > at - 4 * MIN_GROUPS && isReadableGroup(text, first)) first -= 4
    if (first === at - 4 * MIN_GROUPS) return first + 4
    at = first + 4 * MIN_GROUPS
  }
  return -1
}

function* readableIn(run: string): Generator<string> {
  for (let shift = 0; shift < 4; shift++) {
    let at = shift
    for (let first = readableFrom(run, at, run.length); first >= 0; first = readableFrom(run, at, run.length)) {
      at = first
      while (at < run.length && isReadableGroup(run, at)) at += 4
      // The groups beside it may hold a part: a text of another script, or the last bytes.
      yield bytesOf(run.slice(Math.max(shift, first - 4), at + 4))
      at += 4
    }
  }
}

function bytesOf(base64: string): string {
  const standard = base64.replaceAll('-', '+').replaceAll('_', '/')
  return atob(standard.length % 4 === 1 ? standard.slice(0, -1) : standard)
}
