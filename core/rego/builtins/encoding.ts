/** base64, hex, URL queries, JSON and YAML. */
import { parse, stringify } from 'yaml'
import { allocate, charge, exceeded } from '../budget.ts'
import { parseJson, toData, toJson } from '../json.ts'
import { entriesOf, isArray, isObject, isSet, RegoObject, typeName, type Value } from '../value.ts'
import { type Builtin, bool, define, object, refuseType, refuseValue, text } from './builtin.ts'
import { fromBase64, fromBase64Url, fromBytes, fromHex, toBase64, toBase64Url, toBytes, toHex } from './bytes.ts'

function decoded(bytes: Uint8Array | null, what: string): string {
  return bytes === null ? refuseValue(`illegal ${what} data`) : fromBytes(bytes)
}

/** As Go's url.QueryEscape: a blank becomes `+`. */
function escapeQuery(value: string): string {
  return encodeURIComponent(value)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

function unescapeQuery(value: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) refuseValue(`invalid URL escape ${JSON.stringify(value.slice(0, 40))}`)
  const bytes: number[] = []
  const source = toBytes(value.replaceAll('+', ' '))
  for (let at = 0; at < source.length; at++) {
    if (source[at] !== 0x25) bytes.push(source[at] as number)
    else {
      bytes.push(Number.parseInt(String.fromCharCode(source[at + 1] as number, source[at + 2] as number), 16))
      at += 2
    }
  }
  return fromBytes(Uint8Array.from(bytes))
}

function encodeObject(value: Value): string {
  const pairs: string[] = []
  const push = (key: string, item: Value): void => {
    if (typeof item !== 'string') refuseType(`operand 1 values must be string, array[string], or set[string]`)
    pairs.push(`${escapeQuery(key)}=${escapeQuery(item)}`)
  }
  for (const [key, item] of entriesOf(object(value, 1))) {
    if (typeof key !== 'string') return refuseType(`operand 1 keys must be string but got ${typeName(key)}`)
    if (isArray(item)) for (const one of item) push(key, one)
    else if (isSet(item)) for (const one of item.values()) push(key, one)
    else push(key, item)
  }
  return pairs.join('&')
}

function decodeObject(value: string): Value {
  const found = new Map<string, string[]>()
  for (const pair of value.split('&')) {
    if (pair === '') continue
    const [key = '', ...rest] = pair.split('=')
    const name = unescapeQuery(key)
    found.set(name, [...(found.get(name) ?? []), unescapeQuery(rest.join('='))])
  }
  return RegoObject.of(found)
}

export function unmarshal(value: string): Value {
  charge(value.length >> 3)
  allocate(value.length >> 3)
  try {
    return parseJson(value)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refuseValue(`invalid JSON: ${error.message}`)
  }
}

function isJson(value: Value): boolean {
  if (typeof value !== 'string') return false
  charge(value.length >> 3)
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

/** The parser recurses, and where the stack ends is not the same on every platform or in every run. */
const MAX_YAML_DEPTH = 200

/** At most as deep as this; brackets in texts and comments count too, since only a parser could tell them apart. */
function yamlDepth(text: string): number {
  let deepest = 0
  let brackets = 0
  const indents: number[] = []
  for (const line of text.split('\n')) {
    const [lead = ''] = /^ *(?:[-?] +)*/.exec(line) ?? []
    while ((indents.at(-1) ?? -1) >= lead.length) indents.pop()
    indents.push(lead.length)
    const block = indents.length + lead.replaceAll(' ', '').length
    for (let index = lead.length; index < line.length; index++) {
      const letter = line[index]
      if (letter === '[' || letter === '{') brackets++
      else if (letter === ']' || letter === '}') brackets = Math.max(0, brackets - 1)
      if (block + brackets > deepest) deepest = block + brackets
    }
  }
  return deepest
}

function parseYaml(value: string): Value {
  charge(50 + value.length)
  allocate(value.length >> 1)
  if (yamlDepth(value) > MAX_YAML_DEPTH) throw exceeded(`YAML is nested more than ${MAX_YAML_DEPTH} deep`)
  try {
    // Aliases could multiply a small text into a huge value.
    const parsed: unknown = parse(value, { maxAliasCount: 100, logLevel: 'error' })
    return plainData(parsed)
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && error.name === 'ProblemSignal')) throw error
    return refuseValue(`yaml: ${error instanceof Error ? error.message.split('\n')[0] : 'malformed'}`)
  }
}

