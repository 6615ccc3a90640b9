/** What a commit adds and removes, against its parent; of a merge, what none of its parents had. */
import type { CommitInformation } from '../io/commits.ts'
import type { FileDiff, HunkRange } from '../io/git-diff.ts'
import type { Repository } from '../io/repository.ts'
import { diffCommits, diffTrees } from '../io/tree-diffs.ts'

/** By commit. */
export async function diffsOf(
  repository: Repository,
  commits: readonly CommitInformation[],
): Promise<ReadonlyMap<string, readonly FileDiff[]>> {
  const plain = commits.filter(({ parents }) => parents.length < 2).map(({ commit }) => commit)
  const diffs = new Map(await diffCommits(repository, plain))
  for (const { commit, parents } of commits.filter((one) => one.parents.length > 1)) {
    const [first = [], ...others] = await Promise.all(parents.map((parent) => diffTrees(repository, parent, commit)))
    diffs.set(
      commit,
      first.flatMap((diff) => resolved(diff, others)),
    )
  }
  return diffs
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
