/** Strings. Positions and lengths count code points, as Go's runes do. */
import { allocateText, charge } from '../budget.ts'
import { isInteger, toBigInt } from '../number.ts'
import { entriesOf, isArray, isSet, typeName, type Value } from '../value.ts'
import { type Builtin, define, elements, integer, number, object, refuseType, refuseValue, text } from './builtin.ts'

/** Texts of an array or a set. */
function texts(value: Value, position: number): readonly string[] {
  const kind = isSet(value) ? 'set' : 'array'
  return elements(value, position).map((item) =>
    typeof item === 'string'
      ? item
      : refuseType(`operand ${position} must be ${kind} of strings but got ${kind} containing ${typeName(item)}`),
  )
}

function concat(delimiter: Value, collection: Value): Value {
  const parts = texts(collection, 2)
  const between = text(delimiter, 1)
  allocateText(parts.reduce((sum, part) => sum + part.length + between.length, 0))
  return parts.join(between)
}

const bases: ReadonlySet<unknown> = new Set([2, 8, 10, 16])

function formatInteger(value: Value, base: Value): Value {
  const numeric = number(value, 1)
  if (!bases.has(base)) refuseType('operand 2 must be one of {2, 8, 10, 16}')
  const truncated = isInteger(numeric) ? toBigInt(numeric) : BigInt(Math.trunc(Number(numeric)))
  return (truncated ?? 0n).toString(base as number)
}

/** Index in code points of every place where `search` begins, without overlap being excluded. */
function positions(within: string, search: string, limit: number): number[] {
  const found: number[] = []
  let counted = 0
  let from = 0
  for (let at = within.indexOf(search); at >= 0 && found.length < limit; at = within.indexOf(search, at + 1)) {
    counted += [...within.slice(from, at)].length
    from = at
    found.push(counted)
  }
  return found
}

function searchTerm(search: Value): string {
  const wanted = text(search, 2)
  return wanted === '' ? refuseValue('empty search character') : wanted
}

function substring(value: Value, offset: Value, length: Value): Value {
  const points = [...text(value, 1)]
  const from = integer(offset, 2)
  const count = integer(length, 3)
  if (from < 0) refuseValue('negative offset')
  return points.slice(from, count < 0 ? undefined : from + count).join('')
}

function trimBy(value: string, cutset: string, sides: { left: boolean; right: boolean }): string {
  const cut = new Set(cutset)
  const points = [...value]
  let from = 0
  let to = points.length
  while (sides.left && from < to && cut.has(points[from] as string)) from += 1
  while (sides.right && to > from && cut.has(points[to - 1] as string)) to -= 1
  return points.slice(from, to).join('')
}

/** White space as Go's unicode.IsSpace. */
const space = '\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const leadingSpace = new RegExp(`^[${space}]+`)

function trimSpace(value: string): string {
  const left = value.replace(leadingSpace, '')
  let end = left.length
  while (end > 0 && new RegExp(`[${space}]`).test(left[end - 1] as string)) end -= 1
  return left.slice(0, end)
}

function replaceAll(value: string, old: string, by: string): string {
  if (old === '') {
    const points = [...value]
    allocateText(points.length * (by.length + 1))
    return `${by}${points.map((point) => point + by).join('')}`
  }
  const parts = value.split(old)
  allocateText(value.length + parts.length * by.length)
  return parts.join(by)
}

/** All patterns at once, at each place the first in order that fits. */
function replaceMany(patterns: Value, value: Value): Value {
  const pairs: (readonly [string, string])[] = []
  for (const [key, by] of entriesOf(object(patterns, 1))) {
    if (typeof key !== 'string') return refuseType('operand 1 non-string key found in pattern object')
    if (typeof by !== 'string') return refuseType('operand 1 non-string value found in pattern object')
    pairs.push([key, by])
  }
  const source = text(value, 2)
  let result = ''
  for (let at = 0; at < source.length; ) {
    charge(pairs.length)
    const pair = pairs.find(([old]) => old !== '' && source.startsWith(old, at))
    const piece = pair === undefined ? String.fromCodePoint(source.codePointAt(at) ?? 0) : pair[1]
    allocateText(piece.length)
    result += piece
    at += pair === undefined ? piece.length : pair[0].length
  }
  return result
}

function split(value: string, delimiter: string): string[] {
  return delimiter === '' ? [...value] : value.split(delimiter)
}

function anyMatch(name: string, matches: (value: string, affix: string) => boolean): Builtin {
  const list = (value: Value, position: number): readonly string[] => {
    if (typeof value === 'string') return [value]
    if (!isArray(value) && !isSet(value)) {
      refuseType(`operand ${position} must be one of {string, set, array} but got ${typeName(value)}`)
    }
    return texts(value, position)
  }
  return define(name, 2, (search, base) => {
    const affixes = list(base, 2)
    return list(search, 1).some((value) => {
      charge(affixes.length)
      return affixes.some((affix) => matches(value, affix))
    })
  })
}

function countOf(value: string, search: string): number {
  return search === '' ? [...value].length + 1 : value.split(search).length - 1
}

export const strings: readonly Builtin[] = [
  define('concat', 2, concat),
  define('contains', 2, (value, search) => text(value, 1).includes(text(search, 2))),
  define('startswith', 2, (value, search) => text(value, 1).startsWith(text(search, 2))),
  define('endswith', 2, (value, search) => text(value, 1).endsWith(text(search, 2))),
  define('format_int', 2, formatInteger),
  define('indexof', 2, (value, search) => positions(text(value, 1), searchTerm(search), 1)[0] ?? -1),
  define('indexof_n', 2, (value, search) => positions(text(value, 1), searchTerm(search), Number.POSITIVE_INFINITY)),
  define('lower', 1, (value) => text(value, 1).toLowerCase()),
  define('upper', 1, (value) => text(value, 1).toUpperCase()),
  define('replace', 3, (value, old, by) => replaceAll(text(value, 1), text(old, 2), text(by, 3))),
  define('split', 2, (value, delimiter) => split(text(value, 1), text(delimiter, 2))),
  define('substring', 3, substring),
  define('trim', 2, (value, cutset) => trimBy(text(value, 1), text(cutset, 2), { left: true, right: true })),
  define('trim_left', 2, (value, cutset) => trimBy(text(value, 1), text(cutset, 2), { left: true, right: false })),
  define('trim_right', 2, (value, cutset) => trimBy(text(value, 1), text(cutset, 2), { left: false, right: true })),
  define('trim_prefix', 2, (value, prefix) => {
    const [whole, start] = [text(value, 1), text(prefix, 2)]
    return whole.startsWith(start) ? whole.slice(start.length) : whole
  }),
  define('trim_suffix', 2, (value, suffix) => {
    const [whole, end] = [text(value, 1), text(suffix, 2)]
    return whole.endsWith(end) ? whole.slice(0, whole.length - end.length) : whole
  }),
  define('trim_space', 1, (value) => trimSpace(text(value, 1))),
  define('strings.reverse', 1, (value) => [...text(value, 1)].reverse().join('')),
  define('strings.count', 2, (value, search) => countOf(text(value, 1), text(search, 2))),
  define('strings.replace_n', 2, replaceMany),
  anyMatch('strings.any_prefix_match', (value, prefix) => value.startsWith(prefix)),
  anyMatch('strings.any_suffix_match', (value, suffix) => value.endsWith(suffix)),
]
