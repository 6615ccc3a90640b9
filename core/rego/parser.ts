/** Tokens to terms and expressions: everything below the level of rules. */
import {
  type Body,
  type CallTerm,
  type ComprehensionTerm,
  type Expression,
  type Statement,
  scalar,
  type Term,
  type VarTerm,
  variable,
  type With,
} from './ast.ts'
import {
  type Cursor,
  expectSign,
  fail,
  headsReference,
  isKeyword,
  isReserved,
  isSign,
  next,
  peek,
  startAt,
  takeKeyword,
  takeSign,
  unexpected,
} from './cursor.ts'
import type { Token } from './lexer.ts'
import { type Location, ProblemSignal } from './problem.ts'

/** Nesting of terms in a source; deeper is refused before it can exhaust the stack. */
const MAX_NESTING = 200

/** Operators from loosest to tightest; all of one row associate to the left. */
const infixLevels: readonly ReadonlyMap<string, string>[] = [
  new Map([
    ['==', 'equal'],
    ['!=', 'neq'],
    ['<', 'lt'],
    ['<=', 'lte'],
    ['>', 'gt'],
    ['>=', 'gte'],
  ]),
  new Map([['|', 'or']]),
  new Map([['&', 'and']]),
  new Map([
    ['+', 'plus'],
    ['-', 'minus'],
  ]),
  new Map([
    ['*', 'mul'],
    ['/', 'div'],
    ['%', 'rem'],
  ]),
]

/** Expressions up to `end`, separated by `;` or line breaks. */
export function parseBody(cursor: Cursor, end: '}' | ']' | 'end'): Body {
  const closed = (): boolean => (end === 'end' ? peek(cursor).kind === 'end' : isSign(cursor, end))
  const body: Expression[] = []
  while (!closed()) {
    body.push(parseExpression(cursor))
    if (takeSign(cursor, ';') || closed()) continue
    if (!peek(cursor).startsLine) unexpected(cursor, `a line break, ; or ${end}`)
  }
  if (body.length === 0) unexpected(cursor, 'a non-empty body')
  return body
}

export function parseExpression(cursor: Cursor): Expression {
  const at = peek(cursor).at
  const negated = takeKeyword(cursor, 'not')
  const statement = parseStatement(cursor)
  if (negated && statement.kind !== 'term' && statement.kind !== 'unify' && statement.kind !== 'every') {
    fail(`${statement.kind === 'assign' ? 'an assignment' : 'a declaration'} cannot be negated`, at)
  }
  const withs: With[] = []
  while (isKeyword(cursor, 'with')) withs.push(parseWith(cursor))
  if (withs.length > 0 && statement.kind === 'declare') fail('a declaration cannot carry `with`', at)
  return { statement, negated, withs, at }
}

function parseStatement(cursor: Cursor): Statement {
  if (isKeyword(cursor, 'some')) return parseSome(cursor)
  if (isKeyword(cursor, 'every')) return parseEvery(cursor)
  const left = parseTerm(cursor, true)
  if (takeSign(cursor, ':=')) return { kind: 'assign', left, right: parseTerm(cursor, true) }
  if (takeSign(cursor, '=')) return { kind: 'unify', left, right: parseTerm(cursor, true) }
  return { kind: 'term', term: left }
}

function parseSome(cursor: Cursor): Statement {
  next(cursor)
  const terms = [parseLevel(cursor, 0)]
  while (takeSign(cursor, ',')) terms.push(parseLevel(cursor, 0))
  if (takeKeyword(cursor, 'in')) {
    const domain = parseLevel(cursor, 0)
    const [first, second, third] = terms
    if (third !== undefined) fail('`some … in` takes a value, or a key and a value', third.at)
    if (first === undefined) return unexpected(cursor, 'a variable')
    return second === undefined
      ? { kind: 'some', key: null, value: first, domain }
      : { kind: 'some', key: first, value: second, domain }
  }
  const names: VarTerm[] = []
  for (const term of terms) {
    if (term.kind !== 'var') fail('`some` declares variables only', term.at)
    names.push(term)
  }
  return { kind: 'declare', names }
}

function parseEvery(cursor: Cursor): Statement {
  next(cursor)
  const first = parseVariable(cursor)
  const second = takeSign(cursor, ',') ? parseVariable(cursor) : null
  if (!takeKeyword(cursor, 'in')) unexpected(cursor, '`in`')
  const domain = parseLevel(cursor, 0)
  expectSign(cursor, '{')
  const body = parseBody(cursor, '}')
  expectSign(cursor, '}')
  return second === null
    ? { kind: 'every', key: null, value: first, domain, body }
    : { kind: 'every', key: first, value: second, domain, body }
}

function parseVariable(cursor: Cursor): VarTerm {
  const token = peek(cursor)
  if (token.kind !== 'word' || isReserved(cursor, token.text)) unexpected(cursor, 'a variable')
  next(cursor)
  return variable(token.text, token.at)
}

