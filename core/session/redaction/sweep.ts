/**
 * The one pass over all of a text: it proposes places and decides nothing. Exact rules meet only what it proposes, so
 * that the price of a rule is paid where its literal stands.
 */
import { BASE64, BEFORE_BREAK, DIGIT, HEX, INDENTATION, isOf, KEY, kindsOfCharacters } from './characters.ts'
import { type Literals, step } from './literals.ts'

export interface Proposals {
  /** Triples: literal, where it begins, where it ends; in between may be a line end. */
  readonly hits: readonly number[]
  /** Pairs: where a run of base64's characters begins and ends. */
  readonly runs: readonly number[]
  /** Where an escape of URLs or JSON begins that hides a character of a token. */
  readonly escapes: readonly number[]
  /** Where a terminal's colour begins. */
  readonly colours: readonly number[]
  /** Line ends at which a token may be broken. */
  readonly seams: readonly number[]
}

/** 24 characters are 18 bytes: hardly a secret is shorter. */
export const MIN_RUN = 24

const ESCAPE = 27
const LINE_FEED = 10

/** 0 continues a run; everything else ends it, and 2 is looked at. */
const actions = new Uint8Array(65_536)
for (let code = 0; code < actions.length; code++) actions[code] = isOf(code, BASE64) ? 0 : 1
for (const mark of '%\\\n\u001b') actions[mark.charCodeAt(0)] = 2

export function sweep(text: string, literals: Literals): Proposals {
  const hits: number[] = []
  const runs: number[] = []
  const escapes: number[] = []
  const colours: number[] = []
  const seams: number[] = []
  const { next, columns, shift, firstFinal, ends, lengths, depth } = literals
  const { length } = text
  let state = 0
  let runBegin = 0
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    const previous = state
    // Inside of the tables by how these are made; a default would be asked for at every character.
    state = next[(state << shift) | (columns[code] as number)] as number
    if (state >= firstFinal) {
      for (const literal of ends[state] ?? []) hits.push(literal, at + 1 - (lengths[literal] ?? 0), at + 1)
    }
    const action = actions[code] as number
    if (action === 0) continue
    if (at - runBegin >= MIN_RUN) runs.push(runBegin, at)
    runBegin = at + 1
    if (action === 1) continue
    if (code === LINE_FEED) {
      if (isSeam(text, at)) seams.push(at)
      const before = stateBefore(text, at, { literals, state: previous })
      if ((depth[before] ?? 0) > 0) carry(text, at, { literals, state: before, hits })
    } else if (code === ESCAPE) colours.push(at)
    else if (isEscape(text, at)) escapes.push(at)
  }
  if (length - runBegin >= MIN_RUN) runs.push(runBegin, length)
  return { hits, runs, escapes, colours, seams }
}

/** `%2F`, `\/` and `\u002f`: `\n` and `\"` are known to the rules themselves. */
function isEscape(text: string, at: number): boolean {
  if (text.charCodeAt(at) === 37) {
    return isOf(text.charCodeAt(at + 1), HEX) && isOf(text.charCodeAt(at + 2), HEX)
  }
  const next = text.charCodeAt(at + 1)
  return next === 47 || (next === 117 && text.charCodeAt(at + 2) === 48 && text.charCodeAt(at + 3) === 48)
}

/** Where the run of marks begins that stands before a line end: a quote, a backslash, a carriage return. */
function breakBegin(text: string, lineEnd: number): number {
  let begin = lineEnd
  while (begin > 0 && lineEnd - begin < 8 && isOf(text.charCodeAt(begin - 1), BEFORE_BREAK)) begin--
  return begin
}

/** The automaton's state at the last character before the break. */
function stateBefore(text: string, lineEnd: number, from: { readonly literals: Literals; readonly state: number }) {
  const begin = breakBegin(text, lineEnd)
  if (begin === lineEnd) return from.state
  const { literals } = from
  let state = 0
  for (let at = Math.max(0, begin - literals.longest); at < begin; at++) {
    state = step(literals, state, text.charCodeAt(at))
  }
  return state
}

/** Follows literals that began before a line end over it, for as long as one of them may still end. */
function carry(
  text: string,
  lineEnd: number,
  from: { readonly literals: Literals; readonly state: number; readonly hits: number[] },
): void {
  const { firstFinal, ends, lengths, depth } = from.literals
  const begin = breakBegin(text, lineEnd)
  let { state } = from
  const first = afterIndentation(text, lineEnd + 1)
  for (let at = first; at < text.length; at++) {
    state = step(from.literals, state, text.charCodeAt(at))
    const read = at + 1 - first
    if ((depth[state] ?? 0) <= read) return
    if (state < firstFinal) continue
    for (const literal of ends[state] ?? []) {
      const before = (lengths[literal] ?? 0) - read
      if (before > 0) from.hits.push(literal, begin - before, at + 1)
    }
  }
}

export function afterIndentation(text: string, lineStart: number): number {
  let start = lineStart
  while (start - lineStart < 40 && isOf(text.charCodeAt(start), INDENTATION)) start++
  return start
}

/** The line before ends with what a token is made of, and the next begins with what looks like a part of one. */
function isSeam(text: string, lineEnd: number): boolean {
  const begin = breakBegin(text, lineEnd)
  if (begin === 0 || !isOf(text.charCodeAt(begin - 1), KEY)) return false
  const start = afterIndentation(text, lineEnd + 1)
  const last = Math.min(text.length, start + 64)
  let at = start
  let isMixed = false
  let wasLower = false
  for (; at < last; at++) {
    const code = text.charCodeAt(at)
    const kinds = kindsOfCharacters[code] ?? 0
    if ((kinds & KEY) === 0) break
    const isUpper = code >= 65 && code <= 90
    if ((kinds & DIGIT) !== 0 || (isUpper && wasLower)) isMixed = true
    wasLower = code >= 97 && code <= 122
  }
  return isMixed && at - start >= 4
}
