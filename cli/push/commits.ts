/** Which commits a push brings: from what git tells its pre-push hook, from a range, or those that no remote has. */
import { Fault } from '#core/fault.ts'
import { listCommits, resolveCommit } from '../io/commits.ts'
import { git } from '../io/git.ts'
import { listNewCommits, parsePushedRefs } from '../io/pushed-refs.ts'
import { listRemotes, type Repository } from '../io/repository.ts'

/** `refs`: what git wrote to the hook's standard input. `remote`: name, or the address where the remote has no name. */
export async function commitsOfHook(repository: Repository, refs: string, remote: string): Promise<readonly string[]> {
  const isNamed = (await listRemotes(repository)).includes(remote)
  return listNewCommits(repository, parsePushedRefs(refs), isNamed ? remote : '*')
}

/** `range` = `A..B`, or one commit; undefined = what HEAD has and no remote branch has. Parents before children. */
export async function commitsByHand(repository: Repository, range: string | undefined): Promise<readonly string[]> {
  if (range === undefined) return unpushedCommits(repository)
  const [base = '', tip] = range.split(/\.{2,3}/)
  if (tip === undefined) return [await commitNamed(repository, range)]
  return listCommits(
    repository,
    await commitNamed(repository, tip || 'HEAD'),
    await commitNamed(repository, base || 'HEAD'),
  )
}

export async function unpushedCommits(repository: Repository): Promise<readonly string[]> {
  if ((await resolveCommit(repository, 'HEAD')) === null) return []
  const output = await git(repository.root, [
    'rev-list',
    '--topo-order',
    '--reverse',
    'HEAD',
    '--not',
    '--remotes',
    '--',
  ])
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
}

async function commitNamed(repository: Repository, name: string): Promise<string> {
  const commit = await resolveCommit(repository, name)
  if (commit !== null) return commit
  throw new Fault('request-malformed', {
    message: `There is no commit ${name} in this repository.`,
    hint: 'Name a range that `git log` knows, such as `stemma push origin/main..HEAD`.',
  })
}
