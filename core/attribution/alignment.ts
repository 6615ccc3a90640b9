/** Which lines of one version are lines of the next. */
import { diffArrays } from 'diff'
import { countTexts } from './lines.ts'

/** Lines `oldStart` to `oldEnd` became `newStart` to `newEnd` (0-based, half-open); all others stayed. */
export interface Change {
  readonly oldStart: number
  readonly oldEnd: number
  readonly newStart: number
  readonly newEnd: number
}

/** Myers' algorithm needs the square of this in steps; beyond, what lies between two anchors counts as rewritten. */
const MAX_EDITS = 1500
/** Lines put in and taken out of a file as a whole; most saves are far below. */
const MAX_EDITS_OF_A_FILE = 300

/**
 * Changes in order, never adjacent: as few as there can be. Where that are too many to look for, lines that occur once on
 * both sides hold the alignment, though a short one of them may have gone and another come.
 */
export function align(before: readonly string[], after: readonly string[]): readonly Change[] {
  const shared = Math.min(before.length, after.length)
  let head = 0
  while (head < shared && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < shared - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  const old = before.slice(head, before.length - tail)
  const next = after.slice(head, after.length - tail)

  const fewest = between(old, next, MAX_EDITS_OF_A_FILE)
  if (fewest !== null) return fewest.map((change) => move(change, head, head))

  const changes: Change[] = []
  let oldAt = 0
  let newAt = 0
  for (const [oldAnchor, newAnchor] of [...anchors(old, next), [old.length, next.length] as const]) {
    const [left, right] = [old.slice(oldAt, oldAnchor), next.slice(newAt, newAnchor)]
    for (const change of between(left, right, MAX_EDITS) ?? [whole(left, right)]) {
      push(changes, move(change, head + oldAt, head + newAt))
    }
    oldAt = oldAnchor + 1
    newAt = newAnchor + 1
  }
  return changes
}

function move(change: Change, old: number, next: number): Change {
  return {
    oldStart: change.oldStart + old,
    oldEnd: change.oldEnd + old,
    newStart: change.newStart + next,
    newEnd: change.newEnd + next,
  }
}

function push(changes: Change[], change: Change): void {
  const last = changes.at(-1)
  if (last && last.oldEnd === change.oldStart && last.newEnd === change.newStart) {
    changes[changes.length - 1] = { ...last, oldEnd: change.oldEnd, newEnd: change.newEnd }
  } else changes.push(change)
}

function whole(old: readonly string[], next: readonly string[]): Change {
  return { oldStart: 0, oldEnd: old.length, newStart: 0, newEnd: next.length }
}

/** null where there are more edits than `most`. */
function between(old: readonly string[], next: readonly string[], most: number): readonly Change[] | null {
  if (old.length === 0 && next.length === 0) return []
  if (old.length === 0 || next.length === 0) return [whole(old, next)]
  const parts = diffArrays([...old], [...next], { maxEditLength: most })
  if (parts === undefined) return null
  const changes: Change[] = []
  let oldAt = 0
  let newAt = 0
  for (const part of parts) {
    const oldEnd = oldAt + (part.added ? 0 : part.count)
    const newEnd = newAt + (part.removed ? 0 : part.count)
    if (part.added || part.removed) push(changes, { oldStart: oldAt, oldEnd, newStart: newAt, newEnd })
    oldAt = oldEnd
    newAt = newEnd
  }
  return changes
}

/** The longest run, in order on both sides, of lines that occur once on each. */
function anchors(old: readonly string[], next: readonly string[]): readonly (readonly [number, number])[] {
  const oldCounts = countTexts(old)
  const newCounts = countTexts(next)
  const places = new Map(next.map((line, index) => [line, index]))
  const pairs: (readonly [number, number])[] = []
  for (const [index, line] of old.entries()) {
    const place = places.get(line)
    if (place !== undefined && oldCounts.get(line) === 1 && newCounts.get(line) === 1) pairs.push([index, place])
  }
  return longestIncreasing(pairs)
}

/** Patience sorting by the second number; the first is in order already. */
function longestIncreasing(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const tops: number[] = []
  const previous: number[] = []
  for (const [index, [, value]] of pairs.entries()) {
    let low = 0
    let high = tops.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[tops[middle] ?? 0]?.[1] ?? 0) < value) low = middle + 1
      else high = middle
    }
    previous[index] = low > 0 ? (tops[low - 1] ?? -1) : -1
    tops[low] = index
  }
  const run: (readonly [number, number])[] = []
  for (let at = tops.at(-1) ?? -1; at !== -1; at = previous[at] ?? -1) {
    const pair = pairs[at]
    if (pair) run.push(pair)
  }
  return run.reverse()
}
