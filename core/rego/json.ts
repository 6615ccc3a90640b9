/** JSON and Rego's own notation, in and out of values. */
import { allocateText, charge } from './budget.ts'
import { formatNumber, type Numeric, parseNumber } from './number.ts'
import { type AnyObject, entriesOf, isArray, isNumber, isSet, type PlainObject, type Value } from './value.ts'

/** Where JSON.parse alone would round: a long run of digits, or an exponent. It may also match inside a string. */
const mayLoseDigits = /\d{16}|\d[eE]/

const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Parses JSON without losing digits of integers. Throws a SyntaxError as JSON.parse does. */
export function parseJson(text: string): Value {
  const quick: Value = JSON.parse(text)
  if (!mayLoseDigits.test(text)) return quick
  // The text is valid, so its tokens can be marked: every number becomes a string of its digits, told apart by a letter.
  const marked = text.replace(stringsAndNumbers, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
  )
  return unmark(JSON.parse(marked))
}

function unmark(value: Value): Value {
  if (typeof value === 'string') {
    if (value.startsWith('s')) return value.slice(1)
    const number = parseNumber(value.slice(1))
    if (number === null) throw new SyntaxError(`number out of range: ${value.slice(1, 40)}`)
    return number
  }
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map(unmark)
  const plain: [string, Value][] = Object.entries(value as PlainObject).map(([key, item]) => [
    key.slice(1),
    unmark(item),
  ])
  return Object.fromEntries(plain)
}

/** A JSON text of a value, as OPA writes it: sets as arrays in order, keys that are no strings as their JSON text. */
export function toJson(value: Value): string {
  charge(1)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (isNumber(value)) return formatNumber(value)
  if (typeof value === 'string') {
    allocateText(value.length)
    return JSON.stringify(value)
  }
  if (isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (isSet(value)) return `[${value.values().map(toJson).join(',')}]`
  const entries: string[] = []
  for (const [key, item] of entriesOf(value as AnyObject)) {
    entries.push(`${JSON.stringify(typeof key === 'string' ? key : toJson(key))}:${toJson(item)}`)
  }
  return `{${entries.join(',')}}`
}

export type Json = null | boolean | Numeric | string | readonly Json[] | { readonly [key: string]: Json }

/** The value as plain JSON data: sets become arrays in order, keys that are no strings their JSON text. */
export function toData(value: Value): Json {
  charge(1)
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map(toData)
  if (isSet(value)) return value.values().map(toData)
  const entries: [string, Json][] = []
  for (const [key, item] of entriesOf(value as AnyObject)) {
    entries.push([typeof key === 'string' ? key : toJson(key), toData(item)])
  }
  return Object.fromEntries(entries)
}

/** The value in Rego's notation, as templates and sprintf show it: `{"a", "b"}`, `set()`, `{"k": [1, 2]}`. */
export function toRego(value: Value): string {
  charge(1)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (isNumber(value)) return formatNumber(value)
  if (typeof value === 'string') {
    allocateText(value.length)
    return JSON.stringify(value)
  }
  if (isArray(value)) return `[${value.map(toRego).join(', ')}]`
  if (isSet(value)) return value.size === 0 ? 'set()' : `{${value.values().map(toRego).join(', ')}}`
  const entries: string[] = []
  for (const [key, item] of entriesOf(value as AnyObject)) entries.push(`${toRego(key)}: ${toRego(item)}`)
  return `{${entries.join(', ')}}`
}
