/** Tokens to a module: package, imports, rules, and the METADATA annotations between them. */

import { readAnnotations } from './annotations.ts'
import {
  type Annotation,
  type Body,
  type Import,
  type Module,
  type Rule,
  scalar,
  type Term,
  type VarTerm,
} from './ast.ts'
import {
  type Cursor,
  expectSign,
  fail,
  isKeyword,
  isSign,
  type Keyword,
  next,
  peek,
  startAt,
  takeKeyword,
  takeSign,
  unexpected,
} from './cursor.ts'
import { tokenize } from './lexer.ts'
import { parseBody, parseExpression, parsePath, parsePostfix, parseTerm } from './parser.ts'
import { type Location, ProblemSignal } from './problem.ts'

export type RegoVersion = 'v0' | 'v1'

const newKeywords: readonly Keyword[] = ['if', 'contains', 'in', 'every']

/** Throws ProblemSignal with `rego_parse_error`. */
export function parseModule(file: string, text: string, version: RegoVersion): Module {
  const { tokens, comments } = tokenize(file, text)
  const cursor = startAt(tokens, new Set(version === 'v1' ? newKeywords : []))
  const at = peek(cursor).at
  if (!takeKeyword(cursor, 'package')) unexpected(cursor, 'a package declaration')
  const declared = parsePath(parsePostfix(cursor), 'a package')
  const imports: Import[] = []
  const rules: Rule[] = []
  let strict = version === 'v1'
  while (peek(cursor).kind !== 'end') {
    if (takeSign(cursor, ';')) continue
    if (!peek(cursor).startsLine && !isAfterSemicolon(cursor)) unexpected(cursor, 'a line break')
    if (isKeyword(cursor, 'import')) {
      const found = parseImport(cursor)
      if (found.path[0] === 'rego') strict = true
      else if (found.path[0] !== 'future') imports.push(found)
    } else {
      rules.push(...parseRule(cursor, strict))
    }
  }
  const annotations = readAnnotations(comments)
  return { file, package: declared, imports, ...attach(annotations, rules, at), at }
}

/** A query: expressions separated by `;` or line breaks. */
export function parseQueryBody(file: string, text: string): Body {
  const cursor = startAt(tokenize(file, text).tokens, new Set(newKeywords))
  return parseBody(cursor, 'end')
}

function isAfterSemicolon(cursor: Cursor): boolean {
  const before = cursor.tokens[cursor.position - 1]
  return before?.text === ';'
}

/** An annotation belongs to the statement that follows it: the package, or the first rule below. */
function attach(
  annotations: readonly Annotation[],
  rules: readonly Rule[],
  packageAt: Location,
): Pick<Module, 'rules' | 'annotations'> {
  const ofRules = new Map<Rule, Annotation[]>()
  const ofPackage: Annotation[] = []
  for (const annotation of annotations) {
    const rule = rules.find((candidate) => candidate.at.line > annotation.at.line)
    if (annotation.at.line < packageAt.line) {
      ofPackage.push(annotation.scope === 'rule' ? { ...annotation, scope: 'package' } : annotation)
    } else if (rule !== undefined) {
      ofRules.set(rule, [...(ofRules.get(rule) ?? []), annotation])
    }
  }
  return { rules: rules.map((rule) => ({ ...rule, annotations: ofRules.get(rule) ?? [] })), annotations: ofPackage }
}

function parseImport(cursor: Cursor): Import {
  const at = next(cursor).at
  const path = parsePath(parsePostfix(cursor), 'an import')
  const last = path.at(-1) ?? ''
  const [root, second, third] = path
  if (root === 'rego' || root === 'future') {
    if (path.join('.') === 'rego.v1') for (const word of newKeywords) cursor.keywords.add(word)
    else if (root === 'future' && second === 'keywords') importKeyword(cursor, third, at)
    else fail(`there is nothing to import at ${path.join('.')}`, at)
    return { path, alias: '', at }
  }
  if (root !== 'data' && root !== 'input') fail('an import must begin with data or input', at)
  if (!takeKeyword(cursor, 'as')) return { path, alias: last, at }
  const token = peek(cursor)
  if (token.kind !== 'word') unexpected(cursor, 'a name')
  next(cursor)
  return { path, alias: token.text, at }
}

function importKeyword(cursor: Cursor, word: string | undefined, at: Location): void {
  const wanted = word === undefined ? newKeywords : newKeywords.filter((known) => known === word)
  if (wanted.length === 0) fail(`unknown keyword ${word ?? ''}`, at)
  for (const known of wanted) cursor.keywords.add(known)
  // `every x in xs` needs `in`.
  if (wanted.includes('every')) cursor.keywords.add('in')
}

interface Head {
  readonly head: readonly [VarTerm, ...Term[]]
  readonly args: readonly Term[]
  readonly isFunction: boolean
}