function parseWith(cursor: Cursor): With {
  const at = next(cursor).at
  const target = parsePath(parsePostfix(cursor), 'the target of `with`')
  if (!takeKeyword(cursor, 'as')) unexpected(cursor, '`as`')
  return { target, value: parseTerm(cursor, false), builtin: null, at }
}

/** A reference of names only, as texts. */
export function parsePath(term: Term, what: string): readonly string[] {
  if (term.kind === 'var') return [term.name]
  if (term.kind !== 'ref' || term.head.kind !== 'var') return fail(`${what} must be a path of names`, term.at)
  const names = [term.head.name]
  for (const part of term.path) {
    if (part.kind !== 'scalar' || typeof part.value !== 'string')
      return fail(`${what} must be a path of names`, part.at)
    names.push(part.value)
  }
  return names
}

/** A term with infix operators and `in`. `pairs` lets `key, value in domain` begin here; `seed` is a first operand already read. */
export function parseTerm(cursor: Cursor, pairs: boolean, seed: Term | null = null): Term {
  let left = parseLevel(cursor, 0, seed)
  if (pairs && isSign(cursor, ',')) {
    const back = cursor.position
    next(cursor)
    const value = attempt(() => parseLevel(cursor, 0))
    if (value !== null && takeKeyword(cursor, 'in')) {
      left = infix('internal.member_3', [left, value, parseLevel(cursor, 0)], left.at)
    } else {
      cursor.position = back
    }
  }
  while (takeKeyword(cursor, 'in')) left = infix('internal.member_2', [left, parseLevel(cursor, 0)], left.at)
  return left
}

function attempt<T>(parse: () => T): T | null {
  try {
    return parse()
  } catch (error) {
    if (error instanceof ProblemSignal) return null
    throw error
  }
}

function infix(name: string, args: readonly Term[], at: Location): CallTerm {
  return { kind: 'call', operator: name.split('.'), infix: true, args, at }
}

function parseLevel(cursor: Cursor, level: number, seed: Term | null = null): Term {
  const operators = infixLevels[level]
  if (operators === undefined) return seed ?? parsePostfix(cursor)
  let left = parseLevel(cursor, level + 1, seed)
  for (;;) {
    const token = peek(cursor)
    const name = token.kind === 'sign' ? operators.get(token.text) : undefined
    if (name === undefined) return left
    next(cursor)
    left = infix(name, [left, parseLevel(cursor, level + 1)], token.at)
  }
}

/** A primary term with everything that touches it: `.name`, `[key]`, `(arguments)`. */
export function parsePostfix(cursor: Cursor): Term {
  if (cursor.nesting >= MAX_NESTING) fail(`nested more than ${MAX_NESTING} deep`, peek(cursor).at)
  cursor.nesting += 1
  let head = parsePrimary(cursor)
  let path: Term[] = []
  for (;;) {
    const token = peek(cursor)
    if (token.kind !== 'sign' || !token.touches) break
    if (token.text === '.') path.push(parseDot(cursor))
    else if (token.text === '[') path.push(parseBracket(cursor))
    else if (token.text === '(') {
      head = parseCall(cursor, extend(head, path))
      path = []
    } else break
  }
  cursor.nesting -= 1
  return extend(head, path)
}

function extend(head: Term, path: readonly Term[]): Term {
  const [first] = path
  if (first === undefined) return head
  if (head.kind === 'scalar' || head.kind === 'template') fail('a scalar has no parts to refer to', first.at)
  return { kind: 'ref', head, path, at: head.at }
}

function parseDot(cursor: Cursor): Term {
  next(cursor)
  const token = peek(cursor)
  if (token.kind !== 'word') unexpected(cursor, 'a name after the dot')
  next(cursor)
  return scalar(token.text, token.at)
}

function parseBracket(cursor: Cursor): Term {
  next(cursor)
  const key = parseTerm(cursor, false)
  expectSign(cursor, ']')
  return key
}

function parseCall(cursor: Cursor, callee: Term): Term {
  const operator = parsePath(callee, 'what is called')
  next(cursor)
  if (operator.length === 1 && operator[0] === 'set' && isSign(cursor, ')')) {
    next(cursor)
    return { kind: 'set', items: [], at: callee.at }
  }
  const args = parseList(cursor, ')')
  return { kind: 'call', operator, infix: false, args, at: callee.at }
}

/** Terms separated by commas up to and including `end`; a trailing comma is allowed. */
function parseList(cursor: Cursor, end: string): Term[] {
  const items: Term[] = []
  while (!takeSign(cursor, end)) {
    items.push(parseTerm(cursor, false))
    if (!takeSign(cursor, ',') && !isSign(cursor, end)) unexpected(cursor, `, or ${end}`)
  }
  return items
}

