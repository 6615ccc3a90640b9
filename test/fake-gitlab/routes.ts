/** What GitLab answers below `/api/v4`: merge requests, commits, statuses and notes. */
import { Hono, type Context as HonoContext } from 'hono'
import { commitShape, diffShape, mergeRequestShape, noteShape, statusShape } from './shapes.ts'
import type { Account, Fault, MergeRequest, NewCommit, Note, Project, State, Status } from './state.ts'

const NOW = '2026-11-22T10:00:00.000Z'

interface Serving {
  readonly state: State
  readonly token: string
  /** Whose token it is. */
  readonly account: Account
  readonly takeId: () => number
}

export function createRoutes({ state, token, account: ACCOUNT, takeId }: Serving): Hono {
  const app = new Hono().basePath('/api/v4')
  const refused = (status: number, message: unknown, headers: Record<string, string> = {}): Response =>
    Response.json({ message }, { status, headers })

  app.use(async (context, next) => {
    const { method, path } = context.req
    state.requests.push(`${method} ${path}`)
    const fault = takeFault(state.faults, method, path)
    if (fault !== undefined) return refused(fault.status, fault.message, fault.headers)
    const given = context.req.header('private-token')
    if (given === undefined) return refused(401, '401 Unauthorized')
    if (given !== token)
      return Response.json({ error: 'invalid_token', error_description: 'Token was revoked.' }, { status: 401 })
    if (Number(context.req.query('per_page') ?? '20') > 100) state.violations.push(`${path}: per_page above 100`)
    await next()
  })

  const inProject =
    (handler: (context: HonoContext, at: Project) => Response | Promise<Response>) => (context: HonoContext) => {
      const id = decodeURIComponent(context.req.param('id') ?? '')
      const found = state.projects.find((one) => one.path === id || String(one.id) === id)
      if (found !== undefined) return handler(context, found)
      const moved = state.projects.find(({ formers }) => formers.includes(id))
      if (moved === undefined) return refused(404, '404 Project Not Found')
      if (context.req.method !== 'GET') return refused(405, 'Non GET methods are not allowed for moved projects')
      const location = context.req.url.replace(/\/projects\/[^/?]+/, `/projects/${moved.id}`)
      return new Response('This resource has been moved permanently.', { status: 301, headers: { location } })
    }
  const inRequest = (
    handler: (context: HonoContext, at: Project, request: MergeRequest) => Response | Promise<Response>,
  ) =>
    inProject((context, at) => {
      const request = at.requests.find(({ iid }) => String(iid) === context.req.param('iid'))
      return request === undefined ? refused(404, '404 Not found') : handler(context, at, request)
    })
  const base = '/projects/:id'
  const ofRequest = `${base}/merge_requests/:iid`

  app.get('/user', (context) => context.json({ ...ACCOUNT, name: 'Stemma', state: 'active', bot: true }))
  app.get(
    base,
    inProject((context, { id, path }) => context.json({ id, path_with_namespace: path, archived: false })),
  )
  app.get(
    `${base}/merge_requests`,
    inProject((context, at) => {
      const wanted = context.req.query('state') ?? 'all'
      const found = at.requests.filter(({ state: own }) => wanted === 'all' || own === wanted).toReversed()
      return page(
        context,
        found.map((request) => mergeRequestShape(at, request)),
      )
    }),
  )
  app.get(
    ofRequest,
    inRequest((context, at, request) => context.json(mergeRequestShape(at, request))),
  )
  app.get(
    `${ofRequest}/diffs`,
    inRequest((context, at, request) => {
      const files = Object.assign({}, ...between(at, request.start, request.head).map(({ files }) => files))
      return page(
        context,
        Object.entries(files).map(([path, diff]) => diffShape(path, String(diff), request.collapsed)),
      )
    }),
  )
  app.get(
    `${ofRequest}/approvals`,
    inRequest((context, _, { approvedBy }) =>
      context.json({ approved_by: approvedBy.map((username) => ({ user: { id: 1, username, name: username } })) }),
    ),
  )
  app.get(
    `${ofRequest}/reviewers`,
    inRequest((context, _, { approvedBy }) =>
      page(
        context,
        approvedBy.map((username) => ({ user: { id: 1, username }, state: 'approved', created_at: NOW })),
      ),
    ),
  )

  app.get(
    `${base}/repository/commits`,
    inProject((context, at) => {
      const [start, head] = (context.req.query('ref_name') ?? '').split('..')
      if (start === undefined || head === undefined) return refused(404, '404 Reference Not Found')
      return page(
        context,
        between(at, start, head)
          .toReversed()
          .map((commit) => commitShape(commit)),
      )
    }),
  )
  const inCommit = (
    handler: (context: HonoContext, commit: NewCommit & { readonly parents: readonly string[] }) => Response,
  ) =>
    inProject((context, at) => {
      const commit = at.commits.find(({ id }) => id === context.req.param('sha'))
      return commit === undefined ? refused(404, '404 Commit Not Found') : handler(context, commit)
    })
  app.get(
    `${base}/repository/commits/:sha`,
    inCommit((context, commit) => {
      const additions = Object.values(commit.files)
        .join('\n')
        .split('\n')
        .filter((line) => line.startsWith('+')).length
      return context.json({ ...commitShape(commit), stats: { additions, deletions: 0, total: additions } })
    }),
  )
  app.get(
    `${base}/repository/commits/:sha/diff`,
    inCommit((context, { files }) =>
      page(
        context,
        Object.entries(files).map(([path, diff]) => diffShape(path, diff, false)),
      ),
    ),
  )

  app.get(
    `${base}/repository/commits/:sha/merge_requests`,
    inProject((context, at) => {
      const sha = context.req.param('sha') ?? ''
      const found = at.requests.filter(({ start, head }) => between(at, start, head).some(({ id }) => id === sha))
      return page(
        context,
        found.map((request) => mergeRequestShape(at, request)),
      )
    }),
  )
  const groupOf = (context: HonoContext) => state.groups.find(({ id }) => String(id) === context.req.param('group'))
  app.get('/groups/:group', (context) => {
    const found = groupOf(context)
    if (found === undefined) return refused(404, '404 Group Not Found')
    return context.json({ id: found.id, path: found.path.split('/').at(-1), full_path: found.path })
  })
  app.get('/groups/:group/merge_requests', (context) => {
    const found = groupOf(context)
    if (found === undefined) return refused(404, '404 Group Not Found')
    const within = state.projects.filter(({ path }) => path.startsWith(`${found.path}/`))
    const all = within.flatMap((at) => at.requests.map((request) => mergeRequestShape(at, request)))
    return page(context, all)
  })

  app.post(
    `${base}/statuses/:sha`,
    inProject(async (context, at) => {
      const sha = context.req.param('sha') ?? ''
      if (!at.commits.some(({ id }) => id === sha)) return refused(404, '404 Commit Not Found')
      const body = await readBody(context, state, ['state', 'name', 'target_url', 'description', 'ref', 'coverage'])
      // Without a branch that holds the commit GitLab does not know to which pipeline the status belongs.
      const isHeld = Object.values(at.branches).some((head) => between(at, '', head).some(({ id }) => id === sha))
      if (!isHeld && body.ref === undefined) return refused(404, '404 References for commit Not Found')
      const wanted = String(body.state)
      if (!['pending', 'running', 'success', 'failed', 'canceled', 'skipped'].includes(wanted))
        return refused(400, 'state does not have a valid value')
      if (String(body.description ?? '').length > 255)
        return refused(400, { description: ['is too long (maximum is 255 characters)'] })
      const name = String(body.name ?? 'default')
      // Only one that has not ended is changed; after that a new one takes its place.
      const open = at.statuses.find(
        (one) => one.sha === sha && one.name === name && (one.status === 'running' || one.status === 'pending'),
      )
      const given = {
        status: wanted,
        description: String(body.description ?? ''),
        targetUrl: String(body.target_url ?? ''),
      }
      const status: Status = open ?? { id: takeId(), sha, name, ...given }
      Object.assign(status, given)
      if (open === undefined) at.statuses.push(status)
      return context.json(statusShape(status, ACCOUNT), 201)
    }),
  )

  const notes = `${ofRequest}/notes`
  app.get(
    notes,
    inRequest((context, _, request) =>
      page(
        context,
        request.notes.map((note) => noteShape(note)),
      ),
    ),
  )
  const noteOf = (context: HonoContext, request: MergeRequest): Note | undefined =>
    request.notes.find(({ id }) => String(id) === context.req.param('note'))
  app.get(
    `${notes}/:note`,
    inRequest((context, _, request) => {
      const note = noteOf(context, request)
      return note === undefined ? refused(404, '404 Not found') : context.json(noteShape(note))
    }),
  )
  app.post(
    notes,
    inRequest(async (context, _, request) => {
      if (request.isLocked) return refused(403, '403 Forbidden')
      const body = String((await readBody(context, state, ['body', 'created_at', 'internal'])).body ?? '')
      if (body === '') return refused(400, { note: ["can't be blank"] })
      const note: Note = { id: takeId(), body: obeyed(request, body), author: ACCOUNT, isSystem: false, edits: 0 }
      request.notes.push(note)
      return context.json(noteShape(note), 201)
    }),
  )
  app.put(
    `${notes}/:note`,
    inRequest(async (context, _, request) => {
      const note = noteOf(context, request)
      if (note === undefined) return refused(404, '404 Not found')
      if (request.isLocked || note.author.id !== ACCOUNT.id) return refused(403, '403 Forbidden')
      note.body = obeyed(request, String((await readBody(context, state, ['body'])).body ?? ''))
      note.edits += 1
      return context.json(noteShape(note))
    }),
  )
  app.notFound((context) => {
    state.violations.push(
      `${context.req.method} ${context.req.path}: GitLab has no such route, or the fake does not know it`,
    )
    return refused(404, '404 Not Found')
  })

  return app
}

