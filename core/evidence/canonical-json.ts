/**
 * Canonical JSON (RFC 8785, JCS): one value, one text. Used for ids and for what we sign ourselves; verification never
 * relies on it, since DSSE signs bytes.
 */

/** Throws a TypeError for what JSON cannot say (undefined, functions, NaN, lone surrogates), since that is a mistake of ours. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`)
    // ECMAScript's own number formatting is what RFC 8785 section 3.2.2.3 prescribes; -0 becomes 0.
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a lone surrogate has no UTF-8 form')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    // Sorting by UTF-16 code units is both JavaScript's default and RFC 8785 section 3.2.3.
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
      .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  throw new TypeError(`${typeof value} is no JSON value`)
}
