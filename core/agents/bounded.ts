/** Keeps what a transcript carries to a size that can be stored, signed and read; what is left out is said in its place. */

/** Longer texts are the output of commands and whole files; both ends tell what happened. */
export const MAX_TEXT_LENGTH = 65_536

/** Tool inputs are flat; deeper ones are somebody's test of our stack. */
const MAX_DEPTH = 12

/** Members of one object or array: enough for every real tool input. */
const MAX_MEMBERS = 2_000

/**
 * Cuts in the middle, and repairs what JSON, SQL or UTF-8 could not carry: lone surrogates and NUL become U+FFFD.
 * `limit` counts UTF-16 units.
 */
export function boundedText(text: string, limit = MAX_TEXT_LENGTH): string {
  if (text.length <= limit) return wellFormed(text)
  const half = Math.floor(limit / 2)
  const left = text.length - 2 * half
  return wellFormed(`${text.slice(0, half)}\n… ${left} characters left out …\n${text.slice(text.length - half)}`)
}

function wellFormed(text: string): string {
  const repaired = text.isWellFormed() ? text : text.toWellFormed()
  return repaired.includes('\0') ? repaired.replaceAll('\0', '\uFFFD') : repaired
}

/**
 * A copy of a JSON value, bounded in depth and width, every text through `clean`. The key `__proto__` is written with
 * brackets: readers that build plain objects would lose it.
 */
export function boundedValue(value: unknown, clean: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return clean(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object') return null
  if (depth >= MAX_DEPTH) return '… deeper levels left out …'
  if (Array.isArray(value)) {
    const members = value.slice(0, MAX_MEMBERS).map((member) => boundedValue(member, clean, depth + 1))
    return value.length > MAX_MEMBERS ? [...members, `… ${value.length - MAX_MEMBERS} members left out …`] : members
  }
  return boundedObject(value, clean, depth)
}

export function boundedObject(value: object, clean: (text: string) => string, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  let left = MAX_MEMBERS
  for (const [key, member] of Object.entries(value)) {
    if (left-- <= 0) continue
    const name = boundedText(key, 256)
    copy[name === '__proto__' ? '[__proto__]' : name] = boundedValue(member, clean, depth + 1)
  }
  if (left < 0) copy['…'] = `${-left} members left out`
  return copy
}
