/** Looks into JSON whose form nobody promised: a value of another type is an absent value. */

export type JsonObject = Readonly<Record<string, unknown>>

export function objectIn(record: JsonObject | null, key: string): JsonObject | null {
  return asObject(own(record, key))
}

export function asObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null
}

export function listIn(record: JsonObject | null, key: string): readonly unknown[] {
  const value = own(record, key)
  return Array.isArray(value) ? value : []
}

export function objectsIn(record: JsonObject | null, key: string): readonly JsonObject[] {
  return listIn(record, key).filter(isObject)
}

export function textIn(record: JsonObject | null, key: string): string | null {
  const value = own(record, key)
  return typeof value === 'string' ? value : null
}

export function booleanIn(record: JsonObject | null, key: string): boolean | null {
  const value = own(record, key)
  return typeof value === 'boolean' ? value : null
}

/** A whole number that is not negative; null for anything else. */
export function countIn(record: JsonObject | null, key: string): number | null {
  const value = own(record, key)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/**
 * Inherited members are not data: a transcript may well name a key `constructor`. All that objects inherit are functions,
 * which JSON does not have, and `__proto__`.
 */
function own(record: JsonObject | null, key: string): unknown {
  const value = record?.[key]
  if (typeof value !== 'function' && key !== '__proto__') return value
  return record !== null && Object.hasOwn(record, key) ? value : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Milliseconds since 1970, or RFC 3339 with its zone: without one it would mean another time on every machine. */
export function timeIn(record: JsonObject | null, key: string): string | null {
  const value = own(record, key)
  if (typeof value === 'string' && NORMAL_TIME.test(value)) return value
  const milliseconds =
    typeof value === 'number' ? value : typeof value === 'string' && hasZone(value) ? Date.parse(value) : Number.NaN
  return milliseconds >= 0 && milliseconds < END_OF_TIME ? new Date(milliseconds).toISOString() : null
}

/** As we write times ourselves, on a day that exists: nearly every record has one, and reading it anew costs much. */
const NORMAL_TIME =
  /^(?:19[7-9]|2\d\d)\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

function hasZone(text: string): boolean {
  return text.length < 50 && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text)
}

const END_OF_TIME = Date.parse('9999-12-31T23:59:59.999Z')