/** A line that begins with a slash is a command, and disappears from the note. */
function obeyed(request: MergeRequest, body: string): string {
  const kept = body.split('\n').filter((line) => {
    const command = /^\/([a-z_]+)/.exec(line)?.[1]
    if (command === 'close') request.state = 'closed'
    return command === undefined
  })
  return kept.join('\n')
}

function takeFault(faults: Fault[], method: string, path: string): Fault | undefined {
  const at = faults.findIndex((fault) => fault.method === method && path.includes(fault.path))
  return at === -1 ? undefined : faults.splice(at, 1)[0]
}

/** Oldest first: what `head` has and `start` has not. */
function between(at: Project, start: string, head: string) {
  const found = []
  for (let id: string | undefined = head; id !== undefined && id !== start; ) {
    const commit = at.commits.find((one) => one.id === id)
    if (commit === undefined) break
    found.unshift(commit)
    id = commit.parents[0]
  }
  return found
}

function page(context: HonoContext, items: readonly unknown[]): Response {
  const size = Number(context.req.query('per_page') ?? '20')
  const number = Number(context.req.query('page') ?? '1')
  const next = items.length > number * size ? String(number + 1) : ''
  const headers = {
    'x-page': String(number),
    'x-per-page': String(size),
    'x-next-page': next,
    'x-total': String(items.length),
  }
  return Response.json(items.slice((number - 1) * size, number * size), { headers })
}

async function readBody(
  context: HonoContext,
  state: State,
  known: readonly string[],
): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = await context.req.json()
  for (const name of Object.keys(body)) if (!known.includes(name)) state.violations.push(`${context.req.path}: ${name}`)
  return body
}
