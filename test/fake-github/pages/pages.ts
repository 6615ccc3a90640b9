/** The pages for people, and what their buttons do. */
import type { Hono } from 'hono'
import { html } from 'hono/html'
import { requestCheckRun } from '../check-runs.ts'
import type { Context } from '../context.ts'
import { unifiedDiff } from '../git/differences.ts'
import { resolveCommit } from '../git/run.ts'
import { type MergeMethod, mergePull } from '../merge.ts'
import { changePullRequest, type PullRequestChanges } from '../pull-requests.ts'
import { Refusal } from '../refusal.ts'
import { pullRequestStart } from '../shapes/pull-request.ts'
import { findPullRequest, findRepository, type PullRequestRecord, type Repository } from '../state.ts'
import { homePage } from './home.ts'
import { page } from './layout.ts'
import { pullRequestPage } from './pull-request.ts'
import { commitPage, repositoryHomePage } from './repository.ts'

interface Subject {
  readonly repository: Repository
  readonly pull: PullRequestRecord
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="4" cy="4" r="3" fill="#1f883d"/><circle cx="12" cy="12" r="3" fill="#8250df"/><path d="M4 7v2a3 3 0 0 0 3 3h2" stroke="#59636e" stroke-width="2" fill="none"/></svg>'

const nothing = (): Promise<Response> =>
  page({ title: 'Not found', status: 404, content: html`<h1>There is nothing here.</h1>` })

const changes: Readonly<Record<string, PullRequestChanges>> = {
  close: { state: 'closed' },
  reopen: { state: 'open' },
  draft: { isDraft: true },
  ready: { isDraft: false },
}

const methods: readonly MergeMethod[] = ['merge', 'squash', 'rebase']

async function act(context: Context, subject: Subject, form: FormData): Promise<void> {
  const deed = String(form.get('do'))
  const sender = subject.repository.owner
  const asked = changes[deed]
  if (asked !== undefined) await context.serially(() => changePullRequest(context, subject, { asked, sender }))
  else if (deed === 'merge') {
    const method = methods.find((one) => one === form.get('method'))
    if (method === undefined) throw new Refusal(422, 'Choose merge, squash or rebase.')
    await mergePull(context, subject, { method, mergedBy: sender })
  } else {
    const run = context.state.checkRuns.find(({ id }) => id === Number(form.get('run')))
    if (run === undefined || run.repositoryId !== subject.repository.id) throw new Refusal(404, 'Not Found')
    const action = deed === 'action' ? String(form.get('action')) : null
    requestCheckRun(context, { repository: subject.repository, run }, { action, sender })
  }
}

export function pages(app: Hono, context: Context): void {
  const repositoryOf = (owner: string, name: string): Repository | undefined =>
    findRepository(context.state, owner, name)
  const subjectOf = (owner: string, name: string, number: string): Subject | undefined => {
    const repository = repositoryOf(owner, name)
    const pull = repository === undefined ? undefined : findPullRequest(context.state, repository, Number(number))
    return repository === undefined || pull === undefined ? undefined : { repository, pull }
  }

  app.get('/', () => homePage(context))
  app.get('/favicon.ico', () => new Response(ICON, { headers: { 'content-type': 'image/svg+xml' } }))
  app.get('/avatars/:id', () => new Response(ICON, { headers: { 'content-type': 'image/svg+xml' } }))

  app.get('/:owner/:repo', ({ req }) => {
    const repository = repositoryOf(req.param('owner'), req.param('repo'))
    return repository === undefined ? nothing() : repositoryHomePage(context, repository)
  })

  app.get('/:owner/:repo/pull/:file{[0-9]+\\.diff}', async ({ req }) => {
    const subject = subjectOf(req.param('owner'), req.param('repo'), req.param('file').replace('.diff', ''))
    if (subject === undefined) return nothing()
    const start = await pullRequestStart(subject.repository, subject.pull)
    return new Response(await unifiedDiff(subject.repository.path, start, subject.pull.head.sha))
  })

  app.get('/:owner/:repo/pull/:number', ({ req }) => {
    const subject = subjectOf(req.param('owner'), req.param('repo'), req.param('number'))
    return subject === undefined ? nothing() : pullRequestPage(context, subject)
  })

  app.post('/:owner/:repo/pull/:number', async ({ req, redirect }) => {
    const subject = subjectOf(req.param('owner'), req.param('repo'), req.param('number'))
    if (subject === undefined) return nothing()
    // Another site that is open in the same browser must not press these buttons.
    if (req.header('origin') !== undefined && req.header('origin') !== new URL(req.url).origin)
      return new Response('Cross-site form refused.', { status: 403 })
    try {
      await act(context, subject, await req.formData())
      return redirect(req.path, 303)
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      const content = html`<h1>${cause.message}</h1><p><a href="${req.path}">Back to the pull request</a></p>`
      return page({ title: cause.message, status: cause.status, content })
    }
  })

  app.get('/:owner/:repo/runs/:id', async ({ req, redirect }) => {
    const repository = repositoryOf(req.param('owner'), req.param('repo'))
    const run = context.state.checkRuns.find(({ id }) => id === Number(req.param('id')))
    const pull = context.state.pullRequests.find(
      ({ head, repositoryId }) => head.sha === run?.headSha && repositoryId === repository?.id,
    )
    if (repository === undefined || run === undefined || pull === undefined) return nothing()
    return redirect(`/${repository.owner}/${repository.name}/pull/${pull.number}#check-${run.id}`, 303)
  })

  app.get('/:owner/:repo/commit/:sha', async ({ req }) => {
    const repository = repositoryOf(req.param('owner'), req.param('repo'))
    const sha = repository === undefined ? null : await resolveCommit(repository.path, req.param('sha'))
    return repository === undefined || sha === null ? nothing() : commitPage(repository, sha)
  })
}
