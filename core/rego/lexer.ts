/** Text to tokens. Newlines are not tokens: a token knows whether one came before it, and whether it touches the last. */
import { parseNumber } from './number.ts'
import { type Location, ProblemSignal } from './problem.ts'
import type { Value } from './value.ts'

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'sign' | 'end'
  /** The word, the sign, or the source of a literal. */
  readonly text: string
  /** Of numbers and strings. */
  readonly value: Value
  /** Of template strings: literal text, and the tokens of each `{…}`, ending in an `end` token. */
  readonly parts: readonly (string | readonly Token[])[]
  readonly at: Location
  /** A line break lies between this token and the one before. */
  readonly startsLine: boolean
  /** Nothing at all lies between this token and the one before. */
  readonly touches: boolean
}

export interface Comment {
  /** Without the `#`. */
  readonly text: string
  readonly at: Location
}

export interface Tokens {
  readonly tokens: readonly Token[]
  readonly comments: readonly Comment[]
}

/** Templates inside templates; reading them recurses. */
const MAX_TEMPLATE_NESTING = 50

const wordStart = /[A-Za-z_]/
const wordPart = /[A-Za-z0-9_]/
const digit = /[0-9]/
const twoCharacterSigns = new Set([':=', '==', '!=', '<=', '>='])
const signs = new Set([...'{}[]().,;:=<>+-*/%&|'])
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Throws ProblemSignal with `rego_parse_error` at the first character that no token begins with. */
export function tokenize(file: string, text: string): Tokens {
  const comments: Comment[] = []
  let position = 0
  let line = 1
  let lineStart = 0
  let templates = 0

  const here = (): Location => ({ file, line, column: position - lineStart + 1 })
  const fail = (message: string, at: Location = here()): never => {
    throw new ProblemSignal('rego_parse_error', message, at)
  }
  const character = (): string => text[position] ?? ''
  const newline = (): void => {
    position += 1
    line += 1
    lineStart = position
  }

  /** Skips white space and comments; whether a line break was among them. */
  const skip = (): boolean => {
    let broke = false
    while (position < text.length) {
      const next = character()
      if (next === '\n') {
        broke = true
        newline()
      } else if (next === ' ' || next === '\t' || next === '\r' || (next === '\uFEFF' && position === 0)) {
        position += 1
      } else if (next === '#') {
        const at = here()
        const end = text.indexOf('\n', position)
        const stop = end < 0 ? text.length : end
        comments.push({ text: text.slice(position + 1, stop).replace(/\r$/, ''), at })
        position = stop
      } else {
        return broke
      }
    }
    return broke
  }

  const readEscape = (): string => {
    const at = here()
    position += 1
    const letter = character()
    position += 1
    if (letter === 'u') {
      const digits = text.slice(position, position + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail('a \\u escape needs four hexadecimal digits', at)
      position += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    return escapes[letter] ?? fail(`unknown escape \\${letter}`, at)
  }

  const quoted = (): string => {
    const at = here()
    let value = ''
    position += 1
    for (;;) {
      const next = character()
      if (next === '' || next === '\n') fail('this string has no end on its line', at)
      if (next === '\\') {
        value += readEscape()
        continue
      }
      position += 1
      if (next === '"') return value
      value += next
    }
  }

  const raw = (): string => {
    const at = here()
    position += 1
    const start = position
    while (character() !== '`') {
      if (position >= text.length) fail('this raw string has no end', at)
      if (character() === '\n') newline()
      else position += 1
    }
    position += 1
    return text.slice(start, position - 1).replaceAll('\r', '')
  }

  const number = (): string => {
    const at = here()
    const found = /^(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(text.slice(position, position + 1024))?.[0] ?? ''
    position += found.length
    if (wordPart.test(character())) fail(`illegal number format near ${found}${character()}`, at)
    return found
  }

  const template = (): Token['parts'] => {
    const at = here()
    if (templates >= MAX_TEMPLATE_NESTING) fail(`template strings nested more than ${MAX_TEMPLATE_NESTING} deep`)
    templates += 1
    position += 1
    const delimiter = character()
    position += 1
    const parts: (string | readonly Token[])[] = []
    let literal = ''
    for (;;) {
      const next = character()
      if (next === '' || (next === '\n' && delimiter === '"')) fail('this template string has no end', at)
      if (next === '\\' && text[position + 1] === '{') {
        literal += '{'
        position += 2
      } else if (next === '\\' && delimiter === '"') {
        literal += readEscape()
      } else if (next === '{') {
        if (literal !== '') parts.push(literal)
        literal = ''
        position += 1
        parts.push(read('}'))
      } else if (next === delimiter) {
        position += 1
        if (literal !== '') parts.push(literal)
        templates -= 1
        return parts
      } else {
        literal += next
        if (next === '\n') newline()
        else position += 1
      }
    }
  }

  /** Reads tokens up to the end of the text, or to the `}` that closes a template's expression. */
  const read = (closing: '}' | ''): Token[] => {
    const tokens: Token[] = []
    const start = here()
    let open = 0
    for (;;) {
      const before = position
      const startsLine = skip()
      const at = here()
      const base = { value: null, parts: [], at, startsLine, touches: position === before }
      if (position >= text.length) {
        if (closing !== '') fail('this template expression has no closing }', start)
        tokens.push({ ...base, kind: 'end', text: 'end of file' })
        return tokens
      }
      const next = character()
      if (wordStart.test(next)) {
        const from = position
        while (position < text.length && wordPart.test(character())) position += 1
        tokens.push({ ...base, kind: 'word', text: text.slice(from, position) })
      } else if (digit.test(next)) {
        const source = number()
        const value = parseNumber(source) ?? fail(`the number ${source.slice(0, 40)} is too large`, at)
        tokens.push({ ...base, kind: 'number', text: source, value })
      } else if (next === '"') {
        tokens.push({ ...base, kind: 'string', text: 'string', value: quoted() })
      } else if (next === '`') {
        tokens.push({ ...base, kind: 'string', text: 'string', value: raw() })
      } else if (next === '$' && (text[position + 1] === '"' || text[position + 1] === '`')) {
        tokens.push({ ...base, kind: 'template', text: 'template string', parts: template() })
      } else {
        const pair = text.slice(position, position + 2)
        const sign = twoCharacterSigns.has(pair) ? pair : next
        if (!signs.has(sign) && !twoCharacterSigns.has(sign)) fail(`illegal token ${JSON.stringify(next)}`, at)
        if (sign === '{') open += 1
        if (sign === '}' && closing === '}' && open === 0) {
          position += 1
          tokens.push({ ...base, kind: 'end', text: '}' })
          return tokens
        }
        if (sign === '}') open -= 1
        position += sign.length
        tokens.push({ ...base, kind: 'sign', text: sign })
      }
    }
  }

  return { tokens: read(''), comments }
}
