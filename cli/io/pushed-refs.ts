/** What a push is about: the refs that git names, and the commits that they bring to the remote. */
import { git } from './git.ts'
import { objectTypes } from './objects.ts'
import type { Repository } from './repository.ts'

export interface PushedRef {
  readonly localRef: string
  /** All zeros where the ref is deleted. */
  readonly localCommit: string
  readonly remoteRef: string
  /** All zeros where the remote does not have the ref yet. */
  readonly remoteCommit: string
}

/** What git writes to the standard input of a pre-push hook; lines of another form are left out. */
export function parsePushedRefs(text: string): readonly PushedRef[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      (parts) =>
        parts.length === 4 && [parts[1], parts[3]].every((id) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id ?? '')),
    )
    .map(([localRef = '', localCommit = '', remoteRef = '', remoteCommit = '']) => ({
      localRef,
      localCommit,
      remoteRef,
      remoteCommit,
    }))
}

const isZero = (id: string): boolean => /^0+$/.test(id)

/**
 * Commits that this push brings to the remote, parents before children: reachable from the pushed refs, and neither from
 * what the remote had at these refs nor from what we last saw of it.
 */
export async function listNewCommits(
  repository: Repository,
  refs: readonly PushedRef[],
  remote: string,
): Promise<readonly string[]> {
  const wanted = refs.map((ref) => ref.localCommit).filter((id) => !isZero(id))
  if (wanted.length === 0) return []
  const had = await presentCommits(
    repository,
    refs.map((ref) => ref.remoteCommit).filter((id) => !isZero(id)),
  )
  const excluded = [...had.map((id) => `^${id}`), '--not', `--remotes=${remote}`]
  const output = await git(repository.root, ['rev-list', '--topo-order', '--reverse', '--stdin'], {
    input: `${[...wanted, ...excluded].join('\n')}\n`,
  }).catch(() => listWithArguments(repository, wanted, excluded))
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
}

/** Before git 2.42 rev-list takes no options from its standard input. */
function listWithArguments(
  repository: Repository,
  wanted: readonly string[],
  excluded: readonly string[],
): Promise<Buffer> {
  return git(repository.root, ['rev-list', '--topo-order', '--reverse', ...wanted, ...excluded, '--'])
}

/** Those of the ids that are commits here: the remote may have commits that were never fetched. */
async function presentCommits(repository: Repository, ids: readonly string[]): Promise<readonly string[]> {
  const types = await objectTypes(repository, ids)
  return ids.filter((id) => types.get(id)?.type === 'commit')
}
