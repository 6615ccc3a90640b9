/** What changed in a group, asked of GitLab itself: it repeats a webhook a few times at most, and then nobody tells us. */
import { z } from 'zod'
import type { ForgePullRequest } from '#core/ports.ts'
import { readGitLabPages } from './request.ts'
import type { GitLabSettings } from './settings.ts'

const ChangedJson = z.object({
  iid: z.int().positive(),
  sha: z.string().nullable(),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  /** `group/project!1` */
  references: z.object({ full: z.string() }),
})

export interface ChangedMergeRequest extends Pick<ForgePullRequest, 'number' | 'head' | 'state'> {
  /** Full path of the project. */
  readonly repository: string
}

/** Merge requests of the group and its subgroups that changed since (RFC 3339), the newest first. */
export async function changedMergeRequests(
  settings: GitLabSettings,
  { group, since }: { readonly group: number; readonly since: string },
): Promise<readonly ChangedMergeRequest[]> {
  const query = `scope=all&state=all&order_by=updated_at&updated_after=${encodeURIComponent(since)}`
  const found = await readGitLabPages(settings, `/groups/${group}/merge_requests?${query}`, ChangedJson)
  return found.flatMap(({ iid, sha, state, references }) => {
    const repository = /^(.+)![0-9]+$/.exec(references.full)?.[1]
    // Without a commit there is nothing to look at yet.
    if (repository === undefined || sha === null) return []
    return [{ repository, number: iid, head: sha, state: state === 'opened' || state === 'locked' ? 'open' : state }]
  })
}
