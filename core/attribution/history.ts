/**
 * Follows lines through the observed versions of a file: who put each line there.
 *
 * Whatever cannot be told for certain is `unknown`. Where two readings of a change are equally good (one of several
 * equal lines was added) and they name different authors, the line is `unknown`.
 */
import { align } from './alignment.ts'
import { countTexts, countWords, DISTINCTIVE_WORDS, saysSomething } from './lines.ts'
import { type Author, baseOrigin, type Origin, unknownOrigin } from './origins.ts'
import { step } from './step.ts'
import { type Followed, type History, type Memories, noMemories, type Version } from './version.ts'

/** `base` is the file in the commit's parent, empty where it did not exist. */
export function follow(
  base: readonly string[],
  versions: readonly Version[],
  memories: Memories = noMemories,
): History {
  const memory = new Map([...memories.moved].filter(([, origin]) => origin.class !== 'base'))
  const removals = new Map<string, Author>()
  const seen = new Map<string, Followed>()
  const followed: Followed[] = []
  let last: Followed = { lines: base, origins: originsOfBase(base, memories.elsewhere) }
  for (const version of versions) {
    const same = seen.get(version.id)
    const isRewritten = version.author.kind === 'agent' && version.author.by === 'edit'
    const origins =
      version.origins ?? (same && !isRewritten ? same.origins : step(last, version, { ...memories, moved: memory }))
    noteRemovals(removals, last.lines, version)
    last = { lines: version.lines, origins }
    remember(memory, last)
    seen.set(version.id, last)
    followed.push(last)
  }
  return { versions: followed, memory, removals }
}

/** What stood in the parent came to be before this work tree was looked at; in another one it may have been seen. */
function originsOfBase(base: readonly string[], elsewhere: Memories['elsewhere']): readonly Origin[] {
  if (elsewhere.size === 0) return base.map(() => baseOrigin)
  const counts = countTexts(base)
  return base.map((line) => {
    const seen = elsewhere.get(line)
    // Seen there and doubted, it stays in doubt: whoever moves or indents it here did not write it.
    return seen && counts.get(line) === 1 && countWords(line) >= DISTINCTIVE_WORDS ? seen : baseOrigin
  })
}

function remember(memory: Map<string, Origin>, { lines, origins }: Followed): void {
  const counts = countTexts(lines)
  for (const [index, line] of lines.entries()) {
    const origin = origins[index] ?? unknownOrigin
    if (counts.get(line) !== 1 || !saysSomething(line)) continue
    if (origin.class !== 'unknown' || !memory.has(line)) memory.set(line, origin)
  }
}

function noteRemovals(removals: Map<string, Author>, before: readonly string[], version: Version): void {
  const { author } = version
  // Of a command that took long only what it says is certain, and what it takes away it does not say.
  const isCertain = author.kind !== 'agent' || author.by === 'edit' || author.wrote === undefined
  for (const change of align(before, version.lines)) {
    for (const line of before.slice(change.oldStart, change.oldEnd))
      removals.set(line, isCertain ? author : { kind: 'unknown' })
  }
}
