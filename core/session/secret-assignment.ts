/**
 * Secrets that only their name gives away: `password = …`, `"api_key": "…"`, `DB_TOKEN=…`, and values that a tool was
 * given under such a name. Transcripts are full of code, so names, types and calls to the right of the sign stay.
 */
import { type Assignment, isBareCode, isReference, isStandIn } from './code-value.ts'
import { looksRandom } from './entropy.ts'
import { keyEnd } from './redaction/broken-lines.ts'
import { BASE64, isOf, NAME, QUOTES, runStart } from './redaction/characters.ts'
import { isPlaceholder } from './redaction/form-rule.ts'
import type { Span } from './secret-span.ts'

const NAMES =
  'password|passwd|passphrase|passcode|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|client[_-]?key|credential'

/** Names that say less: only a value that looks random counts. */
const WEAK_NAMES = '[_-]key|[a-z]Key|[_-]auth|[_-]pass|[_-]pw|[_-]sig|[_-]salt|[_-]seed'

/** A quote, and the backslashes that JSON in JSON puts before it. */
const QUOTE = `\\\\{0,7}["'\`]`
/** Not what stands between texts: a name at the end of one does not name what the next begins with. */
const VALUE = `(?<quote>${QUOTE})?(?<value>[^\\s\\u0001"'\`,;&<>|\\\\]{1,128})`

/** Name, rest of the name, sign, quote, first characters of the value. Every repetition is bounded. */
const assigned = (names: string): RegExp =>
  new RegExp(
    `(?<name>${names})(?<rest>[a-z0-9_-]{0,24})(?:${QUOTE})?[ \\t]{0,4}(?<sign>=>|:=|={1,3}|:)\\s{0,4}${VALUE}`,
    'iy',
  )

/** `{ "name": "API_TOKEN", "value": "…" }`, in JSON and in YAML: how environments are written in lists. */
const paired = (names: string): RegExp =>
  new RegExp(
    `(?<name>${names})(?<rest>[a-z0-9_-]{0,24})(?:${QUOTE})?[\\s,]{1,44}(?:${QUOTE})?value(?:${QUOTE})?(?<sign>\\s{0,4}[:=])\\s{0,4}${VALUE}`,
    'iy',
  )
const BEFORE_PAIR = new RegExp(`(?:name|key)(?:${QUOTE})?\\s{0,4}[:=]\\s{0,4}(?:${QUOTE})?[A-Za-z0-9_.-]{0,40}$`, 'i')

const strong = { assigned: assigned(NAMES), paired: paired(NAMES) }
const weak = { assigned: assigned(WEAK_NAMES), paired: paired(WEAK_NAMES) }

/** No name is longer. */
const MAX_NAME = 64

