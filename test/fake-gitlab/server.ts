/**
 * A strict, stateful GitLab in the process of the test: merge requests, notes and statuses of REST v4, and webhooks.
 * Requests that GitLab would answer although they are wrong are collected in `violations`; tests assert that there are none.
 *
 * @example
 * const gitlab = createFakeGitLab({ url: 'https://gitlab.test', token: 'glpat-x', deliver })
 * gitlab.push('acme/shop', 'topic', { id: 'a'.repeat(40), message: 'Add a till', files: { 'till.ts': '@@ -0,0 +1 @@\n+x\n' } })
 * await gitlab.openMergeRequest('acme/shop', { branch: 'topic', title: 'Add a till' })
 */
import { createRoutes } from './routes.ts'
import type { Deliver, MergeRequest, NewCommit, Note, Project, State } from './state.ts'

const ACCOUNT = { id: 900, username: 'group_77_bot_stemma' }
const STRANGER = { id: 901, username: 'mallory' }
const ZEROS = '0'.repeat(40)

interface Options {
  /** Without a slash at the end; everything below `/api/v4` is answered. */
  readonly url: string
  readonly token: string
  /** Id of the group `acme`, in which all projects are. */
  readonly group?: number
  readonly deliver: Deliver
}

export type FakeGitLab = ReturnType<typeof createFakeGitLab>

export function createFakeGitLab({ url, token, group = 77, deliver }: Options) {
  const state: State = {
    groups: [{ id: group, path: 'acme' }],
    projects: [],
    violations: [],
    faults: [],
    requests: [],
    deliveries: 0,
    nextId: 5_000,
  }
  const takeId = (): number => state.nextId++
  const project = (path: string): Project => {
    const known = state.projects.find((one) => one.path === path)
    if (known !== undefined) return known
    const created: Project = { id: takeId(), path, formers: [], commits: [], branches: {}, requests: [], statuses: [] }
    // A name that is taken leads to nobody else any more.
    for (const { formers } of state.projects) if (formers.includes(path)) formers.splice(formers.indexOf(path), 1)
    state.projects.push(created)
    return created
  }

  const send = async (at: Project, event: string, payload: Record<string, unknown>): Promise<void> => {
    state.deliveries += 1
    await deliver({
      event,
      key: `key-${state.deliveries}`,
      body: JSON.stringify({ ...payload, project: { id: at.id, path_with_namespace: at.path } }),
    })
  }
  const announce = (at: Project, request: MergeRequest, attributes: Record<string, unknown>): Promise<void> =>
    send(at, 'Merge Request Hook', {
      object_kind: 'merge_request',
      object_attributes: { iid: request.iid, title: request.title, state: request.state, ...attributes },
    })
  const app = createRoutes({ state, token, account: ACCOUNT, takeId })

  return {
    url,
    state,
    /** In the place of `fetch`; other hosts are none of its business. */
    fetch: async (request: Request): Promise<Response | null> =>
      request.url.startsWith(`${url}/api/v4/`) ? app.fetch(request) : null,
    project,
    push: async (path: string, branch: string, commit: NewCommit): Promise<void> => {
      const at = project(path)
      const before = at.branches[branch]
      const parent = before ?? at.branches.main
      at.commits.push({ ...commit, parents: parent === undefined ? [] : [parent] })
      at.branches[branch] = commit.id
      await send(at, 'Push Hook', {
        object_kind: 'push',
        ref: `refs/heads/${branch}`,
        before: before ?? ZEROS,
        after: commit.id,
      })
      for (const request of at.requests.filter((one) => one.branch === branch && one.state === 'opened')) {
        const oldrev = request.head
        request.head = commit.id
        await announce(at, request, { action: 'update', oldrev })
      }
    },
    openMergeRequest: async (
      path: string,
      {
        isFromFork = false,
        ...asked
      }: { readonly branch: string; readonly title: string; readonly isFromFork?: boolean },
    ): Promise<MergeRequest> => {
      const at = project(path)
      const head = at.branches[asked.branch]
      const start = at.branches.main
      if (head === undefined || start === undefined) throw new Error(`${path} lacks main or ${asked.branch}`)
      const request: MergeRequest = {
        iid: at.requests.length + 1,
        ...asked,
        state: 'opened',
        head,
        start,
        notes: [],
        approvedBy: [],
        isLocked: false,
        collapsed: false,
        mergeCommit: null,
        squashCommit: null,
        isFromFork,
      }
      at.requests.push(request)
      if (isFromFork) delete at.branches[asked.branch]
      await announce(at, request, { action: 'open' })
      return request
    },
    /** `commit`: what appears on the target branch; null = a fast-forward, by which the branch's own commits do. */
    merge: async (path: string, request: MergeRequest, commit: NewCommit | null): Promise<void> => {
      const at = project(path)
      if (commit !== null) at.commits.push({ ...commit, parents: [request.start] })
      request.squashCommit = commit?.id ?? null
      request.state = 'merged'
      at.branches.main = commit?.id ?? request.head
      await announce(at, request, { action: 'merge' })
    },
    /** Renamed, or moved to another group: GitLab tells the webhooks of groups and projects nothing of it. */
    rename: (former: string, present: string): void => {
      const at = project(former)
      at.formers.push(former)
      at.path = present
    },
    /** With all that is in it. */
    renameGroup: (former: string, present: string): void => {
      for (const one of state.groups) if (one.path === former) one.path = present
      for (const at of state.projects.filter(({ path }) => path.startsWith(`${former}/`))) {
        at.formers.push(at.path)
        at.path = `${present}${at.path.slice(former.length)}`
      }
    },
    addGroup: (id: number, path: string): void => {
      state.groups.push({ id, path })
    },
    /** By somebody else. */
    note: async (path: string, request: MergeRequest, body: string): Promise<Note> => {
      const at = project(path)
      const note: Note = { id: takeId(), body, author: STRANGER, isSystem: false, edits: 0 }
      request.notes.push(note)
      const object_attributes = { note: body, noteable_type: 'MergeRequest', action: 'create' }
      await send(at, 'Note Hook', {
        object_kind: 'note',
        object_attributes,
        merge_request: { iid: request.iid, last_commit: { id: request.head } },
      })
      return note
    },
    account: ACCOUNT,
  }
}
