/**
 * Texts that a joined text holds in another form: base64 and percent-encoding undone, and tokens that a line end broke.
 * Rules look at these as they look at the text itself, and what they find leads back to where it stands.
 */
import { BETWEEN_TEXTS, type Span } from './secret-span.ts'

interface Piece {
  readonly text: string
  /** Where the piece stands in the original. */
  readonly start: number
  readonly end: number
  /** Place of every character in the original; null where only the whole can be taken out. */
  readonly places: readonly number[] | null
  /** Of a broken line: how many characters stand before the break. */
  readonly broken: { readonly at: number; readonly isKey: boolean } | null
}

export interface HiddenTexts {
  /** All of them, kept apart as joined texts are. */
  readonly text: string
  /** Spans in `text`, as spans of the original. */
  readonly found: (spans: readonly Span[]) => Span[]
  /** The same for what only a name gives away: where a line is broken, what follows has to look like a key. */
  readonly foundByName: (spans: readonly Span[]) => Span[]
}

export function hiddenTexts(original: string): HiddenTexts {
  const pieces = [...percentEncoded(original), ...broken(original), ...base64Texts(original)]
  const starts: number[] = []
  let length = 0
  for (const { text } of pieces) {
    starts.push(length)
    length += text.length + BETWEEN_TEXTS.length
  }
  const trace = (spans: readonly Span[], isByName: boolean): Span[] =>
    spans.flatMap((span) => {
      const index = lastAtMost(starts, span.start)
      const piece = pieces[index]
      if (piece === undefined) return []
      const start = span.start - (starts[index] ?? 0)
      const found = placed(
        piece,
        { ...span, start, end: Math.min(start + span.end - span.start, piece.text.length) },
        isByName,
      )
      return found === null ? [] : [found]
    })
  return {
    text: pieces.map(({ text }) => text).join(BETWEEN_TEXTS),
    found: (spans) => trace(spans, false),
    foundByName: (spans) => trace(spans, true),
  }
}

function placed({ start, end, places, broken: seam }: Piece, span: Span, isByName: boolean): Span | null {
  if (places === null) return { start, end, rule: span.rule }
  if (seam !== null) {
    // What lies on one side of the break is seen without it.
    if (span.start >= seam.at || span.end <= seam.at) return null
    if (!seam.isKey && (isByName || span.end - seam.at < MIN_TAIL)) return null
  }
  // An escape is as long as it is up to the next place; behind a break the next place is a line further.
  const last = seam === null ? (places[span.end] ?? end) : (places[span.end - 1] ?? end - 1) + 1
  return { start: places[span.start] ?? start, end: last, rule: span.rule }
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
const MAX_RUN = 8_192

function percentEncoded(text: string): Piece[] {
  const pieces: Piece[] = []
  for (let at = text.indexOf('%'); at >= 0; ) {
    if (!isHexPair(text, at + 1)) {
      at = text.indexOf('%', at + 1)
      continue
    }
    let start = at
    while (start > 0 && at - start < 256 && isVisible(text.charCodeAt(start - 1))) start--
    const characters: string[] = []
    const places: number[] = []
    let next = start
    while (next < text.length && next - start < MAX_RUN && isVisible(text.charCodeAt(next))) {
      const isEscape = text[next] === '%' && isHexPair(text, next + 1)
      const length = isEscape ? 3 : 1
      characters.push(
        isEscape ? String.fromCharCode(Number.parseInt(text.slice(next + 1, next + 3), 16)) : (text[next] ?? ''),
      )
      places.push(next)
      next += length
    }
    pieces.push({ text: characters.join(''), start, end: next, places, broken: null })
    at = text.indexOf('%', next)
  }
  return pieces
}

function isHexPair(text: string, at: number): boolean {
  return isHexDigit(text.charCodeAt(at)) && isHexDigit(text.charCodeAt(at + 1))
}

function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
}

/** Neither white space nor a control character nor a quote: what a token and its context are made of. */
function isVisible(code: number): boolean {
  return code > 32 && code !== 34 && code !== 39 && code !== 96 && code !== 127
}

/** A part of a token on a line of its own is longer than this, or is not worth anything to anybody. */
const MIN_TAIL = 4
/** Terminals and mail programs break at 64 columns or later, so a token of 1,000 characters has this many lines. */
const MAX_LINES = 16
/** How much of a line is looked at before the break, where it ends with a value that something names. */
const MAX_NAMED = 120

