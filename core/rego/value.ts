/** Rego values and their total order. Plain JSON (an input, base data) is a value as it is: nothing is converted. */
import { allocate, allocateText, charge, chargeText } from './budget.ts'
import { compareNumbers, formatNumber, type Numeric, normal } from './number.ts'

export interface PlainObject {
  readonly [key: string]: Value
}
export type Value = null | boolean | Numeric | string | readonly Value[] | RegoSet | RegoObject | PlainObject

/** What a Map can tell apart: the value itself for scalars, a canonical text that begins with NUL for the rest. */
export type Key = null | boolean | Numeric | string

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set'

/** A set. Filled while it is built, never changed after it has been handed on. */
export class RegoSet {
  readonly #items = new Map<Key, Value>()
  #sorted: readonly Value[] | null = null
  #encoded: string | null = null

  static of(values: Iterable<Value>): RegoSet {
    const set = new RegoSet()
    for (const value of values) set.add(value)
    return set
  }

  get size(): number {
    return this.#items.size
  }

  add(value: Value): void {
    const key = keyOf(value)
    if (this.#items.has(key)) return
    allocate(1)
    this.#items.set(key, value)
    this.#sorted = null
    this.#encoded = null
  }

  has(value: Value): boolean {
    return this.#items.has(keyOf(value))
  }

  /** The element equal to `value`, as it was added. */
  get(value: Value): Value | undefined {
    return this.#items.get(keyOf(value))
  }

  /** Elements in Rego's order. */
  values(): readonly Value[] {
    this.#sorted ??= sortValues([...this.#items.values()])
    return this.#sorted
  }

  encoded(): string {
    this.#encoded ??= `<${[...this.#items.values()].map(encode).sort().join('')}>`
    return this.#encoded
  }
}

/** An object whose keys may be any value. Filled while it is built, never changed after it has been handed on. */
export class RegoObject {
  readonly #entries = new Map<Key, readonly [Value, Value]>()
  #keys: readonly Value[] | null = null
  #encoded: string | null = null

  static of(entries: Iterable<readonly [Value, Value]>): RegoObject {
    const object = new RegoObject()
    for (const [key, value] of entries) object.set(key, value)
    return object
  }

  get size(): number {
    return this.#entries.size
  }

  set(key: Value, value: Value): void {
    const known = keyOf(key)
    if (!this.#entries.has(known)) {
      allocate(1)
      this.#keys = null
    }
    this.#encoded = null
    this.#entries.set(known, [key, value])
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1]
  }

  /** Keys in Rego's order. */
  keys(): readonly Value[] {
    this.#keys ??= sortValues([...this.#entries.values()].map(([key]) => key))
    return this.#keys
  }

