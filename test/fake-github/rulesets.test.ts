import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PullRequestRecord } from './state.ts'
import { APP_ID, openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
let pull: PullRequestRecord
let count = 0
const shop = { owner: 'acme', name: 'shop' }

beforeAll(async () => {
  place = await openWorkplace()
  place.github.requireChecks(shop, [{ context: 'Stemma', integrationId: APP_ID }])
})
beforeEach(async () => {
  count += 1
  pull = await place.propose(`rules-${count}`, { [`${count}.txt`]: 'x\n' })
})
afterEach(async () => {
  await place.github.settled()
  place.github.assertNoViolations()
})
afterAll(() => place.close())

const report = (body: Record<string, unknown>) =>
  place.api('POST', '/repos/acme/shop/check-runs', { name: 'Stemma', head_sha: pull.head.sha, ...body })

const state = async (): Promise<string> =>
  (await place.api('GET', `/repos/acme/shop/pulls/${pull.number}`)).body.mergeable_state

test('a required check that was never reported blocks', async () => {
  expect(await state()).toBe('blocked')
  await expect(place.github.mergePullRequest({ ...shop, number: pull.number })).rejects.toMatchObject({
    status: 405,
    message: 'Required status check "Stemma" is expected.',
  })
})

test('one that is in progress blocks', async () => {
  await report({ status: 'in_progress' })
  expect(await state()).toBe('blocked')
})

test.each(['success', 'neutral', 'skipped'])('%s passes', async (conclusion) => {
  await report({ conclusion })
  expect(await state()).toBe('clean')
})

test.each(['failure', 'cancelled', 'timed_out', 'action_required'])('%s blocks', async (conclusion) => {
  await report({ conclusion })
  expect(await state()).toBe('blocked')
})

test("another App's check of the same name does not count", async () => {
  place.github.reportCheck({ ...shop, sha: pull.head.sha, check: 'Stemma', appId: 99, conclusion: 'success' })
  expect(await state()).toBe('blocked')
  await report({ conclusion: 'success' })
  expect(await state()).toBe('clean')
})

test('without pinning any App will do', async () => {
  place.github.requireChecks(shop, [{ context: 'Stemma' }])
  place.github.reportCheck({ ...shop, sha: pull.head.sha, check: 'Stemma', appId: 99, conclusion: 'success' })
  expect(await state()).toBe('clean')
  place.github.requireChecks(shop, [{ context: 'Stemma', integrationId: APP_ID }])
})

test('only the newest run of a name counts', async () => {
  await report({ conclusion: 'failure' })
  await report({ conclusion: 'success' })
  expect(await state()).toBe('clean')
})

test('a new head needs its own check', async () => {
  await report({ conclusion: 'success' })
  await place.commit('Next', { 'next.txt': 'x\n' })
  await place.git('push', '--quiet', 'origin', `rules-${count}`)
  await place.github.settled()
  expect(await state()).toBe('blocked')
})

test('a failed check that is not required leaves it unstable', async () => {
  await report({ conclusion: 'success' })
  place.github.reportCheck({ ...shop, sha: pull.head.sha, check: 'Lint', appId: 99, conclusion: 'failure' })
  expect(await state()).toBe('unstable')
})

test('a draft is a draft', async () => {
  await place.github.updatePullRequest({ ...shop, number: pull.number, isDraft: true })
  expect(await state()).toBe('draft')
})

test('an administrator may merge all the same', async () => {
  await place.github.mergePullRequest({ ...shop, number: pull.number, bypassRules: true })
  expect(place.github.pullRequest({ ...shop, number: pull.number }).mergedAt).not.toBeNull()
})