function parsePrimary(cursor: Cursor): Term {
  const token = peek(cursor)
  switch (token.kind) {
    case 'number':
    case 'string':
      next(cursor)
      return scalar(token.value, token.at)
    case 'template':
      next(cursor)
      return parseTemplate(cursor, token)
    case 'word':
      return parseWord(cursor)
    case 'sign':
      return parseBracketed(cursor)
    default:
      return unexpected(cursor, 'a term')
  }
}

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

function parseWord(cursor: Cursor): Term {
  const token = peek(cursor)
  if (isReserved(cursor, token.text) && !headsReference(cursor)) {
    const literal = literals.get(token.text)
    const called = peek(cursor, 1)
    // `contains(…)` is the built-in, although `contains` is a keyword.
    if (token.text !== 'contains' || called.text !== '(' || !called.touches) {
      if (literal === undefined) return unexpected(cursor, 'a term')
      next(cursor)
      return scalar(literal, token.at)
    }
  }
  next(cursor)
  return variable(token.text, token.at)
}

function parseTemplate(cursor: Cursor, token: Token): Term {
  const parts = token.parts.map((part) => {
    if (typeof part === 'string') return part
    const inner = { ...startAt(part, cursor.keywords), nesting: cursor.nesting + 1 }
    if (inner.nesting > MAX_NESTING) fail(`nested more than ${MAX_NESTING} deep`, token.at)
    const term = parseTerm(inner, false)
    if (peek(inner).kind !== 'end') unexpected(inner, 'the end of the template expression')
    return term
  })
  return { kind: 'template', parts, at: token.at }
}

function parseBracketed(cursor: Cursor): Term {
  const token = peek(cursor)
  switch (token.text) {
    case '-':
      return parseNegative(cursor)
    case '(': {
      next(cursor)
      const term = parseTerm(cursor, true)
      expectSign(cursor, ')')
      return term
    }
    case '[':
      next(cursor)
      return parseArray(cursor, token.at)
    case '{':
      next(cursor)
      return parseBraces(cursor, token.at)
    default:
      return unexpected(cursor, 'a term')
  }
}

function parseNegative(cursor: Cursor): Term {
  const at = next(cursor).at
  const token = peek(cursor)
  if (token.kind !== 'number') return unexpected(cursor, 'a number after the minus')
  next(cursor)
  const value = token.value as number | bigint
  return scalar(value === 0 ? 0 : -value, at)
}

/**
 * `[a | b]` could be a comprehension or an array of one union; Rego decides for the comprehension. So the head is read
 * as a term without infix operators first; when no `|` follows, it becomes the first operand of the first item.
 */
function parseArray(cursor: Cursor, at: Location): Term {
  if (takeSign(cursor, ']')) return { kind: 'array', items: [], at }
  const head = parsePostfix(cursor)
  if (takeSign(cursor, '|')) return parseComprehension(cursor, { shape: 'array', key: null, value: head, at }, ']')
  return { kind: 'array', items: parseRest(cursor, parseTerm(cursor, false, head), ']'), at }
}

function parseBraces(cursor: Cursor, at: Location): Term {
  if (takeSign(cursor, '}')) return { kind: 'object', entries: [], at }
  const head = parsePostfix(cursor)
  if (takeSign(cursor, '|')) return parseComprehension(cursor, { shape: 'set', key: null, value: head, at }, '}')
  if (isSign(cursor, ':')) {
    next(cursor)
    const value = parsePostfix(cursor)
    if (takeSign(cursor, '|')) return parseComprehension(cursor, { shape: 'object', key: head, value, at }, '}')
    return parseEntries(cursor, [head, parseTerm(cursor, false, value)], at)
  }
  const first = parseTerm(cursor, false, head)
  if (takeSign(cursor, ':')) return parseEntries(cursor, [first, parseTerm(cursor, false)], at)
  return { kind: 'set', items: parseRest(cursor, first, '}'), at }
}

function parseComprehension(
  cursor: Cursor,
  head: Pick<ComprehensionTerm, 'shape' | 'key' | 'value' | 'at'>,
  end: '}' | ']',
): Term {
  const body = parseBody(cursor, end)
  expectSign(cursor, end)
  return { kind: 'comprehension', ...head, body }
}

/** What follows the first item of a list. */
function parseRest(cursor: Cursor, first: Term, end: string): Term[] {
  if (takeSign(cursor, end)) return [first]
  if (!takeSign(cursor, ',')) unexpected(cursor, `, or ${end}`)
  return [first, ...parseList(cursor, end)]
}

function parseEntries(cursor: Cursor, first: readonly [Term, Term], at: Location): Term {
  const entries = [first]
  while (!takeSign(cursor, '}')) {
    if (!takeSign(cursor, ',')) unexpected(cursor, ', or }')
    if (takeSign(cursor, '}')) break
    const key = parseTerm(cursor, false)
    expectSign(cursor, ':')
    entries.push([key, parseTerm(cursor, false)])
  }
  return { kind: 'object', entries, at }
}
