/** Where another reading of a change is as good, and says otherwise. */
import type { Change } from './alignment.ts'
import {
  countWords,
  DISTINCTIVE_RUN,
  DISTINCTIVE_WORDS,
  isHardlyWrittenTwice,
  saysSomething,
  withoutSpace,
} from './lines.ts'
import { either, isWritten, type Origin, originOf, unknownOrigin } from './origins.ts'
import { range, type StepFacts } from './step-facts.ts'

/**
 * A kept line that touches a change, and that is not the only one of its text on both sides, may as well have been
 * written anew with the lines beside it: it is certain only where both readings agree.
 */
export function doubtNeighbours(origins: Origin[], changes: readonly Change[], facts: StepFacts): void {
  const { last, next, oldCounts, newCounts } = facts
  const isUnique = (line: string): boolean =>
    saysSomething(line) && oldCounts.get(line) === 1 && newCounts.get(line) === 1
  const edges = changes.filter((change) => !isReformat(change, last.lines, next.lines))
  for (const [index, change] of edges.entries()) {
    const from = edges[index - 1]?.newEnd ?? 0
    const to = edges[index + 1]?.newStart ?? next.lines.length
    // Little that was kept between two changes may have been taken away with the one, and typed again with the other.
    const isFeeble = (start: number, end: number): boolean =>
      !next.isSelection && !isHardlyWrittenTwice(next.lines.slice(start, end).filter(isUnique))
    const isHeldAbove = index === 0 || !isFeeble(from, change.newStart)
    const isHeldBelow = index === edges.length - 1 || !isFeeble(change.newEnd, to)
    const doubted: number[] = []
    let above = change.newStart - 1
    for (; above >= from && !(isHeldAbove && isUnique(next.lines[above] ?? '')); above--) doubted.push(above)
    let below = change.newEnd
    for (; below < to && !(isHeldBelow && isUnique(next.lines[below] ?? '')); below++) doubted.push(below)
    // Choosing lines to commit writes none: there only a run that nothing holds in place is in doubt.
    const isLoose = (at: number): boolean =>
      at < change.newStart ? above < from && index > 0 : below >= to && index < edges.length - 1
    const isExplained = next.lines.slice(change.newStart, change.newEnd).every((line) => isWritten(next.author, line))
    for (const at of doubted) {
      const line = next.lines[at] ?? ''
      if (isExplained && !isWritten(next.author, line)) continue
      // The only one of its text, it stands in the parent for git too.
      if (isUnique(line) && origins[at]?.class === 'base') continue
      if (!next.isSelection || isLoose(at))
        origins[at] = either(origins[at] ?? unknownOrigin, originOf(next.author, line))
    }
  }
}

/** Lines that correspond one to one and differ in white space alone. Brackets alone may as well be others. */
export function isReformat(change: Change, old: readonly string[], next: readonly string[]): boolean {
  const count = change.newEnd - change.newStart
  if (change.oldEnd - change.oldStart !== count) return false
  for (let at = 0; at < count; at++) {
    if (withoutSpace(old[change.oldStart + at] ?? '') !== withoutSpace(next[change.newStart + at] ?? '')) return false
  }
  return next.slice(change.newStart, change.newEnd).some(saysSomething)
}

/**
 * git brought lines in, and this text is among them, but stands in the file twice (both sides of a conflict were kept) or
 * says too little to be told by: it is git's or the author's. A bracket goes with the lines that came with it.
 */
export function doubtArrived(
  origins: Origin[],
  change: Change,
  returned: readonly (Origin | null)[],
  { next, brought }: StepFacts,
): void {
  if (brought.size === 0) return
  const open: number[] = []
  for (const [offset, known] of returned.entries()) {
    const at = change.newStart + offset
    if (known === null && next.arrived?.has(next.lines[at] ?? '')) open.push(at)
  }
  for (const at of open) if (saysSomething(next.lines[at] ?? '')) origins[at] = unknownOrigin
  const speaking = range(change.newStart, change.newEnd).filter((at) => saysSomething(next.lines[at] ?? ''))
  const [first = unknownOrigin, ...others] = speaking.map((at) => origins[at] ?? unknownOrigin)
  const isOne = others.every(({ class: name, session }) => name === first.class && session === first.session)
  for (const at of open) if (!saysSomething(next.lines[at] ?? '')) origins[at] = isOne ? first : unknownOrigin
}

/**
 * `return result` that went away and stands there again was put back, or typed by somebody else: certain only where both
 * are the same, or where it came back among lines that nobody writes twice. Gives the lines that are certain.
 */
export function doubtChance(
  origins: Origin[],
  change: Change,
  returned: readonly (Origin | null)[],
  { next }: StepFacts,
): readonly (Origin | null)[] {
  const certain = [...returned]
  // Choosing lines types none.
  if (next.isSelection) return certain
  for (let start = 0; start < returned.length; ) {
    const first = returned[start] ?? null
    if (first === null) {
      start += 1
      continue
    }
    let end = start
    let words = 0
    let most = 0
    for (let at = start; at < returned.length; at++) {
      const line = next.lines[change.newStart + at] ?? ''
      const known = returned[at] ?? null
      if (known === null && saysSomething(line)) break
      if (known === null) continue
      if (known.class !== first.class || known.session !== first.session) break
      words += countWords(line)
      most = Math.max(most, countWords(line))
      end = at
    }
    if (most < DISTINCTIVE_WORDS && words < DISTINCTIVE_RUN) {
      for (let at = start; at <= end; at++) {
        const known = returned[at]
        const place = change.newStart + at
        if (!known || (!next.isGuessed && next.arrived?.has(next.lines[place] ?? ''))) continue
        origins[place] = either(known, originOf(next.author, next.lines[place] ?? ''))
        certain[at] = null
      }
    }
    start = end + 1
  }
  return certain
}
