/** What this version does not know: kept as far as its size allows, and always counted. */
import { boundedValue } from './bounded.ts'
import type { JsonObject } from './json-value.ts'
import type { Draft, Reading } from './reading.ts'

/** A record larger than this is somebody's content and not the shape of a new record, which is what we keep it for. */
const MAX_RECORD_LENGTH = 8_192

/** Examples of one type; more of them tell nothing new. */
const MAX_EXAMPLES = 50

export function unrecognised(type: string, record: JsonObject, reading: Reading): readonly Draft[] {
  const name = nameOf(reading.clean(type))
  const seen = (reading.unrecognised.get(name) ?? 0) + 1
  reading.unrecognised.set(name, seen)
  if (seen > MAX_EXAMPLES) return []
  return [{ event: { kind: 'unrecognised', type: name, record: bounded(record, reading) } }]
}

/** `__proto__` as the key of an object would name its prototype, and be lost in every copy. */
function nameOf(type: string): string {
  const name = type.slice(0, 100).toWellFormed()
  return name === '__proto__' ? '(__proto__)' : name
}

function bounded(record: JsonObject, reading: Reading): unknown {
  const copy = boundedValue(record, reading.clean)
  const length = JSON.stringify(copy).length
  if (length <= MAX_RECORD_LENGTH) return copy
  return {
    note: `… ${length} characters left out …`,
    keys: Object.keys(record)
      .slice(0, 50)
      .map((key) => reading.clean(key).slice(0, 100).toWellFormed()),
  }
}
