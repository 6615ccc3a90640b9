/** Patch ids of commits: a change keeps its own through a rebase and a cherry-pick. */
import { git } from './git.ts'
import type { Repository } from './repository.ts'

/**
 * `git patch-id --stable` by commit; merges and commits without a change are absent. Renames are told as such, as forges
 * tell them: a server takes the id of their diff.
 */
export async function patchIds(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (commits.length === 0) return new Map()
  const patches = await git(
    repository.root,
    [
      'diff-tree',
      '--stdin',
      '--root',
      '-r',
      '--patch',
      '--find-renames=50%',
      '--unified=3',
      '--diff-algorithm=myers',
      '--no-ext-diff',
      '--no-textconv',
      '--no-color',
      '--full-index',
      '--src-prefix=a/',
      '--dst-prefix=b/',
    ],
    { input: `${commits.join('\n')}\n` },
  )
  const output = await git(repository.root, ['patch-id', '--stable'], { input: patches })
  const lines = output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
  return new Map(lines.map((line) => line.split(' ')).map(([patchId = '', commit = '']) => [commit, patchId]))
}
