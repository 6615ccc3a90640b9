/** From evidence to note and status at GitLab, through the same objects, outbox and port as at GitHub. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SetupDone } from '#core/api/account.ts'
import { GitLabSetup } from '#core/api/gitlab-setup.ts'
import { COMMENT_MARKER } from '#core/report/comment.ts'
import { until } from '#test/durable-objects/github.ts'
import { createFakeGitLab, type FakeGitLab } from '#test/fake-gitlab/server.ts'
import type { Deliver } from '#test/fake-gitlab/state.ts'
import { enrolMachine, pushEvidence, request, sendJson, smallCommit, smallSession } from '#test/workerd/organisation.ts'
import { reconcile } from '#worker/reconcile.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findPullRequest } from '#worker/store/pull-requests.ts'

const TOKEN = 'glpat-of-the-tests'
const PROJECT = 'acme/tools/shop'
const shaOf = (digit: string) => digit.repeat(40)
const hunk = `@@ -0,0 +1,10 @@\n${Array.from({ length: 10 }, (_, at) => `+line ${at}\n`).join('')}`

let gitlab: FakeGitLab
let group = 600
let administrator: string
let organisation: string
let deliver: Deliver
let hook: { readonly url: string; readonly token: string }

beforeEach(async () => {
  group += 1
  gitlab = createFakeGitLab({
    url: 'https://gitlab.test',
    token: TOKEN,
    group,
    deliver: (delivery) => deliver(delivery),
  })
  deliver = async ({ event, key, body }) => {
    const headers = { 'x-gitlab-event': event, 'x-gitlab-token': hook.token, 'idempotency-key': key }
    expect((await request(hook.url, { method: 'POST', headers, body })).status).toBe(202)
  }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const answer = await gitlab.fetch(new Request(input, init))
    return answer ?? new Response('not here', { status: 599 })
  })
  const done = await sendJson('POST', '/v1/setup', 'setup-token-of-the-tests', {
    organisation: `Acme ${group}`,
    administrator: { name: 'Ada', login: 'ada' },
    installations: [{ forge: 'gitlab', id: group, account: 'acme' }],
  })
  const made = SetupDone.parse(await done.json())
  administrator = made.token
  organisation = made.organisation.id
  const setup = GitLabSetup.parse(await (await request('/v1/gitlab/setup', { token: administrator })).json())
  expect(setup).toMatchObject({ account: 'group_77_bot_stemma', problem: null })
  const [webhook] = setup.webhooks
  hook = { url: (webhook?.url ?? '').replace(env.PUBLIC_URL, ''), token: webhook?.token ?? '' }
})
afterEach(() => {
  vi.restoreAllMocks()
})

const own = (notes: FakeGitLab['state']['projects'][number]['requests'][number]['notes']) =>
  notes.filter(({ author }) => author.id === gitlab.account.id)
const statusOf = (sha: string) => gitlab.project(PROJECT).statuses.findLast((status) => status.sha === sha)

async function opened() {
  await gitlab.push(PROJECT, 'main', { id: shaOf('0'), message: 'Begin', files: {} })
  await gitlab.push(PROJECT, 'topic', {
    id: shaOf('a'),
    message: 'Accept empty input',
    files: { 'src/parser.ts': hunk },
  })
  return gitlab.openMergeRequest(PROJECT, { branch: 'topic', title: 'Accept empty input' })
}

async function witness(sha: string, session = `claude-code:${group}-${sha[0]}`): Promise<void> {
  const machine = await enrolMachine(administrator, { name: 'Grace', login: 'grace' })
  await pushEvidence(machine, {
    session: smallSession({ id: session }),
    attribution: [smallCommit(sha, session)],
    predicate: { repository: PROJECT },
  })
}

test('evidence becomes one note and a status; the second push edits the note in place', async () => {
  const merge = await opened()
  // Somebody else pastes the marker first: it is never ours.
  const foreign = await gitlab.note(PROJECT, merge, `${COMMENT_MARKER}\nmine`)
  await witness(shaOf('a'))
  await until(() => own(merge.notes).length === 1 && statusOf(shaOf('a'))?.status === 'success')
  expect(own(merge.notes)[0]?.body).toContain(COMMENT_MARKER)
  expect(statusOf(shaOf('a'))).toMatchObject({
    name: 'Stemma',
    targetUrl: `${env.PUBLIC_URL}/pull-requests/${PROJECT}/1`,
  })

  await gitlab.push(PROJECT, 'topic', { id: shaOf('b'), message: 'More', files: { 'src/more.ts': hunk } })
  await witness(shaOf('b'))
  await until(() => (own(merge.notes)[0]?.edits ?? 0) > 0 && statusOf(shaOf('b'))?.status === 'success')
  expect(own(merge.notes)).toHaveLength(1)
  expect(foreign.body).toBe(`${COMMENT_MARKER}\nmine`)
  expect(gitlab.state.violations).toEqual([])

  // The whole run was seen: opened while it was under way, then completed, on each head.
  expect(gitlab.state.requests.filter((one) => one.includes(`/statuses/${shaOf('b')}`)).length).toBeGreaterThanOrEqual(
    2,
  )
})

test('a note that was deleted is written anew, and limits and refusals of GitLab are waited for', async () => {
  const merge = await opened()
  await witness(shaOf('a'))
  await until(() => own(merge.notes).length === 1)
  merge.notes.length = 0
  gitlab.state.faults.push(
    { method: 'POST', path: '/notes', status: 429, message: 'Retry later', headers: { 'retry-after': '1' } },
    { method: 'POST', path: '/notes', status: 409, message: 'Conflict' },
  )
  await gitlab.push(PROJECT, 'topic', { id: shaOf('c'), message: 'More', files: { 'src/more.ts': hunk } })
  await witness(shaOf('c'))
  await until(() => own(merge.notes).length === 1)
  expect(gitlab.state.faults).toEqual([])
  expect(own(merge.notes)).toHaveLength(1)
})

test('a webhook that was lost is noticed by the clock: opened, pushed and merged without a word', async () => {
  const words = vi.fn()
  const lose = async () => words()
  deliver = lose
  const merge = await opened()
  await witness(shaOf('a'))
  expect(words).toHaveBeenCalled()
  expect((await reconcile(env, new Date())).noticed).toBe(1)
  await until(() => own(merge.notes).length === 1 && statusOf(shaOf('a'))?.status === 'success')
  expect((await reconcile(env, new Date())).noticed).toBe(0)

  await gitlab.merge(PROJECT, merge, { id: shaOf('d'), message: 'All of it', files: { 'src/parser.ts': hunk } })
  expect((await reconcile(env, new Date())).noticed).toBe(1)
  const key = { repository: PROJECT, number: 1 }
  await until(
    async () => (await findPullRequest(organisation, openDatabase(env.DB), key))?.pullRequest.state === 'merged',
  )
  expect((await reconcile(env, new Date())).noticed).toBe(0)
  expect(gitlab.state.violations).toEqual([])
})

test.each([
  ['another token', { 'x-gitlab-token': '0'.repeat(64) }, 401, 'webhook-signature-invalid'],
  ['no token', {}, 401, 'webhook-signature-invalid'],
])('a delivery with %s is refused', async (_, headers, status, code) => {
  const response = await request(hook.url, { method: 'POST', headers, body: '{}' })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ code })
})

test('the token of one group opens no other, and tells nothing about projects outside of its group', async () => {
  const headers = { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': hook.token, 'idempotency-key': `other ${group}` }
  const other = await request(`/webhooks/gitlab/${group + 5_000}`, { method: 'POST', headers, body: '{}' })
  expect(other.status).toBe(401)
  const project = { path_with_namespace: 'acmeevil/shop' }
  const body = JSON.stringify({ object_kind: 'push', project, ref: 'refs/heads/main', after: shaOf('a') })
  const outside = await request(hook.url, { method: 'POST', headers, body })
  expect(await outside.json()).toMatchObject({ state: 'ignored', reason: 'the project is not in the group acme' })
})
