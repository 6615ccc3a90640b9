/** Lines of text as attribution compares them. */

/** Each line with its terminator; a last line without one stays without. git knows `\n` only, so that `\r` is content. */
export function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const ended = lines.map((line) => `${line}\n`)
  return last === '' ? ended : [...ended, last]
}

/** Without its terminator, in either convention. */
export function bare(line: string): string {
  return line.replace(/\r?\n$/, '')
}

export function withoutSpace(line: string): string {
  return line.replace(/\s+/g, '')
}

/** Blank lines, brackets and the like stand in every file: where one comes from cannot be told by its text. */
export function saysSomething(line: string): boolean {
  return /[\p{L}\p{N}_]/u.test(line)
}

/** How often each text occurs. */
export function countTexts(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** Share of words that two lines have in common must exceed this for one to be a change of the other. */
const SIMILAR_WORDS = 0.5
/** A line with too few words to compare is a change of the other where its beginning and end are this share of it. */
const SIMILAR_ENDS = 0.7

/** Whether one line reads as an edit of the other, from 0 (no) to 1 (but for white space the same). */
export function similarity(left: string, right: string): number {
  if (withoutSpace(left) === withoutSpace(right)) return 1
  const words = sharedWords(wordsOf(left), wordsOf(right))
  if (words > SIMILAR_WORDS) return words
  const ends = sharedEnds(left.trim(), right.trim())
  return ends >= SIMILAR_ENDS ? ends : 0
}

/** A line of so many words is hardly written twice by two people. */
export const DISTINCTIVE_WORDS = 5

/** Nor are lines of so many words together, one below the other, written twice. */
export const DISTINCTIVE_RUN = 8

/** Whether one of the lines, or all of them together, are no chance. */
export function isHardlyWrittenTwice(lines: readonly string[]): boolean {
  const words = lines.map(countWords)
  return Math.max(0, ...words) >= DISTINCTIVE_WORDS || words.reduce((sum, count) => sum + count, 0) >= DISTINCTIVE_RUN
}

export function countWords(line: string): number {
  return wordsOf(line).length
}

function wordsOf(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_]+/gu) ?? []
}

/** Dice's coefficient over words with their repetitions. */
function sharedWords(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return 0
  const rest = new Map(countTexts(left))
  let shared = 0
  for (const word of right) {
    const count = rest.get(word) ?? 0
    if (count === 0) continue
    shared += 1
    rest.set(word, count - 1)
  }
  return (2 * shared) / (left.length + right.length)
}

function sharedEnds(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length)
  let start = 0
  while (start < shorter && left[start] === right[start]) start += 1
  let end = 0
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1
  return (start + end) / Math.max(left.length, right.length, 1)
}
