/** What else is known of the step from one observed state to the next: how sure its author is, and what git brought in. */
import type { Version } from '#core/attribution/version.ts'
import type { GapAuthor } from './gap-author.ts'
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

/** Lines that HEAD's content had after each move of HEAD within the gap. git keeps whole seconds: the first is counted in. */
export function arrivedIn(
  gap: { readonly start: number; readonly end: number; readonly root: string },
  { question, evidence }: Place,
): ReadonlySet<string> {
  const { path, previousPath } = question.diff
  const texts = new Set<string>()
  const moves = [...evidence.moves.values()].flat()
  const isMadeHere = moves.some(({ commit, kind }) => commit === question.commit.commit && kind !== 'going')
  for (const { commit, milliseconds, kind } of evidence.moves.get(gap.root) ?? []) {
    // Going to the commit in question is later than making it, even within one second; unless somebody else made it.
    if (kind === 'commit' || (kind === 'going' && isMadeHere && commit === question.commit.commit)) continue
    if (milliseconds + 999 < gap.start || milliseconds > gap.end) continue
    const blobs = evidence.headBlobs.get(commit)
    const blob = blobs?.get(path) ?? blobs?.get(previousPath)
    for (const line of blob === undefined ? [] : (evidence.lines(blob) ?? [])) texts.add(line)
  }
  return texts
}
