/** GitLab's answers, with the fields of its documentation that anybody here could come to read. */
import type { MergeRequest, NewCommit, Note, Project, Status } from './state.ts'

const AT = '2026-11-22T10:00:00.000Z'
const author = { id: 12, username: 'ada', name: 'Ada', state: 'active' }

export function mergeRequestShape(project: Project, request: MergeRequest): Record<string, unknown> {
  const { iid, title, state, head, start, branch } = request
  return {
    id: project.id * 100 + iid,
    iid,
    project_id: project.id,
    title,
    description: '',
    state,
    created_at: AT,
    updated_at: AT,
    source_branch: branch,
    target_branch: 'main',
    author,
    sha: head,
    references: { short: `!${iid}`, relative: `!${iid}`, full: `${project.path}!${iid}` },
    merge_commit_sha: request.mergeCommit,
    squash_commit_sha: request.squashCommit,
    diff_refs: { base_sha: start, start_sha: start, head_sha: head },
  }
}

export function commitShape({
  id,
  message,
  parents,
}: NewCommit & { readonly parents: readonly string[] }): Record<string, unknown> {
  const [title = ''] = message.split('\n')
  const by = { author_name: 'Ada', author_email: 'ada@example.org', authored_date: AT }
  return { id, short_id: id.slice(0, 8), parent_ids: parents, title, message, ...by, created_at: AT }
}

export function diffShape(path: string, diff: string, isCollapsed: boolean): Record<string, unknown> {
  return {
    old_path: path,
    new_path: path,
    a_mode: '0',
    b_mode: '100644',
    diff: isCollapsed ? '' : diff,
    new_file: true,
    renamed_file: false,
    deleted_file: false,
    collapsed: isCollapsed,
    too_large: false,
  }
}

export function noteShape({ id, body, author: by, isSystem }: Note): Record<string, unknown> {
  return { id, type: null, body, author: by, system: isSystem, created_at: AT, updated_at: AT, internal: false }
}

export function statusShape(status: Status, by: unknown): Record<string, unknown> {
  const { id, sha, name, status: state, description, targetUrl: target_url } = status
  return { id, sha, ref: 'topic', name, status: state, description, target_url, author: by, created_at: AT }
}
