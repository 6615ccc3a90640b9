/** Where the parser stands in its tokens, and what it may take from there. */
import type { Token } from './lexer.ts'
import { type Location, ProblemSignal } from './problem.ts'

export type Keyword = 'if' | 'contains' | 'in' | 'every'
const alwaysKeywords = new Set([
  'as',
  'default',
  'else',
  'false',
  'import',
  'package',
  'not',
  'null',
  'true',
  'with',
  'some',
])

/** Where the parser stands. Position and keywords move; the rest is fixed. */
export interface Cursor {
  readonly tokens: readonly Token[]
  position: number
  nesting: number
  /** Words of Rego v1 that are keywords here; a v0 module imports them one by one. */
  readonly keywords: Set<Keyword>
}

export function startAt(tokens: readonly Token[], keywords: Set<Keyword>): Cursor {
  return { tokens, position: 0, nesting: 0, keywords }
}

export function peek(cursor: Cursor, ahead = 0): Token {
  return cursor.tokens[Math.min(cursor.position + ahead, cursor.tokens.length - 1)] as Token
}

export function next(cursor: Cursor): Token {
  const token = peek(cursor)
  cursor.position += 1
  return token
}

export function fail(message: string, at: Location): never {
  throw new ProblemSignal('rego_parse_error', message, at)
}

export function unexpected(cursor: Cursor, wanted: string): never {
  const token = peek(cursor)
  fail(`unexpected ${token.text === '' ? token.kind : token.text}: expected ${wanted}`, token.at)
}

export function isSign(cursor: Cursor, text: string): boolean {
  const token = peek(cursor)
  return token.kind === 'sign' && token.text === text
}

/** Whether the next word is the keyword, and not the head of a reference such as `default.foo`. */
export function isKeyword(cursor: Cursor, text: string): boolean {
  const token = peek(cursor)
  if (token.kind !== 'word' || token.text !== text || !isReserved(cursor, text)) return false
  return !headsReference(cursor)
}

export function isReserved(cursor: Cursor, word: string): boolean {
  return alwaysKeywords.has(word) || (cursor.keywords as Set<string>).has(word)
}

export function headsReference(cursor: Cursor): boolean {
  const after = peek(cursor, 1)
  return after.kind === 'sign' && after.text === '.' && after.touches
}

export function takeSign(cursor: Cursor, text: string): boolean {
  if (!isSign(cursor, text)) return false
  cursor.position += 1
  return true
}

export function takeKeyword(cursor: Cursor, text: string): boolean {
  if (!isKeyword(cursor, text)) return false
  cursor.position += 1
  return true
}

export function expectSign(cursor: Cursor, text: string): Token {
  if (!isSign(cursor, text)) unexpected(cursor, text)
  return next(cursor)
}
