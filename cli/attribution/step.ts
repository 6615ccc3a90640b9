/** What else is known of the step from one observed state to the next: how sure its author is, and what git brought in. */
import { isHardlyWrittenTwice } from '#core/attribution/lines.ts'
import type { Version } from '#core/attribution/version.ts'
import type { Gap, GapAuthor } from './gap-author.ts'
import type { Contents } from './predecessor.ts'
import type { Place } from './question.ts'

/** A squash merge brings lines of others without a trace in HEAD's log; the commit-msg hook saw it. */
export function settled(
  author: GapAuthor,
  gap: { readonly start: number; readonly end: number; readonly root: string },
  { evidence }: Place,
): Version['author'] {
  if (author.kind === 'agent') {
    const { told, isLong, callId, ...agent } = author
    // What is not in the transcript (yet) the hook's own payload tells. A command tells little of what it writes, and so
    // does an edit that changed nothing by itself: it is held against them only where the call took so long (or waited so
    // long for leave) that a person can have been at work.
    const texts = agent.by === 'edit' ? evidence.texts.get(`${agent.session}\0${callId}`) : undefined
    if (texts) return { ...agent, ...texts }
    if (isLong) return { ...agent, wrote: told ?? new Set<string>() }
    return agent.by === 'edit' && told ? { ...agent, wrote: told } : agent
  }
  if (author.kind !== 'person') return author
  const isForeign = evidence.observations.commits.some(
    ({ origin, root, milliseconds }) =>
      origin !== 'commit' &&
      origin !== 'rebase' &&
      evidence.canonical(root) === gap.root &&
      milliseconds > gap.start &&
      milliseconds <= gap.end,
  )
  return isForeign ? { kind: 'unknown' } : author
}

/**
 * Lines that git brought in within the gap: of HEAD's content after each of its moves (git keeps whole seconds: the first
 * is counted in), and of HEAD's content where the file was put back to it, as stash, restore and reset do without a trace.
 */
export function arrivedIn(
  gap: Gap,
  contents: Contents,
  { question, evidence }: Place,
): Pick<Version, 'arrived' | 'isGuessed'> {
  const { path, previousPath } = question.diff
  const texts = new Set<string>()
  const blobIn = (commit: string): string | undefined => {
    const blobs = evidence.headBlobs.get(commit)
    return blobs?.get(path) ?? blobs?.get(previousPath)
  }
  const isMadeHere = [...evidence.moves.values()].some((list) =>
    list.some(({ commit, kind }) => commit === question.commit.commit && kind !== 'going'),
  )
  const moves = evidence.moves.get(gap.root) ?? []
  for (const { commit, milliseconds, kind } of moves) {
    // Going to the commit in question is later than making it, even within one second; unless somebody else made it.
    if (kind === 'commit' || (kind === 'going' && isMadeHere && commit === question.commit.commit)) continue
    if (milliseconds + 999 < gap.start || milliseconds > gap.end) continue
    for (const line of evidence.lines(blobIn(commit) ?? null) ?? []) texts.add(line)
  }
  const head = moves.findLast(({ doneAt }) => doneAt !== null && doneAt <= gap.start)
  const standing = evidence.lines((head && blobIn(head.commit)) ?? null) ?? []
  const isWhole = isSameFile(standing, contents.next)
  const isGuessed = !isWhole && isPutBack(standing, contents)
  if (isWhole || isGuessed) for (const line of standing) texts.add(line)
  return { arrived: texts, isGuessed }
}

function isSameFile(head: readonly string[], next: readonly string[]): boolean {
  return head.length > 0 && head.length === next.length && head.every((line, at) => line === next[at])
}

/** Whether lines that were gone, and that nobody types again by chance, are there again as HEAD has them. */
function isPutBack(head: readonly string[], { previous, next }: Contents): boolean {
  const before = new Set(previous)
  const now = new Set(next)
  return isHardlyWrittenTwice(head.filter((line) => now.has(line) && !before.has(line)))
}
