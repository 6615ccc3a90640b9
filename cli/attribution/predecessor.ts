/** Which file another one was before it was renamed, as far as observed states tell. */
import { countTexts, saysSomething, withoutSpace } from '#core/attribution/lines.ts'
import type { Gap } from './gap-author.ts'
import type { Place } from './question.ts'
import type { State } from './states.ts'

/** Share of the lines of either file that both must have for the one to be the other. */
const SAME_FILE = 0.5
/** Above this share the one may have been made of the other all the same, and then changed at once. */
const LIKE_FILE = 0.2

/** A file before and after a gap. */
export interface Contents {
  readonly previous: readonly string[]
  readonly next: readonly string[]
}

export interface Predecessor {
  readonly path: string
  /** Up to the last one in which it was seen. */
  readonly states: readonly State[]
  /**
   * false: the other file is there later, and nobody looked meanwhile, so that it was copied, or renamed and brought back;
   * or it went, and little of it is left. Its lines are certain only where they are the author's of this step anyway.
   */
  readonly isCertain: boolean
}

/**
 * The file that took this one's place within the gap, as it was last seen; null where none did. It went away itself, or
 * was replaced in turn, and is more like the new content than what stood here before.
 */
export function predecessorIn(
  gap: Gap,
  { previous, next }: Contents,
  { question, evidence, root }: Place,
): Predecessor | null {
  let best: Predecessor | null = null
  const present = likeness(previous, next)
  let most = Math.max(present, LIKE_FILE)
  for (const [path, states] of evidence.states.get(root) ?? []) {
    if (path === gap.path) continue
    for (const [at, from] of states.entries()) {
      const then = states[at + 1]
      if (from.milliseconds >= gap.end) break
      // What another file took the place of within the gap went away all the same.
      if (from.blob === null || (then && then.milliseconds <= gap.start)) continue
      const lines = evidence.lines(from.blob) ?? []
      const isGone = then !== undefined && likeness(lines, evidence.lines(then.blob) ?? []) < SAME_FILE
      const isUnseen = then === undefined || then.milliseconds > gap.end
      const share = likeness(lines, next)
      // What git takes for the same file is it, however little is left of it.
      const isKnown = path === question.diff.previousPath
      const isCertain = isGone && (isKnown || share > SAME_FILE)
      if (!isCertain && (previous.length > 0 || !(isGone || isUnseen))) continue
      if (share <= (isKnown ? present : most) || (best?.isCertain && !isCertain)) continue
      best = { path, states: states.slice(0, at + 1), isCertain }
      most = share
    }
  }
  return best
}

/** Share of the lines that say something which two contents have in common, white space aside. */
function likeness(left: readonly string[], right: readonly string[]): number {
  const [old, fresh] = [left, right].map((lines) => lines.filter(saysSomething).map(withoutSpace))
  if (!old || !fresh || old.length === 0 || fresh.length === 0) return 0
  const counts = new Map(countTexts(old))
  let shared = 0
  for (const line of fresh) {
    const count = counts.get(line) ?? 0
    if (count === 0) continue
    shared += 1
    counts.set(line, count - 1)
  }
  return shared / Math.max(old.length, fresh.length)
}
