import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
const shop = { owner: 'acme', name: 'shop' }

beforeAll(async () => {
  place = await openWorkplace()
})
afterEach(async () => {
  await place.github.settled()
  place.github.assertNoViolations()
})
afterAll(() => place.close())

/** A branch of two commits while main moves on by one. */
async function diverge(branch: string): Promise<number> {
  await place.git('checkout', '--quiet', 'main')
  await place.git('pull', '--quiet', '--ff-only', 'origin', 'main')
  await place.git('checkout', '--quiet', '-b', branch)
  await place.commit(`First of ${branch}\n\nStemma-Session: codex:1`, { [`${branch}-1.txt`]: '1\n' })
  await place.commit(`Second of ${branch}`, { [`${branch}-2.txt`]: '2\n' })
  await place.git('push', '--quiet', 'origin', branch)
  await place.git('checkout', '--quiet', 'main')
  await place.commit(`Beside ${branch}`, { [`beside-${branch}.txt`]: 'x\n' })
  await place.git('push', '--quiet', 'origin', 'main')
  return (await place.github.createPullRequest({ ...shop, title: `Do ${branch}`, head: branch, author: 'ada' })).number
}

async function log(): Promise<readonly string[]> {
  await place.git('fetch', '--quiet', 'origin')
  return (await place.git('log', '--format=%s|%an|%P', '-4', 'origin/main')).trim().split('\n')
}

test('merge makes a commit with two parents', async () => {
  const number = await diverge('joined')
  const head = (await place.git('rev-parse', 'joined')).trim()
  const before = (await place.git('rev-parse', 'main')).trim()
  const sha = await place.github.mergePullRequest({ ...shop, number, method: 'merge', mergedBy: 'ada' })
  expect((await log())[0]).toBe(`Merge pull request #${number} from acme/joined|Ada|${before} ${head}`)
  const { body } = await place.api('GET', `/repos/acme/shop/pulls/${number}`)
  expect([body.state, body.merged, body.merge_commit_sha, body.merged_by.login]).toEqual(['closed', true, sha, 'ada'])
})

test('squash makes one commit that keeps the messages', async () => {
  const number = await diverge('squashed')
  const sha = await place.github.mergePullRequest({ ...shop, number, method: 'squash' })
  expect((await log()).map((line) => line.split('|')[0]).slice(0, 2)).toEqual([
    `Do squashed (#${number})`,
    'Beside squashed',
  ])
  expect(await place.git('log', '-1', '--format=%b', sha)).toContain('* First of squashed\n\nStemma-Session: codex:1')
  expect(await place.git('diff', '--name-only', `${sha}^`, sha)).toBe('squashed-1.txt\nsquashed-2.txt\n')
  expect((await place.api('GET', `/repos/acme/shop/commits/${sha}/pulls`)).body[0].number).toBe(number)
})

test('rebase replays each commit with its author on top', async () => {
  const number = await diverge('replayed')
  const sha = await place.github.mergePullRequest({ ...shop, number, method: 'rebase', deleteBranch: true })
  const lines = await log()
  expect(lines.map((line) => line.split('|')[0]).slice(0, 3)).toEqual([
    'Second of replayed',
    'First of replayed',
    'Beside replayed',
  ])
  expect(lines.every((line) => line.split('|')[1] === 'Ada')).toBe(true)
  expect(await place.git('log', '-1', '--format=%b', `${sha}^`)).toContain('Stemma-Session: codex:1')
  const first = (await place.git('rev-parse', `${sha}^`)).trim()
  expect((await place.api('GET', `/repos/acme/shop/commits/${first}/pulls`)).body[0].number).toBe(number)
  expect(await place.git('ls-remote', 'origin', 'refs/heads/replayed')).toBe('')
})

test('the App hears of the merge: closed and merged, then the push', async () => {
  const number = await diverge('heard')
  await place.github.settled()
  place.received.length = 0
  await place.github.mergePullRequest({ ...shop, number, method: 'squash' })
  await place.github.settled()
  const closed = place.received.find(({ event }) => event === 'pull_request')
  expect(closed?.payload).toMatchObject({ action: 'closed', number, pull_request: { merged: true } })
  expect(place.received.find(({ event }) => event === 'push')?.payload['ref']).toBe('refs/heads/main')
})

test('a conflict is dirty and is not merged', async () => {
  const one = await place.propose('left', { 'README.md': '# Left\n' })
  const two = await place.propose('right', { 'README.md': '# Right\n' })
  await place.github.mergePullRequest({ ...shop, number: one.number })
  expect((await place.api('GET', `/repos/acme/shop/pulls/${two.number}`)).body).toMatchObject({
    mergeable: false,
    mergeable_state: 'dirty',
  })
  for (const method of ['merge', 'squash', 'rebase'] as const)
    await expect(place.github.mergePullRequest({ ...shop, number: two.number, method })).rejects.toMatchObject({
      status: 405,
    })
})

test('a push that contains the head merges the pull request', async () => {
  await place.git('checkout', '--quiet', 'main')
  await place.git('pull', '--quiet', '--ff-only', 'origin', 'main')
  const pull = await place.propose('by-hand', { 'hand.txt': 'x\n' })
  await place.git('push', '--quiet', 'origin', 'by-hand:main')
  await place.github.settled()
  expect(place.github.pullRequest({ ...shop, number: pull.number }).mergedAt).not.toBeNull()
})

test('the merge queue asks for checks on its own commit, and merges that', async () => {
  place.github.requireChecks(shop, [{ context: 'Stemma' }])
  await place.git('checkout', '--quiet', 'main')
  await place.git('pull', '--quiet', '--ff-only', 'origin', 'main')
  const pull = await place.propose('queued', { 'queued.txt': 'x\n' })
  place.received.length = 0
  const group = await place.github.queuePullRequest({ ...shop, number: pull.number })
  await place.github.settled()
  const asked = place.received.find(({ event }) => event === 'merge_group')?.payload
  expect(asked).toMatchObject({ action: 'checks_requested', merge_group: { head_sha: group.headSha } })
  expect(group.headRef).toBe(`refs/heads/gh-readonly-queue/main/pr-${pull.number}-${group.baseSha}`)

  await expect(place.github.mergeQueued({ ...shop, group })).rejects.toMatchObject({ status: 405 })
  await place.api('POST', '/repos/acme/shop/check-runs', {
    name: 'Stemma',
    head_sha: group.headSha,
    conclusion: 'success',
  })
  await place.github.mergeQueued({ ...shop, group })
  expect(place.github.repository(shop).refs['refs/heads/main']).toBe(group.headSha)
  expect(place.github.pullRequest({ ...shop, number: pull.number }).mergeCommitSha).toBe(group.headSha)
})
