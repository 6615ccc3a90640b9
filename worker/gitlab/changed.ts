/** What changed in a group, asked of GitLab itself: it repeats a webhook a few times at most, and then nobody tells us. */
import { z } from 'zod'
import type { ForgePullRequest } from '#core/ports.ts'
import { askGitLab, readGitLab, readGitLabPages } from './request.ts'
import type { GitLabSettings } from './settings.ts'

const ChangedJson = z.object({
  iid: z.int().positive(),
  project_id: z.int().positive(),
  sha: z.string().nullable(),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  /** `group/project!1` */
  references: z.object({ full: z.string() }),
})

export interface ChangedMergeRequest extends Pick<ForgePullRequest, 'number' | 'head' | 'state'> {
  /** Full path of the project. */
  readonly repository: string
  /** Id of the project. */
  readonly repositoryId: number
}

/** Merge requests of the group and its subgroups that changed since (RFC 3339), the newest first. */
export async function changedMergeRequests(
  settings: GitLabSettings,
  { group, since }: { readonly group: number; readonly since: string },
): Promise<readonly ChangedMergeRequest[]> {
  const query = `scope=all&state=all&order_by=updated_at&updated_after=${encodeURIComponent(since)}`
  const found = await readGitLabPages(settings, `/groups/${group}/merge_requests?${query}`, ChangedJson)
  return found.flatMap(({ iid, project_id: repositoryId, sha, state, references }) => {
    const repository = /^(.+)![0-9]+$/.exec(references.full)?.[1]
    // Without a commit there is nothing to look at yet.
    if (repository === undefined || sha === null) return []
    const now = state === 'opened' || state === 'locked' ? 'open' : state
    return [{ repository, repositoryId, number: iid, head: sha, state: now }]
  })
}

/** Full path of the group as it is now. */
export async function groupPath(settings: GitLabSettings, group: number): Promise<string> {
  const answer = await askGitLab(settings, { method: 'GET', path: `/groups/${group}?with_projects=false` })
  return readGitLab(z.object({ full_path: z.string() }), answer).full_path
}
