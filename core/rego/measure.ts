/** The size of a document that comes from outside, measured before anything recurses into it. */
import { exceeded } from './budget.ts'

/** Nesting that the recursive comparisons and encodings can follow on every platform's stack. */
const MAX_DEPTH = 500

/** Throws `budget_exceeded` when the document is larger than `limit` characters of JSON, or nested too deeply. */
export function measure(name: string, document: unknown, limit: number): void {
  let room = limit
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH) throw exceeded(`${name} is nested more than ${MAX_DEPTH} deep`)
    if (typeof value === 'string') room -= value.length + 2
    else if (typeof value !== 'object' || value === null) room -= 4
    else if (Array.isArray(value)) {
      room -= value.length + 2
      if (room >= 0) for (const item of value) visit(item, depth + 1)
    } else {
      room -= 2
      for (const key in value) {
        room -= key.length + 4
        if (room < 0) break
        visit((value as Readonly<Record<string, unknown>>)[key], depth + 1)
      }
    }
    if (room < 0) throw exceeded(`${name} is larger than ${limit} characters`)
  }
  visit(document, 0)
}
