import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadSpecification } from './openapi.ts'
import { signature } from './webhooks.ts'
import { APP_ID, openWorkplace, WEBHOOK_SECRET, type Workplace } from './workplace.ts'

let place: Workplace
const shop = { owner: 'acme', name: 'shop' }
/** Event and action of everything that was sent without a violation, over all tests of this file. */
const seen = new Set<string>()

beforeAll(async () => {
  place = await openWorkplace()
})
beforeEach(() => {
  place.answerWith(202)
})
afterEach(async () => {
  await place.github.settled()
  place.github.assertNoViolations()
  for (const { event, action } of place.github.state.deliveries)
    seen.add(
      [event, action]
        .filter((part) => part !== null)
        .join('-')
        .replaceAll('_', '-'),
    )
})
afterAll(() => place.close())

const last = (event: string) => place.received.findLast((one) => one.event === event)

test('the published vector', () => {
  expect(signature(WEBHOOK_SECRET, 'Hello, World!')).toBe(
    'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  )
})

test('a delivery is signed over its raw bytes and carries its headers', async () => {
  await place.propose('signed-ü', { 'ü.txt': 'ü\n' })
  const { headers, body } = last('pull_request') ?? { headers: new Headers(), body: '' }
  const expected = createHmac('sha256', WEBHOOK_SECRET).update(Buffer.from(body, 'utf8')).digest('hex')
  expect(headers.get('x-hub-signature-256')).toBe(`sha256=${expected}`)
  expect(headers.get('x-github-delivery')).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers.get('x-github-hook-installation-target-id')).toBe(String(APP_ID))
  expect(headers.get('user-agent')).toMatch(/^GitHub-Hookshot\//)
})

test('a push over HTTP synchronises the pull request', async () => {
  const pull = await place.propose('synchronised', { 'a.txt': '1\n' })
  const before = pull.head.sha
  place.received.length = 0
  const after = await place.commit('More', { 'a.txt': '2\n' })
  await place.git('push', '--quiet', 'origin', 'synchronised')
  await place.github.settled()
  expect(place.received.map(({ event }) => event).toSorted()).toEqual(['check_suite', 'pull_request', 'push'])
  expect(last('pull_request')?.payload).toMatchObject({
    action: 'synchronize',
    before,
    after,
    pull_request: { head: { sha: after }, commits: 2 },
    sender: { login: 'ada' },
    installation: { id: place.installation.id },
    organization: { login: 'acme' },
  })
  expect(last('push')?.payload).toMatchObject({
    ref: 'refs/heads/synchronised',
    before,
    after,
    forced: false,
    commits: [{ id: after, modified: ['a.txt'] }],
  })
  expect(last('check_suite')?.payload).toMatchObject({ action: 'requested', check_suite: { head_sha: after } })
})

test('a forced push says so', async () => {
  await place.propose('forced', { 'f.txt': '1\n' })
  await place.git('commit', '--quiet', '--amend', '--message', 'Rewritten')
  await place.git('push', '--quiet', '--force', 'origin', 'forced')
  await place.github.settled()
  expect(last('push')?.payload['forced']).toBe(true)
})

test('a push to the folder is noticed when asked', async () => {
  await place.git('checkout', '--quiet', '-b', 'by-path', 'main')
  await place.git('push', '--quiet', place.github.repository(shop).path, 'by-path')
  place.received.length = 0
  await place.github.noticePushes({ ...shop, pusher: 'ada' })
  await place.github.settled()
  expect(last('push')?.payload).toMatchObject({ ref: 'refs/heads/by-path', pusher: { name: 'ada' } })
  expect(await place.github.noticePushes(shop)).toEqual([])
})

test('deleting the branch closes the pull request', async () => {
  const pull = await place.propose('deleted', { 'd.txt': '1\n' })
  await place.git('push', '--quiet', 'origin', ':deleted')
  await place.github.settled()
  expect(place.github.pullRequest({ ...shop, number: pull.number }).state).toBe('closed')
  expect(last('pull_request')?.payload).toMatchObject({ action: 'closed', pull_request: { merged: false } })
})

test('a failed delivery is in the log and is repeated under the same GUID with the same bytes', async () => {
  place.answerWith(500)
  await place.propose('repeated', { 'r.txt': '1\n' })
  const failed = last('pull_request')
  const log = await place.asApp('GET', '/app/hook/deliveries?status=failure&per_page=100')
  const guid = failed?.headers.get('x-github-delivery')
  const entry = log.body.find((one: { guid: string }) => one.guid === guid)
  expect(entry).toMatchObject({ event: 'pull_request', action: 'opened', status_code: 500, redelivery: false })

  place.answerWith(202)
  expect((await place.asApp('POST', `/app/hook/deliveries/${entry.id}/attempts`)).status).toBe(202)
  await place.github.settled()
  const again = last('pull_request')
  expect(again?.headers.get('x-github-delivery')).toBe(guid)
  expect([again?.body, again?.headers.get('x-hub-signature-256')]).toEqual([
    failed?.body,
    failed?.headers.get('x-hub-signature-256'),
  ])
  const attempts = (await place.asApp('GET', '/app/hook/deliveries?per_page=100')).body.filter(
    (one: { guid: string }) => one.guid === guid,
  )
  expect(
    attempts.map((one: { status_code: number; redelivery: boolean }) => [one.status_code, one.redelivery]),
  ).toEqual([
    [202, true],
    [500, false],
  ])
  const whole = await place.asApp('GET', `/app/hook/deliveries/${entry.id}`)
  expect(whole.body.request.payload).toEqual(JSON.parse(failed?.body ?? ''))
})

test('the log is paged with a cursor', async () => {
  const first = await place.asApp('GET', '/app/hook/deliveries?per_page=3')
  const next = /<http[^/]*\/\/[^/]+([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
  const second = await place.asApp('GET', next)
  const ids = [...first.body, ...second.body].map((one: { id: number }) => one.id)
  expect(new Set(ids).size).toBe(6)
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
})

test('deliveries can be dropped, doubled and delayed', async () => {
  place.github.faults.injectDelivery({ on: 'pull_request.edited', kind: 'drop' })
  place.github.faults.injectDelivery({ on: 'pull_request.closed', kind: 'duplicate' })
  place.github.faults.injectDelivery({ on: 'push', kind: 'delay', milliseconds: 300 })
  const pull = await place.propose('faulty', { 'x.txt': '1\n' })
  // The push was delayed, so the pull request overtook it.
  expect(place.received.slice(-2).map(({ event }) => event)).toEqual(['pull_request', 'push'])
  place.received.length = 0
  const it = { ...shop, number: pull.number }
  await place.github.updatePullRequest({ ...it, title: 'Dropped' })
  await place.github.updatePullRequest({ ...it, state: 'closed' })
  await place.github.settled()
  expect(place.received.map(({ payload }) => payload['action'])).toEqual(['closed', 'closed'])
  expect(new Set(place.received.map(({ headers }) => headers.get('x-github-delivery'))).size).toBe(1)
  expect(place.github.state.deliveries.find(({ status }) => status === 'dropped')?.action).toBe('edited')
})

test('without a receiver deliveries fail and can be repeated later', async () => {
  place.github.setWebhook('http://127.0.0.1:1/')
  await place.propose('unheard', { 'u.txt': '1\n' })
  const failed = place.github.state.deliveries.at(-1)
  expect([failed?.status, failed?.statusCode]).toEqual(['failed to connect to host', 0])
})

test('an App that is not installed hears nothing', async () => {
  await place.github.createRepository({ owner: 'stranger', name: 'quiet' })
  const count = place.github.state.deliveries.length
  await place.git('push', '--quiet', place.github.remote('stranger', 'quiet'), 'main')
  await place.github.settled()
  expect(place.github.state.deliveries).toHaveLength(count)
})

test('every event that the fake knows has been sent in the shape that GitHub describes', async () => {
  const { github } = place
  const pull = await place.propose('everything', { 'e.txt': '1\n' })
  const it = { ...shop, number: pull.number }
  await github.updatePullRequest({ ...it, body: 'words', base: 'main' })
  await github.updatePullRequest({ ...it, isDraft: true })
  await github.updatePullRequest({ ...it, isDraft: false })
  await github.updatePullRequest({ ...it, state: 'closed' })
  await github.updatePullRequest({ ...it, state: 'open' })
  const actions = [{ label: 'Waive', description: 'Waive the rule', identifier: 'waive' }]
  const { body: run } = await place.api('POST', '/repos/acme/shop/check-runs', {
    name: 'Stemma',
    head_sha: pull.head.sha,
    actions,
  })
  github.rerequestCheckRun(run.id)
  github.requestAction(run.id, 'waive', 'ada')
  expect(() => github.requestAction(run.id, 'unheard-of')).toThrow()
  await github.rerequestCheckSuite(run.id)
  const comment = github.comment({ ...it, author: 'ada', body: 'one' })
  github.editComment(comment.id, 'two')
  github.deleteComment(comment.id)
  const review = github.review({ ...it, author: 'ada', state: 'APPROVED' })
  const { body: reviews } = await place.api('GET', `/repos/acme/shop/pulls/${it.number}/reviews`)
  expect(reviews).toMatchObject([
    { id: review.id, state: 'APPROVED', commit_id: pull.head.sha, user: { login: 'ada' } },
  ])
  await github.queuePullRequest(it)
  await github.createRepository({ owner: 'ben', name: 'one' })
  const installation = github.install({ account: 'ben', repositories: [] })
  github.selectRepositories(installation, { add: ['one'] })
  github.selectRepositories(installation, { remove: ['one'] })
  github.suspend('ben', true)
  github.suspend('ben', false)
  github.uninstall('ben')
  github.renameRepository({ ...shop, to: 'boutique' })
  await github.settled()
  github.assertNoViolations()
  for (const { event, action } of github.state.deliveries)
    seen.add(
      [event, action]
        .filter((part) => part !== null)
        .join('-')
        .replaceAll('_', '-'),
    )
  expect([...seen].toSorted()).toEqual([...loadSpecification().webhookNames].toSorted())
})
