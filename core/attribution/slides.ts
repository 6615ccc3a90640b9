/** Equal lines around an insertion or a removal: it may stand one place up or down without a difference. */
import type { Change } from './alignment.ts'
import { either, type Origin, unknownOrigin } from './origins.ts'
import type { StepFacts } from './step-facts.ts'

/**
 * Lines that were only put in, or only taken out, may stand one place up or down without a difference, where equal lines
 * surround them. All readings are laid over each other.
 */
export function doubtSlides(origins: Origin[], change: Change, changes: readonly Change[], facts: StepFacts): void {
  const { last, next } = facts
  const inserted = change.newEnd - change.newStart
  const removed = change.oldEnd - change.oldStart
  if (inserted > 0 && removed > 0) return
  const index = changes.indexOf(change)
  const room = {
    up: change.newStart - (changes[index - 1]?.newEnd ?? 0),
    down: (changes[index + 1]?.newStart ?? next.lines.length) - change.newEnd,
  }
  const lines = inserted > 0 ? next.lines : last.lines
  const [start, end] = inserted > 0 ? [change.newStart, change.newEnd] : [change.oldStart, change.oldEnd]
  let up = 0
  while (up < room.up && lines[start - 1 - up] === lines[end - 1 - up]) up += 1
  let down = 0
  while (down < room.down && lines[start + down] === lines[end + down]) down += 1
  if (up + down === 0) return
  if (inserted > 0) overlayInsertion(origins, change, { up, down }, facts)
  else overlayRemoval(origins, change, { up, down }, facts)
}

interface Slide {
  readonly up: number
  readonly down: number
}

function overlayInsertion(origins: Origin[], change: Change, { up, down }: Slide, { last }: StepFacts): void {
  const own = origins.slice(change.newStart, change.newEnd)
  const inserted = own.length
  const readings: (Origin | null)[] = new Array(up + inserted + down).fill(null)
  const lay = (at: number, origin: Origin): void => {
    const present = readings[at]
    readings[at] = present ? either(present, origin) : origin
  }
  for (let shift = -up; shift <= down; shift++) {
    for (let at = -up; at < inserted + down; at++) {
      if (at < shift) lay(at + up, last.origins[change.oldStart + at] ?? unknownOrigin)
      else if (at >= shift + inserted) lay(at + up, last.origins[change.oldStart + at - inserted] ?? unknownOrigin)
      else lay(at + up, own[((at % inserted) + inserted) % inserted] ?? unknownOrigin)
    }
  }
  for (const [offset, origin] of readings.entries()) {
    const place = change.newStart - up + offset
    if (origin) origins[place] = either(origins[place] ?? unknownOrigin, origin)
  }
}

function overlayRemoval(origins: Origin[], change: Change, { up, down }: Slide, { last }: StepFacts): void {
  const removed = change.oldEnd - change.oldStart
  for (let at = -up; at < down; at++) {
    const upper = last.origins[change.oldStart + at] ?? unknownOrigin
    const lower = last.origins[change.oldStart + at + removed] ?? unknownOrigin
    const place = change.newStart + at
    origins[place] = either(origins[place] ?? unknownOrigin, either(upper, lower))
  }
}
