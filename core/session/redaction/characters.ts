/** What kinds of characters there are, as tables: a look-up is all that a pass over megabytes can afford. */

/** Letters and digits. */
export const ALPHANUMERIC = 1
/** What base64 is written with, in either alphabet, and most tokens. */
export const BASE64 = 2
/** What stands in a token or right beside its parts: base64, and `=`, `~`, `.`. */
export const KEY = 4
/** Neither white space nor a control character nor a quote: what a token and its surroundings are made of. */
export const VISIBLE = 8
/** May stand between the part of a token and the line end that breaks it. */
export const BEFORE_BREAK = 16
/** May stand between a line's beginning and the part of a token that goes on there. */
export const INDENTATION = 32
export const DIGIT = 64
export const HEX = 128
/** What names of variables and members are made of. */
export const NAME = 256
export const QUOTES = 512

const kinds = new Uint16Array(65_536)

function mark(kind: number, characters: string): void {
  for (let at = 0; at < characters.length; at++) {
    const code = characters.charCodeAt(at)
    kinds[code] = (kinds[code] ?? 0) | kind
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const alphanumeric = letters + letters.toUpperCase() + digits
mark(ALPHANUMERIC, alphanumeric)
mark(BASE64, `${alphanumeric}+/-_`)
mark(KEY, `${alphanumeric}+/-_=~.`)
mark(BEFORE_BREAK, ' \t\r\\"\'`+')
mark(INDENTATION, ' \t"\'`')
mark(NAME, `${alphanumeric}_-`)
mark(QUOTES, '"\'`')
mark(DIGIT, digits)
mark(HEX, `${digits}abcdefABCDEF`)
for (let code = 33; code < kinds.length; code++) {
  if (code !== 34 && code !== 39 && code !== 96 && code !== 127) kinds[code] = (kinds[code] ?? 0) | VISIBLE
}

export const kindsOfCharacters: Uint16Array = kinds

/** NaN (beyond the end) is of no kind. */
export function isOf(code: number, kind: number): boolean {
  return ((kinds[code] ?? 0) & kind) !== 0
}

/** Of the kind from `start` on; at most `limit` characters. */
export function runEnd(
  text: string,
  start: number,
  { kind, limit }: { readonly kind: number; readonly limit: number },
) {
  const last = Math.min(text.length, start + limit)
  let end = start
  while (end < last && isOf(text.charCodeAt(end), kind)) end++
  return end
}

/** Where the run begins that ends before `end`; at most `limit` characters. */
export function runStart(
  text: string,
  end: number,
  { kind, limit }: { readonly kind: number; readonly limit: number },
) {
  const first = Math.max(0, end - limit)
  let start = end
  while (start > first && isOf(text.charCodeAt(start - 1), kind)) start--
  return start
}
