/** Lists of lines as git-ai writes them: `1-4,9,12-14`. */

export interface Lines {
  readonly start: number
  readonly end: number
}

/** In order, and neighbours joined. */
export function writeLines(ranges: readonly Lines[]): string {
  const joined: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((left, right) => left.start - right.start)) {
    const last = joined.at(-1)
    if (last !== undefined && start <= last.end + 1) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined.map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`)).join(',')
}

/** null for what is no such list. */
export function readLines(text: string): readonly Lines[] | null {
  const ranges: Lines[] = []
  for (const part of text.split(',')) {
    const [, first, last] = /^([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?$/.exec(part) ?? []
    if (first === undefined) return null
    const start = Number(first)
    const end = last === undefined ? start : Number(last)
    if (end < start) return null
    ranges.push({ start, end })
  }
  return ranges
}
