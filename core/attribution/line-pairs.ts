/** Which new lines are changes of which old ones. */
import { similarity } from './lines.ts'

/** Comparing each with each stays cheap up to this many pairs; beyond, lines correspond by position or not at all. */
export const MAX_PAIRS = 40_000

/** New line -> old line of which it is a change, in order on both sides. */
export function pairLines(old: readonly string[], next: readonly string[]): ReadonlyMap<number, number> {
  if (old.length === 0 || next.length === 0) return new Map()
  if (old.length * next.length > MAX_PAIRS) return pairByPosition(old, next)
  // Longest common subsequence, weighted with similarity.
  const width = next.length + 1
  const scores = new Float64Array((old.length + 1) * width)
  const weights = new Float64Array(old.length * next.length)
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = next.length - 1; column >= 0; column--) {
      const weight = similarity(old[row] ?? '', next[column] ?? '')
      weights[row * next.length + column] = weight
      const matched = weight === 0 ? 0 : weight + (scores[(row + 1) * width + column + 1] ?? 0)
      scores[row * width + column] = Math.max(
        matched,
        scores[(row + 1) * width + column] ?? 0,
        scores[row * width + column + 1] ?? 0,
      )
    }
  }
  const pairs = new Map<number, number>()
  for (let row = 0, column = 0; row < old.length && column < next.length; ) {
    const score = scores[row * width + column] ?? 0
    const weight = weights[row * next.length + column] ?? 0
    if (weight > 0 && score === weight + (scores[(row + 1) * width + column + 1] ?? 0)) pairs.set(column++, row++)
    else if (score === (scores[(row + 1) * width + column] ?? 0)) row += 1
    else column += 1
  }
  return pairs
}

function pairByPosition(old: readonly string[], next: readonly string[]): ReadonlyMap<number, number> {
  if (old.length !== next.length) return new Map()
  return new Map(
    next
      .map((line, index) => [index, similarity(old[index] ?? '', line)] as const)
      .filter(([, alike]) => alike > 0)
      .map(([index]) => [index, index]),
  )
}
