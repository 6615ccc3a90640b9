/** Of which line a new one was made: one that was moved, put back, brought in by git, indented or changed. */

import { MAX_PAIRS } from './line-pairs.ts'
import { saysSomething, similarity, withoutSpace } from './lines.ts'
import { baseOrigin, changed, either, type Origin, rearrangedBy, unknownOrigin } from './origins.ts'
import { passingOf, type StepFacts, spacedMemoryOf, spacedOf } from './step-facts.ts'
import type { Version } from './version.ts'

/** A line that was moved, put back, or brought in by git keeps its origin; null where it is new. */
export function cameBack(line: string, facts: StepFacts): Origin | null {
  const { next, memories, oldCounts, newCounts, moved } = facts
  if (!saysSomething(line) || newCounts.get(line) !== 1) return null
  const origin = moved.get(line)
  // Moving what was committed long ago is an addition by whoever moved it, as git shows it.
  if (origin && oldCounts.get(line) === 1) return movedBy(next, line, origin)
  if (next.author.kind === 'agent' && next.author.by === 'edit') return null
  const remembered = memories.moved.get(line)
  if (remembered && remembered.class !== 'unknown') return remembered
  // It stood here before, whoever wrote it: it is put back, not typed.
  if (remembered && next.author.kind === 'person') return remembered
  const hasArrived = next.arrived?.has(line) === true
  const other = hasArrived || next.author.kind === 'unknown' ? memories.elsewhere.get(line) : undefined
  if (other && other.class !== 'base' && other.class !== 'unknown') return other
  // Seen in doubt, it stays in doubt, also where it comes out of the repository's history.
  return hasArrived ? (remembered ?? other ?? formattedElsewhere(line, facts) ?? baseOrigin) : null
}

/** A line that was put back, by an undo or by git, and got other white space before anybody looked. */
export function cameBackIndented(line: string, facts: StepFacts): Origin | null {
  const { next, memories, moved } = facts
  if (!saysSomething(line) || (next.author.kind === 'agent' && next.author.by === 'edit')) return null
  const before = spacedMemoryOf(line, facts)
  if (before === undefined || before === line || moved.has(before)) return null
  return changed(before, line, memories.moved.get(before) ?? unknownOrigin, next.author)
}

/** A line that git brought in with other white space: who formatted it there did not write it. */
function formattedElsewhere(line: string, facts: StepFacts): Origin | null {
  const before = spacedBefore(line, facts)
  return before === undefined ? null : (facts.moved.get(before) ?? null)
}

/** The only line that was taken away whose text, white space aside, is that of this one. */
function spacedBefore(line: string, facts: StepFacts): string | undefined {
  if (facts.moved.size === 0 || !saysSomething(line)) return undefined
  const { oldCounts, newCounts, moved } = spacedOf(facts)
  const text = withoutSpace(line)
  return oldCounts.get(text) === 1 && newCounts.get(text) === 1 ? moved.get(text) : undefined
}

/** A line that stands elsewhere now. What git brought in may as well have been moved by whoever made that. */
function movedBy({ author, arrived }: Version, line: string, origin: Origin): Origin {
  // A move that git may have undone is nobody's any more.
  if (origin.by === 'rearranging' && arrived?.has(line)) return unknownOrigin
  if (origin.class !== 'base' && !origin.orBase) return origin
  const isEdit = author.kind === 'agent' && author.by === 'edit'
  const mover = arrived?.has(line) && !isEdit ? unknownOrigin : rearrangedBy(author, line)
  return origin.class === 'base' ? mover : either(mover, origin)
}

/** A block that went into, or out of, another one: moved, and indented otherwise. null where the line is new. */
export function movedAndIndented(line: string, facts: StepFacts): Origin | null {
  const before = spacedBefore(line, facts)
  if (before === undefined) return null
  return changed(before, line, facts.moved.get(before) ?? unknownOrigin, facts.next.author)
}

/** A line that git brought in, and that then got other white space. */
export function indentedArrival(line: string, { brought, memories, next }: StepFacts): Origin | null {
  const before = saysSomething(line) ? brought.get(withoutSpace(line)) : undefined
  if (before === undefined || before === line) return null
  return changed(before, line, memories.moved.get(before) ?? unknownOrigin, next.author)
}

/** Of several equal lines, one that went away and one that came may be the same, moved. */
export function orMoved(line: string, fresh: Origin, { last, dropped }: StepFacts): Origin {
  const others = dropped.filter((at) => last.lines[at] === line).map((at) => last.origins[at] ?? unknownOrigin)
  return others.filter(({ class: name }) => name !== 'base').reduce(either, fresh)
}

/** Of a line that was made of the one at `from`. Where git brought in another one like it, it may be made of that. */
export function heirOf(from: number, line: string, facts: StepFacts): Origin {
  const { last, next } = facts
  const before = last.lines[from] ?? ''
  const heir = changed(before, line, last.origins[from] ?? unknownOrigin, next.author)
  if (withoutSpace(before) === withoutSpace(line)) return heir
  const passing = nearestOf(line, passingOf(facts), facts)
  return passing === null ? heir : either(heir, passing.heir)
}

/** From here on nobody takes two lines for different ones. */
const NEARLY_SAME = 0.75

/**
 * A line that was moved and changed in one step reads as a new one, and so does one that git brought in and that was
 * changed before anybody looked. Where the line that went away is nearly the same, it is that one; where it is only like
 * it, it is certain only as far as both readings agree.
 */
export function relativeOf(line: string, fresh: Origin, facts: StepFacts): Origin {
  const { last, next, dropped, newCounts } = facts
  if (fresh.class === 'unknown' || next.isSelection || !saysSomething(line)) return fresh
  const gone = dropped.filter((at) => !newCounts.has(last.lines[at] ?? ''))
  const moved = nearestOf(
    line,
    gone.map((at) => last.lines[at] ?? ''),
    facts,
  )
  const passing = nearestOf(line, passingOf(facts), facts)
  const nearest = passing !== null && passing.alike > (moved?.alike ?? 0) ? passing : moved
  if (nearest === null) return fresh
  return nearest.alike >= NEARLY_SAME ? nearest.heir : either(nearest.heir, fresh)
}

interface Relative {
  readonly alike: number
  /** The line, were it made of this one. */
  readonly heir: Origin
}

/** The most similar of the lines; null where none is, or there are too many to look. */
function nearestOf(line: string, others: readonly string[], facts: StepFacts): Relative | null {
  const { last, next, memories } = facts
  const fresh = next.lines.length - last.lines.length + facts.dropped.length
  if (others.length === 0 || others.length * fresh > MAX_PAIRS) return null
  let nearest: string | null = null
  let alike = 0
  for (const other of others) {
    const share = similarity(other, line)
    if (share > alike) {
      alike = share
      nearest = other
    }
  }
  if (nearest === null) return null
  const gone = facts.dropped.filter((at) => last.lines[at] === nearest).map((at) => last.origins[at] ?? unknownOrigin)
  const known = gone.length > 0 ? gone.reduce(either) : (memories.moved.get(nearest) ?? memories.elsewhere.get(nearest))
  return { alike, heir: changed(nearest, line, known ?? baseOrigin, next.author) }
}