/** Where the value of an assignment ends that has no quotes. */
const UNQUOTED = /[^\s"'`,;&<>|\\]*/y

/** The value of the secret whose name begins at `at`; null where there is none. `literalEnd` ends the proposed name. */
export function assignmentAt(
  text: string,
  at: number,
  { literalEnd, isStrong }: { readonly literalEnd: number; readonly isStrong: boolean },
): Span | null {
  const { assigned: assignedTo, paired: pairedWith } = isStrong ? strong : weak
  const sign = signAfter(text, literalEnd)
  if (sign === 'none') return null
  const pattern = sign === 'assigned' ? assignedTo : pairedWith
  if (sign === 'paired' && !BEFORE_PAIR.test(text.slice(Math.max(0, at - 60), at))) return null
  // `Key` of `signingKey` is proposed without the letter before it.
  pattern.lastIndex = isStrong || !/^[kK]/.test(text.slice(at, at + 1)) ? at : at - 1
  if (pattern.lastIndex < 0) return null
  const match = pattern.exec(text)
  if (match === null) return null
  const { name = '', rest = '', sign: mark = '', quote, value = '' } = match.groups ?? {}
  if (!isNameOfSecret(name, rest)) return null
  const start = pattern.lastIndex - value.length
  // A comparison, the end of base64, or letters in the middle of it: none of them assigns.
  if (mark.startsWith('==') && /[\r\n]/.test(text.slice(start - 6, start))) return null
  if (at - runStart(text, at, { kind: BASE64, limit: MAX_NAME }) === MAX_NAME) return null
  // The user of an address: its password has a rule of its own.
  if (value.includes('@') && text.slice(match.index - 3, match.index) === '://') return null
  const assignment = quote === undefined ? assignmentIn(text, match, start) : null
  const where = { name: isStrong ? name : null, isQuoted: quote !== undefined, sign: mark.trim(), assignment }
  // A longer value is judged by its first characters, and taken whole only if it is meant: else names in a row cost a power.
  const judged = quote === undefined ? withoutClosing(value) : text.slice(start, quotedEnd(text, start, quote))
  const rule = isStrong ? 'secret-assignment' : 'secret-value'
  if (isSecretValue(judged, where)) {
    const end = quote === undefined ? unquotedEnd(text, start) : start + judged.length
    return { start, end: keyEnd(text, end), rule }
  }
  // Neither code nor a figure is the first part of a key.
  if (assignment !== null && (isBareCode(judged, assignment) || (!isStrong && /^\d+$/.test(judged)))) return null
  // A text in quotes that has blanks is a sentence, and one that is closed goes on in quotes only.
  if (
    quote !== undefined &&
    (/\s/.test(judged) || CLOSED.test(text.slice(start + judged.length, start + judged.length + 64)))
  )
    return null
  const end = keyEnd(text, start + judged.length)
  if (end === start + judged.length) return null
  const joined = text.slice(start, end).replace(/[\s"'`\\]/g, '')
  return isSecretValue(joined, where) ? { start, end, rule } : null
}

/** What code looks like around a value without quotes. */
function assignmentIn(text: string, match: RegExpExecArray, start: number): Assignment {
  const { name = '', rest = '', sign = '', value = '' } = match.groups ?? {}
  const nameStart = runStart(text, match.index, { kind: NAME, limit: MAX_NAME })
  const nameEnd = match.index + name.length + rest.length
  const valueEnd = start + withoutClosing(value).length
  return {
    before: text.slice(Math.max(0, nameStart - 8), nameStart),
    name: text.slice(nameStart, nameEnd),
    rest,
    sign: sign.trim(),
    isSpaced: /^[ \t]+=\s+$/.test(text.slice(nameEnd, start)),
    isBelow: /[\r\n]/.test(text.slice(nameEnd, start)),
    after: text.slice(valueEnd, valueEnd + 4),
  }
}

/** The quote is closed, and none opens on the next line. */
const CLOSED = /^\\{0,7}["'`][ \t+.\\]{0,8}\r?\n[ \t]{0,40}(?![\s"'`])/

/** What follows a name, without asking the pattern: nearly all names in code are followed by neither. */
function signAfter(text: string, literalEnd: number): 'assigned' | 'paired' | 'none' {
  let at = literalEnd
  while (at - literalEnd <= 24 && isOf(text.charCodeAt(at), NAME)) at++
  const nameEnd = at
  while (at - nameEnd < 8 && text.charCodeAt(at) === 92) at++
  if (isOf(text.charCodeAt(at), QUOTES)) at++
  const quoteEnd = at
  while (at - quoteEnd < 4 && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++
  const code = text.charCodeAt(at)
  if (code === 58 || code === 61) return 'assigned'
  return code === 44 || code === 10 || code === 13 || code === 92 ? 'paired' : 'none'
}

const STRONG_KEY = new RegExp(`(?<name>${NAMES}|authorization)(?<rest>[a-z0-9_-]{0,24})$`, 'i')
const WEAK_KEY = new RegExp(`(?<name>${WEAK_NAMES}|^key$|^auth$|^(?:k|d|p|q|dp|dq|qi)$)(?<rest>[a-z0-9_-]{0,24})$`, 'i')

/** The rule by which a whole value is a secret because of the key under which it stands; null where it is none. */
export function isSecretUnder(key: string, value: string): string | null {
  if (value.length > MAX_VALUE || /[\r\n]/.test(value)) return null
  if (isSecretUnderName(STRONG_KEY.exec(key.slice(-64)), value, true)) return 'secret-assignment'
  return isSecretUnderName(WEAK_KEY.exec(key.slice(-64)), value, false) ? 'secret-value' : null
}

function isSecretUnderName(match: RegExpExecArray | null, value: string, isStrong: boolean): boolean {
  const { name = '', rest = '' } = match?.groups ?? {}
  if (match === null || !isNameOfSecret(name, rest)) return false
  return isSecretValue(value, { name: isStrong ? name : null, isQuoted: true, sign: ':', assignment: null })
}

/** Longer values under a name are documents and not keys; keys in documents have forms of their own. */
const MAX_VALUE = 4_096

function unquotedEnd(text: string, start: number): number {
  UNQUOTED.lastIndex = start
  return start + withoutClosing(UNQUOTED.exec(text)?.[0] ?? '').length
}

/** Marks that close a sentence or a bracket are not part of a value; the bracket of a placeholder is. */
function withoutClosing(value: string): string {
  const [bare = ''] = /^\[(?:REDACTED|WITHHELD):[a-z0-9-]{1,60}\](?=[)\]}.:!?]{0,8}$)/.exec(value) ?? []
  return bare === '' ? value.replace(/[)\]}.:!?]{1,8}$/, '') : bare
}