  encoded(): string {
    this.#encoded ??= `{${[...this.#entries.values()]
      .map(([key, value]) => encode(key) + encode(value))
      .sort()
      .join('')}}`
    return this.#encoded
  }
}

/** Sorted keys of plain objects, for one evaluation: a caller may change its input between two. */
let plainKeys = new WeakMap<PlainObject, readonly string[]>()

/** Forgets what was remembered about plain objects. Every evaluation begins with it. */
export function forgetPlainKeys(): void {
  plainKeys = new WeakMap()
}

function keysOfPlain(object: PlainObject): readonly string[] {
  const known = plainKeys.get(object)
  if (known !== undefined) return known
  // An optional field that holds `undefined` is a field that is absent.
  const keys = Object.keys(object).filter((key) => object[key] !== undefined)
  charge(keys.length)
  keys.sort(compareText)
  plainKeys.set(object, keys)
  return keys
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export type AnyObject = RegoObject | PlainObject

export function isObject(value: Value): value is AnyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegoSet)
}

export function isNumber(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint'
}

export function isSet(value: Value): value is RegoSet {
  return value instanceof RegoSet
}

export function keysOf(object: AnyObject): readonly Value[] {
  return object instanceof RegoObject ? object.keys() : keysOfPlain(object)
}

export function sizeOf(object: AnyObject): number {
  return object instanceof RegoObject ? object.size : keysOfPlain(object).length
}

export function get(object: AnyObject, key: Value): Value | undefined {
  if (object instanceof RegoObject) return object.get(key)
  return typeof key === 'string' && Object.hasOwn(object, key) ? object[key] : undefined
}

/** Entries in the order of their keys. */
export function* entriesOf(object: AnyObject): Generator<readonly [Value, Value]> {
  for (const key of keysOf(object)) {
    const value = get(object, key)
    if (value !== undefined) yield [key, value]
  }
}

/** The value under `key` of any collection: an index, a key, or an element of a set; undefined where there is none. */
export function lookup(collection: Value, key: Value): Value | undefined {
  if (typeof collection !== 'object' || collection === null) return undefined
  if (isArray(collection)) {
    if (typeof key === 'number') return Number.isInteger(key) ? collection[key] : undefined
    return undefined
  }
  if (collection instanceof RegoSet) return collection.get(key)
  return get(collection, key)
}

export function typeName(value: Value): TypeName {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'number':
    case 'bigint':
      return 'number'
    case 'string':
      return 'string'
    default:
      return isArray(value) ? 'array' : value instanceof RegoSet ? 'set' : 'object'
  }
}

const typeOrder: Readonly<Record<TypeName, number>> = {
  null: 0,
  boolean: 1,
  number: 2,
  string: 3,
  array: 4,
  object: 5,
  set: 6,
}

/** By code point, as Go orders UTF-8; JavaScript's `<` puts surrogate pairs below U+E000. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    let x = a.charCodeAt(index)
    let y = b.charCodeAt(index)
    if (x === y) continue
    chargeText(index)
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x2000 : x + 0x800
      y = y >= 0xe000 ? y - 0x2000 : y + 0x800
    }
    return x - y
  }
  chargeText(length)
  return a.length - b.length
}

/** Rego's total order: null < booleans < numbers < strings < arrays < objects < sets. Negative, zero or positive. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0
  charge(1)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  const [typeA, typeB] = [typeName(a), typeName(b)]
  if (typeA !== typeB) return typeOrder[typeA] - typeOrder[typeB]
  if (typeof a === 'boolean') return a ? 1 : -1
  if (isSet(a) && isSet(b)) return compareLists(a.values(), b.values())
  if (isArray(a as Value) && isArray(b as Value)) return compareLists(a as readonly Value[], b as readonly Value[])
  return compareObjects(a as AnyObject, b as AnyObject)
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const order = compare(a[index] as Value, b[index] as Value)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareObjects(a: AnyObject, b: AnyObject): number {
  const keysA = keysOf(a)
  const keysB = keysOf(b)
  const length = Math.min(keysA.length, keysB.length)
  for (let index = 0; index < length; index++) {
    const [keyA, keyB] = [keysA[index] as Value, keysB[index] as Value]
    const order = compare(keyA, keyB) || compare(get(a, keyA) as Value, get(b, keyB) as Value)
    if (order !== 0) return order
  }
  return keysA.length - keysB.length
}

export function sortValues(values: Value[]): Value[] {
  return values.sort(compare)
}

/** Whether two values are the same value; cheaper than an order where the sizes already differ. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    if (typeof a === 'string' && typeof b === 'string') chargeText(a.length === b.length ? a.length : 0)
    // A number and a bigint are the same where an input held an integer too large for a number.
    // biome-ignore lint/suspicious/noDoubleEquals: loose equality is the exact mixed comparison of number and bigint
    return isNumber(a) && isNumber(b) && a == b
  }
  charge(1)
  if (isArray(a) || isArray(b)) {
    if (!isArray(a) || !isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => equal(item, b[index] as Value))
  }
  if (a instanceof RegoSet || b instanceof RegoSet) {
    if (!(a instanceof RegoSet && b instanceof RegoSet) || a.size !== b.size) return false
    return a.values().every((item) => b.has(item))
  }
  if (sizeOf(a) !== sizeOf(b)) return false
  return keysOf(a).every((key) => {
    const other = get(b, key)
    return other !== undefined && equal(get(a, key) as Value, other)
  })
}

export function keyOf(value: Value): Key {
  if (typeof value === 'string') return value.startsWith('\0') ? `\0s${value}` : value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : normal(value)
  if (typeof value !== 'object' || value === null) return value
  return `\0${encode(value)}`
}

/** One text for one value, whatever order it was built in. Strings carry their length, so that none can pose as another. */
function encode(value: Value): string {
  charge(1)
  if (value === null) return 'n'
  switch (typeof value) {
    case 'boolean':
      return value ? 't' : 'f'
    case 'number':
    case 'bigint':
      return `#${formatNumber(value)};`
    case 'string':
      chargeText(value.length)
      return `"${value.length}:${value}`
    default:
  }
  if (isArray(value)) return `[${value.map(encode).join('')}]`
  if (value instanceof RegoSet || value instanceof RegoObject) {
    const text = value.encoded()
    // It is remembered, so its parts are not charged again; but what it becomes a part of holds it once more.
    allocateText(text.length)
    return text
  }
  return `{${keysOfPlain(value)
    .map((key) => encode(key) + encode(value[key] as Value))
    .sort()
    .join('')}}`
}
