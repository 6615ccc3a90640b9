/** What a commit adds and removes, against its parent; of a merge, what none of its parents had. */
import { type CommitInformation, diffTrees, type FileDiff, type HunkRange, type Repository } from '../io/git.ts'

export async function diffsOf(
  repository: Repository,
  { commit, parents }: CommitInformation,
): Promise<readonly FileDiff[]> {
  const all = await Promise.all(
    (parents.length === 0 ? [null] : parents).map((parent) => diffTrees(repository, parent, commit)),
  )
  const [first = [], ...others] = all
  return others.length === 0 ? first : first.flatMap((diff) => resolved(diff, others))
}

/** The part of the first parent's diff that every other parent's diff has too: what the merge itself brought. */
function resolved(diff: FileDiff, others: readonly (readonly FileDiff[])[]): readonly FileDiff[] {
  let lines = addedLines(diff.hunks)
  for (const other of others) {
    const same = other.find(({ path }) => path === diff.path)
    if (!same) return []
    const added = addedLines(same.hunks)
    lines = new Set([...lines].filter((line) => added.has(line)))
  }
  if (lines.size === 0 || diff.binary) return []
  // Which lines a merge removed on its own cannot be told from one parent's side.
  const hunks = [...lines]
    .sort((left, right) => left - right)
    .map((line) => ({ oldStart: 0, oldLines: 0, newStart: line, newLines: 1 }))
  return [{ ...diff, hunks }]
}

function addedLines(hunks: readonly HunkRange[]): Set<number> {
  return new Set(
    hunks.flatMap(({ newStart, newLines }) => Array.from({ length: newLines }, (_, offset) => newStart + offset)),
  )
}