/** The quote that closes has at least as many backslashes as the one that opened. */
function quotedEnd(text: string, start: number, quote: string): number {
  const mark = quote.charCodeAt(quote.length - 1)
  const last = Math.min(text.length, start + MAX_VALUE)
  let slashes = 0
  for (let at = start; at < last; at++) {
    const code = text.charCodeAt(at)
    if (code === 10 || code === 13) return at
    if (code === mark && slashes >= quote.length - 1) return at - slashes
    slashes = code === 92 ? slashes + 1 : 0
  }
  // The end of the text ends a line like any other, or the finding would depend on what follows.
  return start + MAX_VALUE >= text.length ? text.length : unquotedEnd(text, start)
}

/** `token_count`, `passwordField` and `tokenizer` are no secrets; `secret_key_base` and `tokenValue` are. */
function isNameOfSecret(name: string, rest: string): boolean {
  if (/^(s|[_-].*|[A-Z].*|\d{1,3})?$/.test(rest) === false) return false
  if (name !== '' && /^s$/.test(rest) && /token/i.test(name)) return false
  return !/(count|type|types|limit|length|index|name|names|budget|usage|path|file|url|uri|endpoint|expir\w*|ttl|field|input|label|hint|prompt|policy|rule|rules|manager|provider|reset|min|max|size|id|ids|used|total|kind|list|store|service|error|required|changed|strength|number|start|end|position|offset|stream|list|pattern|regexp?)$/i.test(
    rest,
  )
}

interface Where {
  readonly name: string | null
  readonly isQuoted: boolean
  readonly sign: string
  /** null for a value in quotes, or alone under its key. */
  readonly assignment: Assignment | null
}

function isSecretValue(value: string, where: Where): boolean {
  if (value.length < 6 || isPlaceholder(value) || isReference(value, looksRandom)) return false
  if (typeWords.has(value.toLowerCase()) || isStandIn(value)) return false
  if (where.assignment !== null && isBareCode(value, where.assignment)) return false
  if (where.name === null)
    return looksRandom(value) && /[A-Z]/.test(value) && /[a-z]/.test(value) && !/[\s()]/.test(value)
  const isPassword = /pass|pwd/i.test(where.name)
  if (!isPassword && (/^#[0-9a-f]{3,8}( [a-z]+)*$/i.test(value) || (value.length < 8 && !/secret/i.test(where.name)))) {
    return false
  }
  if (/\s/.test(value)) return isPassword && where.isQuoted && /\d/.test(value) && value.length <= 64
  if (/^[\d.,:_-]+$/.test(value)) return isPassword
  if (/^[A-Za-z_$-]+$/.test(value)) return isWordMeant(value, where, isPassword)
  return true
}

/** Letters only: a password may be a word, a name of a variable or a type is none. */
function isWordMeant(value: string, where: Where, isPassword: boolean): boolean {
  if (/pass|secret|token|key|cred|pwd/i.test(value)) return false
  if (isPassword) return where.isQuoted || /^[a-z-]+$/.test(value) || where.sign === '='
  if (/secret/i.test(where.name ?? '')) return where.isQuoted || where.sign === '='
  return value.length >= 20
}

const typeWords: ReadonlySet<string> = new Set(
  'string number boolean unknown undefined object buffer secret symbol optional required default false redacted hidden masked example changeme placeholder bearer process readonly nullable bytes uint8array promise return await typeof delete import export extends instanceof function interface lambda struct record static public private protected internal override switch continue assert except throws expected missing changed updated created deleted expired revoked rotated denied primary secure'.split(
    ' ',
  ),
)
