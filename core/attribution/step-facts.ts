/** What is known of one change as a whole, for judging each of its lines. */

import { countTexts, saysSomething, withoutSpace } from './lines.ts'
import type { Origin } from './origins.ts'
import type { Followed, Memories, Version } from './version.ts'

export interface StepFacts {
  readonly last: Followed
  readonly next: Version
  readonly memories: Memories
  readonly oldCounts: ReadonlyMap<string, number>
  readonly newCounts: ReadonlyMap<string, number>
  /** Texts that were taken away in this step, with their origin. */
  readonly moved: Map<string, Origin>
  /** The same by their text without white space; made on demand. */
  spaced: Spaced | null
  /** Texts that are remembered, by their text without white space; made on demand. */
  spacedMemory: ReadonlyMap<string, string> | null
  /** Places in `last` of all lines that were taken away in this step. */
  readonly dropped: readonly number[]
  /** What git brought in meanwhile: text without white space -> text. Empty where the author cannot have met it. */
  readonly brought: ReadonlyMap<string, string>
  /** Of that what stands on neither side: it was taken away again, or changed, before anybody looked. Made on demand. */
  passing: readonly string[] | null
}

export function broughtBy({ author, arrived }: Version): ReadonlyMap<string, string> {
  if (!arrived || (author.kind === 'agent' && author.by === 'edit')) return new Map()
  return new Map([...arrived].map((line) => [withoutSpace(line), line]))
}

interface Spaced {
  readonly oldCounts: ReadonlyMap<string, number>
  readonly newCounts: ReadonlyMap<string, number>
  /** Text without white space -> the line that was taken away. */
  readonly moved: ReadonlyMap<string, string>
}

export function spacedOf(facts: StepFacts): Spaced {
  facts.spaced ??= {
    oldCounts: countTexts(facts.last.lines.map(withoutSpace)),
    newCounts: countTexts(facts.next.lines.map(withoutSpace)),
    moved: new Map([...facts.moved.keys()].map((line) => [withoutSpace(line), line])),
  }
  return facts.spaced
}

export function passingOf(facts: StepFacts): readonly string[] {
  const { brought, oldCounts, newCounts } = facts
  facts.passing ??= [...brought.values()].filter(
    (line) => saysSomething(line) && !oldCounts.has(line) && !newCounts.has(line),
  )
  return facts.passing
}

/** A line that stood here before, with other white space; undefined where there is none, or more than one like it now. */
export function spacedMemoryOf(line: string, facts: StepFacts): string | undefined {
  facts.spacedMemory ??= new Map([...facts.memories.moved.keys()].map((text) => [withoutSpace(text), text]))
  const text = withoutSpace(line)
  const remembered = facts.spacedMemory.get(text)
  return remembered !== undefined && spacedOf(facts).newCounts.get(text) === 1 ? remembered : undefined
}

export function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset)
}