function parseHead(cursor: Cursor): Head {
  const term = parsePostfix(cursor)
  if (term.kind === 'call') {
    const [name = '', ...path] = term.operator
    const head = { kind: 'var', name, at: term.at } as const
    return { head: [head, ...path.map((part) => scalar(part, term.at))], args: term.args, isFunction: true }
  }
  if (term.kind === 'var') return { head: [term], args: [], isFunction: false }
  if (term.kind === 'ref' && term.head.kind === 'var') {
    return { head: [term.head, ...term.path], args: [], isFunction: false }
  }
  return fail('a rule must begin with its name', term.at)
}

/** One statement of rules: with v0's chained bodies it can stand for several. */
function parseRule(cursor: Cursor, strict: boolean): Rule[] {
  const at = peek(cursor).at
  const isDefault = takeKeyword(cursor, 'default')
  const { head, args, isFunction } = parseHead(cursor)
  const base = { isDefault, annotations: [], otherwise: null, at }
  if (takeKeyword(cursor, 'contains')) {
    if (isDefault) fail('a partial set has no default', at)
    if (isFunction) fail('a function cannot be a partial set', at)
    const value = parseTerm(cursor, false)
    const { body } = parseRuleBody(cursor, strict)
    return [{ ...base, head, kind: 'set', args: [], value, body }]
  }
  const kind = isFunction ? 'function' : 'complete'
  const assigned = takeSign(cursor, ':=') || takeSign(cursor, '=')
  const value = assigned ? parseTerm(cursor, false) : scalar(true, at)
  if (isDefault) {
    if (!assigned) unexpected(cursor, ':= and the default value')
    return [{ ...base, head, kind, args, value, body: [] }]
  }
  const { body, hasIf, hasBody } = parseRuleBody(cursor, strict)
  if (!assigned && !hasBody && strict) {
    if (head.length === 1 || isFunction) unexpected(cursor, '`if`, `contains` or a value')
  }
  if (!assigned && !hasIf && head.length === 2 && !isFunction && isOldSet(head[1])) {
    if (strict) fail('`contains` is required for a partial set', at)
    return [{ ...base, head: [head[0]], kind: 'set', args: [], value: head[1], body }]
  }
  const first: Rule = {
    ...base,
    head,
    kind,
    args,
    value,
    body,
    otherwise: parseElse(cursor, { head, kind, args }, strict),
  }
  const rules = [first]
  while (!strict && hasBody && isSign(cursor, '{') && !peek(cursor).startsLine) {
    rules.push({ ...first, body: parseBraced(cursor), otherwise: null })
  }
  return rules
}

/** In v0, `p["a"]` and `p[x] { … }` build a set, while `p.a` is a path. Both are one text by now, so only the form with a variable or a composite counts. */
function isOldSet(part: Term | undefined): part is Term {
  return part !== undefined && part.kind !== 'scalar'
}

function parseBraced(cursor: Cursor): Body {
  expectSign(cursor, '{')
  const body = parseBody(cursor, '}')
  expectSign(cursor, '}')
  return body
}

function parseRuleBody(cursor: Cursor, strict: boolean): { body: Body; hasIf: boolean; hasBody: boolean } {
  if (takeKeyword(cursor, 'if')) {
    const body = isSign(cursor, '{') ? parseBraceOrTerm(cursor) : [parseExpression(cursor)]
    return { body, hasIf: true, hasBody: true }
  }
  if (isSign(cursor, '{')) {
    if (strict) fail('`if` is required before a rule body', peek(cursor).at)
    return { body: parseBraced(cursor), hasIf: false, hasBody: true }
  }
  return { body: [], hasIf: false, hasBody: false }
}

/** After `if`, `{` opens a body, unless what follows only makes sense as a set or an object: `p if {x: 1 | x := 2}`. */
function parseBraceOrTerm(cursor: Cursor): Body {
  const { position, nesting } = cursor
  try {
    return parseBraced(cursor)
  } catch (refused) {
    if (!(refused instanceof ProblemSignal)) throw refused
    Object.assign(cursor, { position, nesting })
    try {
      return [parseExpression(cursor)]
    } catch {
      throw refused
    }
  }
}

function parseElse(cursor: Cursor, rule: Pick<Rule, 'head' | 'kind' | 'args'>, strict: boolean): Rule | null {
  const at = peek(cursor).at
  if (!takeKeyword(cursor, 'else')) return null
  const assigned = takeSign(cursor, ':=') || takeSign(cursor, '=')
  const value = assigned ? parseTerm(cursor, false) : scalar(true, at)
  const { body, hasBody } = parseRuleBody(cursor, strict)
  if (!assigned && !hasBody) unexpected(cursor, 'a value or a body')
  const otherwise = parseElse(cursor, rule, strict)
  return { ...rule, value, isDefault: false, body, otherwise, annotations: [], at }
}