/** What stands around the line ends of one token: its own line, and the following ones while they hold nothing else. */
function broken(text: string): Piece[] {
  const pieces: Piece[] = []
  let end = text.indexOf('\n')
  while (end >= 0) {
    const piece = brokenAt(text, end)
    if (piece !== null) pieces.push(piece)
    end = text.indexOf('\n', end + 1)
  }
  return pieces
}

function brokenAt(text: string, lineEnd: number): Piece | null {
  let left = lineEnd
  while (left > 0 && isContinuation(text.charCodeAt(left - 1))) left--
  const first = afterBreak(text, lineEnd)
  if (left === 0 || first === null || text.charCodeAt(left - 1) < 32) return null
  let start = left
  while (start > 0 && left - start < 256 && isVisible(text.charCodeAt(start - 1))) start--
  if (start === left) return null
  start = namedStart(text, start)
  const places: number[] = []
  let joined = text.slice(start, left)
  for (let at = start; at < left; at++) places.push(at)
  let part: { start: number; end: number } | null = first
  for (let line = 0; line < MAX_LINES && part !== null; line++) {
    joined += text.slice(part.start, part.end)
    for (let at = part.start; at < part.end; at++) places.push(at)
    part = text[part.end] === '\n' ? afterBreak(text, part.end) : null
  }
  const isKey = looksLikePart(text.slice(first.start, first.end))
  return { text: joined, start, end: (places.at(-1) ?? left) + 1, places, broken: { at: left - start, isKey } }
}

/** The run of visible characters with which the next line begins, its indentation left out. */
function afterBreak(text: string, lineEnd: number): { readonly start: number; readonly end: number } | null {
  let start = lineEnd + 1
  while (start < text.length && start - lineEnd < 40 && isIndentation(text.charCodeAt(start))) start++
  let end = start
  while (end < text.length && end - start < 512 && isVisible(text.charCodeAt(end)) && text[end] !== '\\') end++
  return end - start >= MIN_TAIL ? { start, end } : null
}

/** A value is judged by its name, so the name comes along. */
function namedStart(text: string, start: number): number {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const before = text.slice(Math.max(lineStart, start - MAX_NAMED), start)
  return /(?:[=:>]|earer|asic)[\s\\"'`]{0,6}$/.test(before) ? start - before.length : start
}

/** Has what keys have and words have not; and is no assignment, call or member itself. */
function looksLikePart(run: string): boolean {
  const bare = run.replace(/[)\]}.,;:!?]+$/, '')
  return /^[A-Za-z0-9+/_=~.-]{4,}$/.test(bare) && /\d|[a-z][A-Z]/.test(bare) && !/[A-Za-z]=.|\.[a-z]{1,4}$|:$/.test(run)
}

const CONTINUATIONS: ReadonlySet<number> = new Set([...' \t\r\\"\'`+'].map((mark) => mark.charCodeAt(0)))

function isContinuation(code: number): boolean {
  return CONTINUATIONS.has(code)
}

function isIndentation(code: number): boolean {
  return code === 32 || code === 9 || code === 34 || code === 39 || code === 96
}

/** 24 characters are 18 bytes: hardly a secret is shorter. Lines that are wrapped belong together. */
const BASE64 = /[A-Za-z0-9+/_-]{24,}(?:(?:\\{1,3}[nr]|\r|\n){1,2}[ \t]{0,16}[A-Za-z0-9+/_-]{4,})*/g

/** What is longer is a file; it begins where its first character stands. Shorter ones may stand behind a path. */
const MAX_SHIFTED = 4_096

/** Random bytes hold hardly ever so many printable ones in a row. */
const PRINTABLE = /[\t\n\r\x20-\x7e]{12,}/g

function base64Texts(text: string): Piece[] {
  const pieces: Piece[] = []
  for (const match of text.matchAll(BASE64)) {
    const isEscape = text[match.index - 1] === '\\'
    const standard = match[0]
      .slice(isEscape ? 1 : 0)
      .replace(/\\{1,3}[nr]|\s/g, '')
      .replaceAll('-', '+')
      .replaceAll('_', '/')
    const shifts = standard.length > MAX_SHIFTED ? 1 : 4
    for (let shift = 0; shift < shifts; shift++) {
      const whole = standard.slice(shift)
      const bytes = atob(whole.length % 4 === 1 ? whole.slice(0, -1) : whole)
      for (const [printable] of bytes.matchAll(PRINTABLE)) {
        pieces.push({
          text: printable,
          start: match.index,
          end: match.index + match[0].length,
          places: null,
          broken: null,
        })
      }
    }
  }
  return pieces
}
