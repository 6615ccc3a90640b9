/** What transcripts tell of files: by call, and as the second witness of a file in a commit. */
import { type EditedTexts, editedTexts, type TranscriptEdit } from '#core/attribution/transcript-versions.ts'
import type { FormerName } from '#core/attribution/version.ts'
import { recall, type Testimony } from '#core/attribution/witness.ts'
import type { Question } from './question.ts'

export type EditsByPath = ReadonlyMap<string, readonly TranscriptEdit[]>

export function editsByPath(edits: readonly TranscriptEdit[]): EditsByPath {
  const byPath = new Map<string, TranscriptEdit[]>()
  for (const edit of edits) {
    const ofPath = byPath.get(edit.edit.path)
    if (ofPath) ofPath.push(edit)
    else byPath.set(edit.edit.path, [edit])
  }
  return byPath
}

/** `<session> NUL <call>` -> what the call put in. Where the person changed the proposal, no line is the agent's for certain. */
export function textsByCall(edits: readonly TranscriptEdit[]): ReadonlyMap<string, EditedTexts> {
  const texts = new Map<string, { wrote: Set<string>; rearranged: Set<string> }>()
  for (const { session, callId, edit } of edits) {
    if (edit.hunks.length === 0) continue
    const key = `${session}\0${callId}`
    const known = texts.get(key) ?? { wrote: new Set<string>(), rearranged: new Set<string>() }
    texts.set(key, known)
    if (edit.userModified === true) continue
    const { wrote, rearranged } = editedTexts(edit)
    for (const line of wrote) known.wrote.add(line)
    for (const line of rearranged) known.rearranged.add(line)
  }
  return texts
}

/**
 * null where no transcript has an edit of the file, under whatever name. A new file may be one that the commit deletes, or
 * that had its content: of these the one counts whose edits tell most.
 */
export function recallFile(
  question: Question,
  formerNames: readonly FormerName[],
  edits: EditsByPath,
): Testimony | null {
  const { diff, base, committed, kin, until } = question
  const own = editsOfFile(question, formerNames, edits)
  const testimonies = [{ path: diff.path, base }, ...kin].flatMap((place) => {
    const told = place.path === diff.path ? own : [...own, ...editsUpTo(place.path, until, edits)]
    return told.length === 0 ? [] : [recall(place.base, committed, told)]
  })
  return testimonies.reduce<Testimony | null>(
    (best, one) => (best && agentLines(best) >= agentLines(one) ? best : one),
    null,
  )
}

function agentLines({ origins }: Testimony): number {
  return origins.filter(({ session }) => session !== null).length
}

/** Under each of the file's names. */
function editsOfFile(
  { diff, until }: Question,
  formerNames: readonly FormerName[],
  edits: EditsByPath,
): readonly TranscriptEdit[] {
  const names = new Map(formerNames.map(({ path, until: last }) => [path, last]))
  names.set(diff.previousPath, until).set(diff.path, until)
  return [...names].flatMap(([path, last]) => editsUpTo(path, last, edits))
}

function editsUpTo(path: string, last: number, edits: EditsByPath): readonly TranscriptEdit[] {
  return (edits.get(path) ?? []).filter(({ milliseconds }) => milliseconds === null || milliseconds <= last)
}
