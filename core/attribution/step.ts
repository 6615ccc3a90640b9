/** One observed change of a file: from the origins of its lines before to those after. */
import { align, type Change } from './alignment.ts'
import {
  cameBack,
  cameBackIndented,
  heirOf,
  indentedArrival,
  movedAndIndented,
  orMoved,
  relativeOf,
} from './descent.ts'
import { doubtArrived, doubtChance, doubtNeighbours, isReformat } from './doubts.ts'
import { pairLines } from './line-pairs.ts'
import { countTexts, saysSomething, withoutSpace } from './lines.ts'
import { either, type Origin, originBy, originOf, unknownOrigin } from './origins.ts'
import { doubtSlides } from './slides.ts'
import { broughtBy, range, type StepFacts } from './step-facts.ts'
import type { Followed, Memories, Version } from './version.ts'

/** Origins of the lines of `next`, which `next.author` made out of `last`. */
export function step(last: Followed, next: Version, memories: Memories): readonly Origin[] {
  const changes = align(last.lines, next.lines)
  const origins: Origin[] = new Array(next.lines.length).fill(originBy(next.author))
  const facts: StepFacts = {
    last,
    next,
    memories,
    oldCounts: countTexts(last.lines),
    newCounts: countTexts(next.lines),
    moved: new Map(),
    spaced: null,
    spacedMemory: null,
    dropped: changes.flatMap(({ oldStart, oldEnd }) => range(oldStart, oldEnd)),
    brought: broughtBy(next),
    passing: null,
  }
  copyKept(origins, last, next.lines.length, changes)
  doubtNeighbours(origins, changes, facts)
  for (const change of changes) noteMoved(facts, change)
  for (const change of changes) {
    settle(origins, change, facts)
    doubtSlides(origins, change, changes, facts)
  }
  return origins
}

function copyKept(origins: Origin[], last: Followed, length: number, changes: readonly Change[]): void {
  let oldAt = 0
  let newAt = 0
  for (const change of [...changes, { oldStart: last.lines.length, oldEnd: 0, newStart: length, newEnd: 0 }]) {
    for (; newAt < change.newStart; newAt++, oldAt++) origins[newAt] = last.origins[oldAt] ?? unknownOrigin
    oldAt = change.oldEnd
    newAt = change.newEnd
  }
}

function noteMoved({ last, moved }: StepFacts, change: Change): void {
  for (let at = change.oldStart; at < change.oldEnd; at++) {
    const line = last.lines[at] ?? ''
    if (saysSomething(line)) moved.set(line, last.origins[at] ?? unknownOrigin)
  }
}

/** Decides the lines that the change put there. */
function settle(origins: Origin[], change: Change, facts: StepFacts): void {
  const { next, last } = facts
  const pairs = pairLines(
    last.lines.slice(change.oldStart, change.oldEnd),
    next.lines.slice(change.newStart, change.newEnd),
  )
  const isWhole = isReformat(change, last.lines, next.lines)
  const returned: (Origin | null)[] = []
  const spaced: (Origin | null)[] = []
  for (let at = change.newStart; at < change.newEnd; at++) {
    const line = next.lines[at] ?? ''
    const pair = pairs.get(at - change.newStart)
    const known = cameBack(line, facts)
    const fresh = orMoved(line, originOf(next.author, line), facts)
    const heir = pair === undefined ? null : heirOf(change.oldStart + pair, line, facts)
    const isSpaced = pair !== undefined && withoutSpace(last.lines[change.oldStart + pair] ?? '') === withoutSpace(line)
    returned.push(known)
    spaced.push(isSpaced && saysSomething(line) ? heir : null)
    origins[at] =
      known ??
      indentedArrival(line, facts) ??
      (isSpaced ? null : cameBackIndented(line, facts)) ??
      // A bracket with other white space may as well be another one, but where all around it was formatted too.
      (heir && isSpaced && !isWhole && !saysSomething(line) ? either(heir, fresh) : heir) ??
      movedAndIndented(line, facts) ??
      relativeOf(line, fresh, facts)
  }
  doubtArrived(origins, change, returned, facts)
  const certain = doubtChance(origins, change, returned, facts)
  const kept = certain.map((known, offset) => known ?? spaced[offset] ?? null)
  fillBetween(origins, change, kept, next.lines)
}

/** Blank lines and brackets between lines that came back together came back with them. */
function fillBetween(
  origins: Origin[],
  change: Change,
  returned: readonly (Origin | null)[],
  lines: readonly string[],
): void {
  for (const [offset, known] of returned.entries()) {
    const at = change.newStart + offset
    if (known !== null || saysSomething(lines[at] ?? '')) continue
    const above = nearest(returned, lines, change, offset, -1)
    const below = nearest(returned, lines, change, offset, 1)
    if (above && below && above.class === below.class && above.session === below.session) origins[at] = above
  }
}

export function nearest(
  returned: readonly (Origin | null)[],
  lines: readonly string[],
  change: Change,
  offset: number,
  direction: 1 | -1,
): Origin | null {
  for (let at = offset + direction; at >= 0 && at < returned.length; at += direction) {
    if (saysSomething(lines[change.newStart + at] ?? '')) return returned[at] ?? null
  }
  return null
}