/** YAML can say more than JSON: what it adds (dates, maps with other keys) becomes text, as in OPA. */
function plainData(value: unknown): Value {
  allocate(1)
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value
  if (Array.isArray(value)) return value.map(plainData)
  if (value instanceof Date) return value.toISOString()
  const entries: [string, Value][] = Object.entries(value).map(([key, item]) => [key, plainData(item)])
  return Object.fromEntries(entries)
}

function isYaml(value: Value): boolean {
  if (typeof value !== 'string') return false
  try {
    parseYaml(value)
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'BuiltinRefusal') return false
    throw error
  }
}

/** JSON with line breaks: `prefix` begins each line but the first, `indent` each level. */
function indented(value: Value, prefix: string, indent: string): string {
  const pretty = (item: Value, lead: string): string => {
    const inner = lead + indent
    if (isArray(item) || isSet(item)) {
      const items = isArray(item) ? item : item.values()
      return items.length === 0 ? '[]' : `[\n${items.map((one) => inner + pretty(one, inner)).join(',\n')}\n${lead}]`
    }
    if (!isObject(item)) return toJson(item)
    const entries = [...entriesOf(item)].map(
      ([key, one]) => `${inner}${JSON.stringify(typeof key === 'string' ? key : toJson(key))}: ${pretty(one, inner)}`,
    )
    return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${lead}}`
  }
  return prefix + pretty(value, prefix)
}

function marshalWith(value: Value, options: Value): Value {
  const found = new Map(entriesOf(object(options, 2)))
  for (const key of found.keys()) {
    if (key !== 'pretty' && key !== 'prefix' && key !== 'indent')
      refuseValue(`object contained unknown key ${JSON.stringify(key)}`)
  }
  const prefix = text(found.get('prefix') ?? '', 2)
  const indent = text(found.get('indent') ?? '\t', 2)
  const isPretty = found.has('pretty')
    ? bool(found.get('pretty') ?? null, 2)
    : found.has('prefix') || found.has('indent')
  return isPretty ? indented(value, prefix, indent) : toJson(value)
}

function isBase64(value: Value): boolean {
  return fromBase64(text(value, 1)) !== null
}

export const encoding: readonly Builtin[] = [
  define('base64.encode', 1, (value) => toBase64(toBytes(text(value, 1)))),
  define('base64.decode', 1, (value) => decoded(fromBase64(text(value, 1)), 'base64')),
  define('base64.is_valid', 1, isBase64),
  define('base64url.encode', 1, (value) => toBase64Url(toBytes(text(value, 1)))),
  define('base64url.encode_no_pad', 1, (value) => toBase64Url(toBytes(text(value, 1))).replace(/=+$/, '')),
  define('base64url.decode', 1, (value) => decoded(fromBase64Url(text(value, 1)), 'base64')),
  define('hex.encode', 1, (value) => toHex(toBytes(text(value, 1)))),
  define('hex.decode', 1, (value) => decoded(fromHex(text(value, 1)), 'hexadecimal')),
  define('urlquery.encode', 1, (value) => escapeQuery(text(value, 1))),
  define('urlquery.decode', 1, (value) => unescapeQuery(text(value, 1))),
  define('urlquery.encode_object', 1, encodeObject),
  define('urlquery.decode_object', 1, (value) => decodeObject(text(value, 1))),
  define('json.marshal', 1, toJson),
  define('json.marshal_with_options', 2, marshalWith),
  define('json.unmarshal', 1, (value) => unmarshal(text(value, 1))),
  define('json.is_valid', 1, isJson),
  define('yaml.marshal', 1, (value) => stringify(toData(value))),
  define('yaml.unmarshal', 1, (value) => parseYaml(text(value, 1))),
  define('yaml.is_valid', 1, isYaml),
]
