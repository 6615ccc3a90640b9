/** The few fields by which a check names its pull requests. */
import type { Context } from '../context.ts'
import { pullRequestsOf, type Repository } from '../state.ts'
import { repositoryApi } from './repository.ts'

/** Open pull requests of this repository with this head; those from forks are left out, as GitHub does. */
export function minimalPullRequests(
  context: Context,
  repository: Repository,
  headSha: string,
): readonly Record<string, unknown>[] {
  const api = repositoryApi(context, repository)
  const repo = { id: repository.id, url: api, name: repository.name }
  return pullRequestsOf(context.state, repository)
    .filter(({ state, head }) => state === 'open' && head.sha === headSha && head.repositoryId === repository.id)
    .map((pull) => ({
      url: `${api}/pulls/${pull.number}`,
      id: pull.id,
      number: pull.number,
      head: { ref: pull.head.branch, sha: pull.head.sha, repo },
      base: { ref: pull.base.branch, sha: pull.base.sha, repo },
    }))
}
