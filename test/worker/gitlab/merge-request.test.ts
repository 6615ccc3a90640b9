/** From evidence to note and status at GitLab, through the same objects, outbox and port as at GitHub. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { COMMENT_MARKER } from '#core/report/comment.ts'
import { until } from '#test/durable-objects/github.ts'
import { request } from '#test/workerd/organisation.ts'
import { reconcile } from '#worker/reconcile.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findPullRequest } from '#worker/store/pull-requests.ts'
import { type Group, hunk, openGroup, shaOf } from './group.ts'

const PROJECT = 'acme/tools/shop'

let world: Group
beforeEach(async () => {
  world = await openGroup(PROJECT)
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('evidence becomes one note and a status; the second push edits the note in place', async () => {
  const merge = await world.open()
  // Somebody else pastes the marker first: it is never ours.
  const foreign = await world.gitlab.note(PROJECT, merge, `${COMMENT_MARKER}\nmine`)
  await world.witness(shaOf('a'))
  await until(() => world.own(merge).length === 1 && world.statusOf(shaOf('a'))?.status === 'success')
  expect(world.own(merge)[0]?.body).toContain(COMMENT_MARKER)
  expect(world.statusOf(shaOf('a'))).toMatchObject({
    name: 'Stemma',
    targetUrl: `${env.PUBLIC_URL}/pull-requests/${PROJECT}/1`,
  })

  await world.gitlab.push(PROJECT, 'topic', { id: shaOf('b'), message: 'More', files: { 'src/more.ts': hunk } })
  await world.witness(shaOf('b'))
  await until(() => (world.own(merge)[0]?.edits ?? 0) > 0 && world.statusOf(shaOf('b'))?.status === 'success')
  expect(world.own(merge)).toHaveLength(1)
  expect(foreign.body).toBe(`${COMMENT_MARKER}\nmine`)
  expect(world.gitlab.state.violations).toEqual([])

  // The whole run was seen: opened while it was under way, then completed, on each head.
  expect(
    world.gitlab.state.requests.filter((one) => one.includes(`/statuses/${shaOf('b')}`)).length,
  ).toBeGreaterThanOrEqual(2)
})

test('a note that was deleted is written anew, and limits and refusals of GitLab are waited for', async () => {
  const merge = await world.open()
  await world.witness(shaOf('a'))
  await until(() => world.own(merge).length === 1)
  merge.notes.length = 0
  world.gitlab.state.faults.push(
    { method: 'POST', path: '/notes', status: 429, message: 'Retry later', headers: { 'retry-after': '1' } },
    { method: 'POST', path: '/notes', status: 409, message: 'Conflict' },
  )
  await world.gitlab.push(PROJECT, 'topic', { id: shaOf('c'), message: 'More', files: { 'src/more.ts': hunk } })
  await world.witness(shaOf('c'))
  await until(() => world.own(merge).length === 1)
  expect(world.gitlab.state.faults).toEqual([])
  expect(world.own(merge)).toHaveLength(1)
})

test('a webhook that was lost is noticed by the clock: opened, pushed and merged without a word', async () => {
  const words = vi.fn()
  world.deliverBy(async () => words())
  const merge = await world.open()
  await world.witness(shaOf('a'))
  expect(words).toHaveBeenCalled()
  expect((await reconcile(env, new Date())).noticed).toBe(1)
  await until(() => world.own(merge).length === 1 && world.statusOf(shaOf('a'))?.status === 'success')
  expect((await reconcile(env, new Date())).noticed).toBe(0)

  await world.gitlab.merge(PROJECT, merge, { id: shaOf('d'), message: 'All of it', files: { 'src/parser.ts': hunk } })
  expect((await reconcile(env, new Date())).noticed).toBe(1)
  const key = { repository: PROJECT, number: 1 }
  await until(
    async () => (await findPullRequest(world.organisation, openDatabase(env.DB), key))?.pullRequest.state === 'merged',
  )
  expect((await reconcile(env, new Date())).noticed).toBe(0)
  expect(world.gitlab.state.violations).toEqual([])
})

test.each([
  ['another token', { 'x-gitlab-token': '0'.repeat(64) }, 401, 'webhook-signature-invalid'],
  ['no token', {}, 401, 'webhook-signature-invalid'],
])('a delivery with %s is refused', async (_, headers, status, code) => {
  const response = await request(world.hook.url, { method: 'POST', headers, body: '{}' })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ code })
})

test('the token of one group opens no other, and tells nothing about projects outside of its group', async () => {
  const headers = {
    'x-gitlab-event': 'Push Hook',
    'x-gitlab-token': world.hook.token,
    'idempotency-key': `other ${world.group}`,
  }
  const other = await request(`/webhooks/gitlab/${world.group + 5_000}`, { method: 'POST', headers, body: '{}' })
  expect(other.status).toBe(401)
  const project = { id: 9, path_with_namespace: 'acmeevil/shop' }
  const body = JSON.stringify({ object_kind: 'push', project, ref: 'refs/heads/main', after: shaOf('a') })
  const outside = await request(world.hook.url, { method: 'POST', headers, body })
  expect(await outside.json()).toMatchObject({ state: 'ignored', reason: 'the project is not in the group acme' })
})
