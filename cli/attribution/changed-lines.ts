/** How many lines commits add and remove, for those of which nothing was seen; counted as attribution would count them. */
import type { CommitInformation } from '../io/commits.ts'
import { git } from '../io/git.ts'
import type { Repository } from '../io/repository.ts'
import { diffsOf } from './commit-diffs.ts'

export interface ChangedLines {
  readonly added: number
  readonly removed: number
}

/** By commit; one that changes no line may be missing. */
export async function changedLines(
  repository: Repository,
  commits: readonly CommitInformation[],
): Promise<ReadonlyMap<string, ChangedLines>> {
  const merges = await diffsOf(
    repository,
    commits.filter(({ parents }) => parents.length > 1),
  )
  const found = new Map<string, ChangedLines>()
  for (const [commit, diffs] of merges) {
    const hunks = diffs.flatMap((diff) => diff.hunks)
    found.set(commit, { added: hunks.reduce((sum, { newLines }) => sum + newLines, 0), removed: 0 })
  }
  const others = commits.filter(({ parents }) => parents.length < 2).map(({ commit }) => commit)
  for (let at = 0; at < others.length; at += COMMITS_A_CALL) {
    const counted = await countLines(repository, others.slice(at, at + COMMITS_A_CALL))
    for (const [commit, lines] of counted) found.set(commit, lines)
  }
  return found
}

/** Commits asked of git at once: some 60 bytes each. */
const COMMITS_A_CALL = 20_000
/** Symbolic links and submodules, whose text is no line of code. */
const LINK = /^1[26]0000$/

/** Of each commit git lists the files with their modes, then in the same order the lines of each. */
async function countLines(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, ChangedLines>> {
  const output = await git(
    repository.root,
    ['diff-tree', '--stdin', '--root', '-r', '--raw', '--numstat', '--find-renames=50%', '-l2000'],
    { input: commits.map((commit) => `${commit}\n`).join('') },
  )
  const found = new Map<string, ChangedLines>()
  let current = { added: 0, removed: 0 }
  let links: boolean[] = []
  for (const line of output.toString('latin1').split('\n')) {
    const [, oldMode, newMode] = /^:(\d+) (\d+) /.exec(line) ?? []
    const [, added, removed] = /^(\d+|-)\t(\d+|-)\t/.exec(line) ?? []
    if (/^[0-9a-f]{40,64}$/.test(line)) {
      current = { added: 0, removed: 0 }
      links = []
      found.set(line, current)
    } else if (oldMode !== undefined && newMode !== undefined) links.push(LINK.test(oldMode) || LINK.test(newMode))
    else if (added !== undefined && links.shift() === false) {
      // A binary file has a dash for each.
      current.added += Number(added) || 0
      current.removed += Number(removed) || 0
    }
  }
  return found
}
