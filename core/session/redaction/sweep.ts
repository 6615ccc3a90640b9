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

/** Bits above the automaton's column: nothing continues a run; what ends one, and what is looked at as well. */
const ENDS_RUN = 256
const IS_LOOKED_AT = 512

/** What a character means to the pass, for each set of literals: one look-up a character instead of two. */
const known = new WeakMap<Literals, Uint16Array>()

function meaningsFor(literals: Literals): Uint16Array {
  const present = known.get(literals)
  if (present !== undefined) return present
  const meanings = Uint16Array.from(literals.columns)
  for (let code = 0; code < meanings.length; code++) {
    if (!isOf(code, BASE64)) meanings[code] = (meanings[code] ?? 0) | ENDS_RUN
  }
  for (const mark of '%\\\n\u001b') {
    const code = mark.charCodeAt(0)
    meanings[code] = (meanings[code] ?? 0) | IS_LOOKED_AT
  }
  known.set(literals, meanings)
  return meanings
}

export function sweep(text: string, literals: Literals): Proposals {
  const found: Found = { hits: [], runs: [], escapes: [], colours: [], seams: [] }
  const pass: Pass = { literals, meanings: meaningsFor(literals), found, state: 0, before: 0, runBegin: 0 }
  for (let at = readOn(text, 0, pass); at < text.length; at = readOn(text, at + 1, pass)) {
    if (pass.state >= literals.firstFinal) noteEnds(at, pass)
    if (pass.runBegin > at) lookAt(text, at, pass)
  }
  if (text.length - pass.runBegin >= MIN_RUN) found.runs.push(pass.runBegin, text.length)
  return found
}

interface Found extends Proposals {
  readonly hits: number[]
  readonly runs: number[]
  readonly escapes: number[]
  readonly colours: number[]
  readonly seams: number[]
}

interface Pass {
  readonly literals: Literals
  readonly meanings: Uint16Array
  readonly found: Found
  /** The automaton's, after the last character that was read and before it. */
  state: number
  before: number
  runBegin: number
}

/**
 * Where the next character is at which a literal ends or which is looked at; the text's length where there is none. The
 * loop holds what every character needs and no more: so the engine compiles it at once, and never takes that back.
 */
function readOn(text: string, from: number, pass: Pass): number {
  const { meanings, literals, found } = pass
  const { next, shift, firstFinal } = literals
  const { length } = text
  let { state, before, runBegin } = pass
  let at = from
  for (; at < length; at++) {
    // Inside of the tables by how these are made; a default would be asked for at every character.
    const meaning = meanings[text.charCodeAt(at)] as number
    before = state
    state = next[(state << shift) | (meaning & 255)] as number
    if (meaning >= ENDS_RUN) {
      if (at - runBegin >= MIN_RUN) found.runs.push(runBegin, at)
      runBegin = at + 1
      if (meaning >= IS_LOOKED_AT) break
    }
    if (state >= firstFinal) break
  }
  pass.state = state
  pass.before = before
  pass.runBegin = runBegin
  return at
}

function noteEnds(at: number, { literals: { ends, lengths }, found: { hits }, state }: Pass): void {
  for (const literal of ends[state] ?? []) hits.push(literal, at + 1 - (lengths[literal] ?? 0), at + 1)
}

/** A line end, the beginning of a colour, or perhaps of an escape; nothing where it is another character. */
function lookAt(text: string, at: number, { literals, found, before }: Pass): void {
  const code = text.charCodeAt(at)
  if (code === LINE_FEED) {
    const begin = breakBegin(text, at)
    if (isSeam(text, begin, at)) found.seams.push(at)
    const state = begin === at ? before : stateAt(text, begin, literals)
    if ((literals.depth[state] ?? 0) > 0) carry(text, { begin, lineEnd: at }, { literals, state, hits: found.hits })
  } else if (code === ESCAPE) found.colours.push(at)
  else if ((code === 37 || code === 92) && isEscape(text, at)) found.escapes.push(at)
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

/** The automaton's state where everything before `begin` is read. */
function stateAt(text: string, begin: number, literals: Literals): number {
  const { columns, longest } = literals
  const first = Math.max(0, begin - longest)
  let start = begin
  // After a character that stands in no literal the automaton is at its beginning.
  while (start > first && columns[text.charCodeAt(start - 1)] !== 0) start--
  let state = 0
  for (let at = start; at < begin; at++) state = step(literals, state, text.charCodeAt(at))
  return state
}

/** Follows literals that began before a line end over it, for as long as one of them may still end. */
function carry(
  text: string,
  { begin, lineEnd }: { readonly begin: number; readonly lineEnd: number },
  from: { readonly literals: Literals; readonly state: number; readonly hits: number[] },
): void {
  const { firstFinal, ends, lengths, depth } = from.literals
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
function isSeam(text: string, begin: number, lineEnd: number): boolean {
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
