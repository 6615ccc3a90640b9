/** Commits -> keyed digests of their attributed lines, read from the commits themselves. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { fileDigests, type LineDigests } from '#core/attribution/line-digests.ts'
import { splitLines } from '#core/attribution/lines.ts'
import { blobsInTree, readBlobs } from '../io/objects.ts'
import type { Repository } from '../io/repository.ts'
import type { UsableLineKey } from './line-key.ts'

export type DigestsByCommit = ReadonlyMap<string, LineDigests['commits'][number]>

export async function digestCommits(
  repository: Repository,
  commits: readonly CommitAttribution[],
  key: UsableLineKey,
): Promise<DigestsByCommit> {
  const digests = new Map<string, LineDigests['commits'][number]>()
  for (const { commit, files } of commits) {
    const paths = files.filter(({ ranges }) => ranges.length > 0).map(({ path }) => path)
    const blobs = await blobsInTree(repository, commit, paths)
    const contents = await readBlobs(repository, [...blobs.values()])
    const entries: string[] = []
    for (const file of files) {
      const content = contents.get(blobs.get(file.path) ?? '')
      // What is no UTF-8 reads differently on the other side, and is matched by nothing.
      entries.push(
        content === undefined ? '' : await fileDigests(file, splitLines(content.toString('utf8')), key.bytes),
      )
    }
    digests.set(commit, { commit, files: entries })
  }
  return digests
}

/** The part of the digests that belongs to these commits; null without a key. */
export function digestsOf(
  commits: readonly CommitAttribution[],
  key: UsableLineKey | null,
  digests: DigestsByCommit,
): LineDigests | null {
  if (key === null) return null
  const own = commits.map(({ commit }) => digests.get(commit)).filter((one) => one !== undefined)
  return { algorithm: 'hmac-sha256-64', key: key.id, commits: own }
}
