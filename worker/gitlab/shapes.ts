/** What is read of GitLab's answers (REST v4), and the words of the port for it. */
import { z } from 'zod'
import type { ForgeCommit, ForgeFile, ForgePullRequest } from '#core/ports.ts'

const person = z.object({ username: z.string() }).nullish()

export const MergeRequestJson = z.object({
  iid: z.int().positive(),
  project_id: z.int().positive(),
  title: z.string(),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  sha: z.string(),
  source_branch: z.string(),
  author: person,
  updated_at: z.string(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
  /** Made in the background: null for a moment after the merge request was opened. */
  diff_refs: z.object({ base_sha: z.string(), start_sha: z.string(), head_sha: z.string() }).nullable(),
})
export type MergeRequest = z.infer<typeof MergeRequestJson>

export const CommitJson = z.object({
  id: z.string(),
  parent_ids: z.array(z.string()),
  message: z.string(),
  authored_date: z.string().nullish(),
})

export const DiffJson = z.object({
  old_path: z.string(),
  new_path: z.string(),
  a_mode: z.string(),
  b_mode: z.string(),
  diff: z.string(),
  new_file: z.boolean(),
  renamed_file: z.boolean(),
  deleted_file: z.boolean(),
  collapsed: z.boolean().nullish(),
  too_large: z.boolean().nullish(),
})
export type Diff = z.infer<typeof DiffJson>

export const NoteJson = z.object({
  id: z.int(),
  body: z.string(),
  system: z.boolean(),
  author: z.object({ id: z.int() }).nullish(),
})

export const ApprovalsJson = z.object({ approved_by: z.array(z.object({ user: z.object({ username: z.string() }) })) })
export const ReviewersJson = z.object({ user: z.object({ username: z.string() }), state: z.string() })

export function pullRequestOf(request: MergeRequest, base: string): ForgePullRequest {
  return {
    number: request.iid,
    repositoryId: request.project_id,
    title: request.title,
    // `locked` is a merge that is under way.
    state: request.state === 'merged' ? 'merged' : request.state === 'closed' ? 'closed' : 'open',
    head: request.sha,
    base,
    headRef: request.source_branch,
    authorLogin: request.author?.username ?? null,
    updatedAt: new Date(request.updated_at).toISOString(),
    // A fast-forward makes no commit: the branch's own stand on the target branch.
    mergeCommit:
      request.merge_commit_sha ?? request.squash_commit_sha ?? (request.state === 'merged' ? request.sha : null),
  }
}

/** GitLab knows the author of a commit by name and address, which are anybody's to choose, so no login follows. */
export function commitOf({
  id,
  parent_ids: parents,
  message,
  authored_date: date,
}: z.infer<typeof CommitJson>): ForgeCommit {
  return {
    sha: id,
    parents,
    message,
    authorLogin: null,
    ...(date ? { authoredAt: new Date(date).toISOString() } : {}),
  }
}

export function isLeftOut({ collapsed, too_large: isTooLarge }: Diff): boolean {
  return collapsed === true || isTooLarge === true
}

export function fileOf(diff: Diff): ForgeFile {
  const lines = diff.diff.split('\n')
  return {
    path: diff.new_path,
    status: diff.new_file ? 'added' : diff.deleted_file ? 'removed' : diff.renamed_file ? 'renamed' : 'modified',
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    patch: !diff.diff.startsWith('@@') ? null : diff.diff,
  }
}

/** The commit's diff as git writes it, out of its files; null where GitLab left one out. */
export function diffText(diffs: readonly Diff[]): string | null {
  if (diffs.some(isLeftOut)) return null
  return diffs.map(oneDiff).join('')
}

function oneDiff({ diff, ...file }: Diff): string {
  const [from, to] = [quoted(`a/${file.old_path}`), quoted(`b/${file.new_path}`)]
  const mode = file.new_file
    ? `new file mode ${file.b_mode}\n`
    : file.deleted_file
      ? `deleted file mode ${file.a_mode}\n`
      : file.a_mode !== file.b_mode
        ? `old mode ${file.a_mode}\nnew mode ${file.b_mode}\n`
        : ''
  const rename = file.renamed_file ? `rename from ${file.old_path}\nrename to ${file.new_path}\n` : ''
  const names = diff.startsWith('@@')
    ? `--- ${file.new_file ? '/dev/null' : from}\n+++ ${file.deleted_file ? '/dev/null' : to}\n`
    : ''
  const end = diff === '' || diff.endsWith('\n') ? '' : '\n'
  return `diff --git ${from} ${to}\n${mode}${rename}${names}${diff}${end}`
}

/** As git does with `core.quotePath`: bytes that are no printable ASCII in octal. */
function quoted(path: string): string {
  if (/^[\x20-\x7e]*$/.test(path) && !/["\\]/.test(path)) return path
  const escaped = [...new TextEncoder().encode(path)].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte)
  })
  return `"${escaped.join('')}"`
}
