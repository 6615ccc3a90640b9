/** regex.globs_match: whether some text matches both of two simple patterns (characters, `.`, `[…]`, each with `*` or `+`). */
import { charge } from '../budget.ts'
import { refuseValue } from './builtin.ts'

type Range = readonly [from: number, to: number]

interface Piece {
  readonly ranges: readonly Range[]
  readonly mayRepeat: boolean
  readonly mayBeAbsent: boolean
}

const anything: readonly Range[] = [[0, 0x10ffff]]

function parse(pattern: string): readonly Piece[] {
  const characters = [...pattern]
  const pieces: Piece[] = []
  const invalid = (at: number, why: string): never =>
    refuseValue(`input:${pattern}, pos:${at}, ${why}: the input provided is invalid`)
  for (let at = 0; at < characters.length; at++) {
    let ranges: readonly Range[]
    const character = characters[at] as string
    if (character === '.') {
      ranges = anything
    } else if (character === '[') {
      const end = closing(characters, at)
      if (end < 0) invalid(at + 1, "set-open '[' with no following ']'")
      ranges = parseSet(characters.slice(at + 1, end))
      at = end
    } else if (character === ']') {
      ranges = invalid(at + 1, "set-close ']' with no preceding '['")
    } else if (character === '*' || character === '+') {
      ranges = invalid(at + 1, `flag '${character}' must be preceded by a character, '.' or a set`)
    } else {
      if (character === '\\') at += 1
      ranges = [single(characters[at] ?? '\\')]
    }
    const flag = characters[at + 1]
    const isRepeated = flag === '*' || flag === '+'
    if (isRepeated) at += 1
    pieces.push({ ranges, mayRepeat: isRepeated, mayBeAbsent: flag === '*' })
  }
  return pieces
}

function single(character: string): Range {
  const point = character.codePointAt(0) ?? 0
  return [point, point]
}

function closing(characters: readonly string[], open: number): number {
  for (let at = open + 1; at < characters.length; at++) {
    if (characters[at] === '\\') at += 1
    else if (characters[at] === ']') return at
  }
  return -1
}

function parseSet(characters: readonly string[]): Range[] {
  const ranges: Range[] = []
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] === '\\') at += 1
    const from = single(characters[at] ?? '\\')[0]
    if (characters[at + 1] === '-' && characters[at + 2] !== undefined) {
      ranges.push([from, single(characters[at + 2] as string)[0]])
      at += 2
    } else {
      ranges.push([from, from])
    }
  }
  return ranges
}

function overlap(a: Piece, b: Piece): boolean {
  return a.ranges.some(([from, to]) => b.ranges.some((other) => from <= other[1] && other[0] <= to))
}

/** Walks both patterns at once; a state is how far each has come, so there are only as many as their product. */
export function globsIntersect(left: string, right: string): boolean {
  const [a, b] = [parse(left), parse(right)]
  const seen = new Set<number>()
  const waiting: [number, number][] = [[0, 0]]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const [i, j] = state
    const key = i * (b.length + 1) + j
    if (seen.has(key)) continue
    seen.add(key)
    charge(1)
    if (i === a.length && j === b.length) return true
    const [x, y] = [a[i], b[j]]
    if (x?.mayBeAbsent) waiting.push([i + 1, j])
    if (y?.mayBeAbsent) waiting.push([i, j + 1])
    if (x === undefined || y === undefined || !overlap(x, y)) continue
    // One character that both accept; either may stay for more.
    for (const nextI of x.mayRepeat ? [i, i + 1] : [i + 1]) {
      for (const nextJ of y.mayRepeat ? [j, j + 1] : [j + 1]) waiting.push([nextI, nextJ])
    }
  }
  return false
}
