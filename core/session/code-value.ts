/**
 * What stands behind a sign in code and is no secret: another name, a call, a pattern, a template, a word in the place
 * of a value. Transcripts are made of code, and one that is blackened proves nothing.
 */

/** A name of a variable, member or function; members by any language's marks. */
const NAME = '[#@]?[A-Za-z_$][\\w$]*'
const MEMBER = '(?:\\??\\.|!\\.|::|->)#?[A-Za-z_$][\\w$]*'

const variable = /^(\$[A-Za-z_({]|\{\{|<|%[A-Za-z({]|#\{|\*+$|\.+$|…)/
const repeated = /^(.)\1*$|^(.)\2{15,}.?$/
const member = new RegExp(`^${NAME}(?:${MEMBER})+(?:[!=]==|[)\\]}?!]*)$`)
const call = new RegExp(`^${NAME}(?:${MEMBER})*(?:\\??\\.|!)?[([]`)
/** Members without a digit, and what computes with them. */
const computed = /^#?[A-Za-z_$]+(?:\??\.#?[A-Za-z_$]+)+[-+*/<>&|]/
/** A class of characters in a pattern. */
const characters = /[aA]-[zZ](?:[aA]-[zZ]|0-9)|\[\^?\w-\w/
const path = /^(~|\.{1,2})?\/[\w.@-]+(\/[\w.@-]*)*$/
const address = /^[\w.-]*:\/\//
/** `^6.0.0`, `>=2.1`, `workspace:*`: packages have names such as `auth-token`. */
const version = /^(?:workspace:|npm:)?(?:[~^*]|[<>]=?|v)?(?:\d+(?:\.(?:\d+|x|\*)){1,3}(?:[-+][\w.-]{1,40})?)?$/

/** Another name instead of a value, whether or not it is quoted: a variable, a member, a call, a template, a path. */
export function isReference(value: string, looksRandom: (text: string) => boolean): boolean {
  return (
    variable.test(value) ||
    repeated.test(value) ||
    member.test(value) ||
    call.test(value) ||
    computed.test(value) ||
    (path.test(value) && !looksRandom(value)) ||
    address.test(value) ||
    version.test(value) ||
    characters.test(value) ||
    isTemplate(value)
  )
}

const holes =
  /\$\{[^}]{0,200}\}?|#\{[^}]{0,200}\}?|\{\{[^}]{0,200}\}?\}?|\{[\w.!:[\]]{0,60}\}|%\(\w{1,60}\)[a-z]|%[sdrvq]/g

/** What is between the holes is too little, or a word: `Bearer ${token}`, `{0}:{1}`. */
function isTemplate(value: string): boolean {
  if (!/[{%]/.test(value)) return false
  const rest = value.replace(holes, '')
  return rest !== value && (rest.length < 6 || !/\d/.test(rest))
}

const words = [
  'password|passphrase|passwd|pass|secret|tokens?|keys?|credentials?|creds?|pwd|word|value|string|hash|salt',
  'your|my|our|the|this|is|some|any|not|a-|an-|to|be|of|for|in|goes|here|with|and|or',
  'test(?:ing|s)?|example|sample|dummy|fake|mock(?:ed)?|foo|bar|baz|qux|placeholder|demo|stub|fixture|todo|default',
  'change|changeit|me|insert|replace|put|enter|set|use|fill|redacted|hidden|masked|none|null|undefined|empty',
  'api|access|auth|refresh|client|private|public|session|bearer|signing|encryption|shared|user(?:name)?|admin|root',
  'new|old|current|first|second|other|another|wrong|invalid|valid|incorrect|correct|bad|good|real|super|very|long|short',
  'abc|xyz|x{3,}|\\*{3,}|\\.{3}',
].join('|')
const standIn = new RegExp(`^(?:${words}|[-_ .<>!?:/]){1,24}(?:\\d{1,3}|1234\\d{0,6})?$`, 'i')

const counted = /^(?:0?1234(?:56)?(?:78)?9?0?|5678|7890|abcdef){3,}$/

/** Stands in the place of a secret and says so: `your-api-key-here`, `test_token_2`, `password123`. */
export function isStandIn(value: string): boolean {
  return (value.length <= 48 && /[a-z]/i.test(value) && standIn.test(value)) || counted.test(value)
}

/** Made of words as names in programs are, nearly all of it: `BasePreTokenEventV2`, `index_info`, `X509Extension`. */
export function isOfWords(value: string): boolean {
  if (!/^(?:[A-Z]?[a-z]{2,}|[A-Z]{1,12}(?![a-z])|[A-Z](?=[A-Z][a-z])|\d{1,4}|_)+$/.test(value)) return false
  const found = value.match(/[A-Z][a-z]{2,}|[a-z]{3,}|[A-Z]{3,}/g) ?? []
  return found.length >= 2 && found.join('').length >= 0.7 * value.length
}

export interface Assignment {
  /** What stands right before the whole name, a few characters: a mark of code, a word that declares. */
  readonly before: string
  /** The whole name. */
  readonly name: string
  /** What of the name follows the word that says secret. */
  readonly rest: string
  readonly sign: string
  /** Spaces on both sides of a single `=`. */
  readonly isSpaced: boolean
  /** The value stands on the line below. */
  readonly isBelow: boolean
  /** What follows the value. */
  readonly after: string
}

/** A member or a variable, or one that is made here. */
const declared = /(?:[.$@>]|(?:const|let|var|val|my|local|final|auto|static|return)[ \t])$/

/** A value without quotes that is an expression, a type or a word of a sentence. */
export function isBareCode(value: string, { before, name, rest, sign, isSpaced, isBelow, after }: Assignment): boolean {
  if (/^[([{:]|^\/[\^[(\\]|^[A-Za-z_$][\w$-]*\{/.test(value) || sign.startsWith('==') || value === name) return true
  if (rest !== '' && /^[A-Za-z_$][\w$]{0,40}[-+*/%&|?<][\w$.]{0,40}[)}\]]/.test(value)) return true
  // The end of parameters that are taken apart, and the beginning of what is done with them.
  if (/^[A-Za-z_$][\w$]{0,40}[}\]]{0,3}\)\{/.test(value)) return true
  const isLetters = /^[A-Za-z_]+$/.test(value)
  if (isLetters && isSpaced && (rest !== '' || declared.test(before))) return true
  // A setting that is empty, and the next one; the tag of an image.
  if (isBelow && (/^[A-Za-z_][\w.-]*[=:]/.test(value) || /^[ \t]*[=:]/.test(after))) return true
  if (sign === ':' && before.endsWith('/')) return true
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value) && (isSpaced || /^[;,)]/.test(after))) return true
  // The next word of a sentence.
  if (/^[a-z]+$/.test(value) && sign === ':' && /^ [a-z]/i.test(after)) return true
  if (/^_?\d{1,2}$/.test(value.slice(name.length)) && value.toLowerCase().startsWith(name.toLowerCase())) return true
  if (!isOfWords(value)) return false
  // A figure in it makes a password of words, unless what follows is code for certain.
  if (/\d/.test(value))
    return /^[;<({.]/.test(after) || (isSpaced && /[a-z]_?[A-Z]|_/.test(value) && !/pass|pwd/i.test(name))
  return isSpaced || /^[;,)<({.]/.test(after)
}
