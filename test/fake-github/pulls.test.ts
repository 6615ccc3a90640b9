import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = await openWorkplace()
})
afterEach(async () => {
  await place.github.settled()
  place.github.assertNoViolations()
})
afterAll(() => place.close())

const pulls = '/repos/acme/shop/pulls'

test('files of a pull request are what git says', async () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`)
  await place.git('checkout', '--quiet', 'main')
  await place.commit('Prepare', {
    'moved.txt': `${lines.join('\n')}\n`,
    'gone.txt': 'gone\n',
    'bin.dat': new Uint8Array([0, 1, 2]),
  })
  await place.git('push', '--quiet', 'origin', 'main')
  await place.git('checkout', '--quiet', '-b', 'files')
  await place.git('mv', 'moved.txt', 'renamed ü.txt')
  await place.commit('Change many things', {
    'renamed ü.txt': `${lines.with(20, 'changed').join('\n')}\n`,
    'gone.txt': null,
    'bin.dat': new Uint8Array([0, 9, 9]),
    'src/till.ts': 'one\nTWO\nthree',
    'new "file".md': 'diff --git a/x b/x\n@@ -1 +1 @@\n',
  })
  await place.git('push', '--quiet', 'origin', 'files')
  // The base moves on: only what the branch itself changed may be listed.
  await place.git('checkout', '--quiet', 'main')
  await place.commit('Meanwhile', { 'meanwhile.txt': 'x\n' })
  await place.git('push', '--quiet', 'origin', 'main')
  const pull = await place.github.createPullRequest({ owner: 'acme', name: 'shop', title: 'Files', head: 'files' })

  const { body: files } = await place.api('GET', `${pulls}/${pull.number}/files`)
  const numstat = await place.git('diff', '--numstat', '-M', 'main...files')
  expect(files).toHaveLength(numstat.trim().split('\n').length)
  const byName = Object.fromEntries(files.map((file: { filename: string }) => [file.filename, file]))
  expect(byName['renamed ü.txt']).toMatchObject({
    status: 'renamed',
    previous_filename: 'moved.txt',
    additions: 1,
    deletions: 1,
  })
  expect(byName['gone.txt']).toMatchObject({
    status: 'removed',
    additions: 0,
    deletions: 1,
    patch: '@@ -1 +0,0 @@\n-gone',
  })
  expect(byName['bin.dat']).toMatchObject({ status: 'modified', additions: 0, changes: 0 })
  expect(byName['bin.dat']).not.toHaveProperty('patch')
  expect(byName['src/till.ts']).toMatchObject({ additions: 2, deletions: 2, changes: 4 })
  expect(byName['src/till.ts'].patch).toBe(
    '@@ -1,3 +1,3 @@\n one\n-two\n-three\n+TWO\n+three\n\\ No newline at end of file',
  )
  expect(byName['new "file".md'].patch).toBe('@@ -0,0 +1,2 @@\n+diff --git a/x b/x\n+@@ -1 +1 @@')
  expect(byName['src/till.ts'].sha).toBe((await place.git('rev-parse', 'files:src/till.ts')).trim())

  const { body } = await place.api('GET', `${pulls}/${pull.number}`)
  expect([body.changed_files, body.commits, body.mergeable, body.mergeable_state]).toEqual([5, 1, true, 'clean'])
  const diff = await place.api('GET', `${pulls}/${pull.number}`, undefined, { accept: 'application/vnd.github.diff' })
  const comparable = (text: string): string => text.replaceAll(/^index .*\n/gm, '')
  expect(comparable(diff.body)).toBe(comparable(await place.git('diff', '-M', 'main...files')))
})

test('commits are listed oldest first, in pages with links', async () => {
  await place.git('checkout', '--quiet', '-b', 'pages', 'main')
  for (const number of [1, 2, 3, 4, 5])
    await place.commit(`Step ${number}\n\nStemma-Session: claude-code:${number}`, { 'step.txt': `${number}\n` })
  await place.git('push', '--quiet', 'origin', 'pages')
  const pull = await place.github.createPullRequest({ owner: 'acme', name: 'shop', title: 'Pages', head: 'pages' })

  const first = await place.api('GET', `${pulls}/${pull.number}/commits?per_page=2`)
  expect(first.body.map((one: { commit: { message: string } }) => one.commit.message.split('\n')[0])).toEqual([
    'Step 1',
    'Step 2',
  ])
  expect(first.body[0].commit.message).toBe('Step 1\n\nStemma-Session: claude-code:1')
  expect(first.body[0].author.login).toBe('ada')
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1]
  expect(next).toContain('page=2')
  const last = await place.api('GET', `${pulls}/${pull.number}/commits?per_page=2&page=3`)
  expect(last.body).toHaveLength(1)
  expect(last.headers.get('link')).not.toContain('rel="next"')
})

test('a comparison counts both sides', async () => {
  await place.git('checkout', '--quiet', 'main')
  await place.commit('Ahead', { 'ahead.txt': 'x\n' })
  await place.git('push', '--quiet', 'origin', 'main')
  const { body } = await place.api('GET', '/repos/acme/shop/compare/main...pages')
  expect([body.status, body.ahead_by, body.behind_by, body.total_commits]).toEqual(['diverged', 5, 1, 5])
  expect(body.files.map((file: { filename: string }) => file.filename)).toEqual(['step.txt'])
  expect(body.merge_base_commit.sha).toBe((await place.git('merge-base', 'main', 'pages')).trim())
})

test('contents come in base64 and raw, for files and folders', async () => {
  const file = await place.api('GET', '/repos/acme/shop/contents/src/till.ts')
  expect(Buffer.from(file.body.content, 'base64').toString()).toBe('one\ntwo\nthree\n')
  const raw = await place.api('GET', '/repos/acme/shop/contents/src/till.ts?ref=files', undefined, {
    accept: 'application/vnd.github.raw+json',
  })
  expect(raw.body).toBe('one\nTWO\nthree')
  const folder = await place.api('GET', '/repos/acme/shop/contents/src')
  expect(folder.body.map((entry: { path: string; type: string }) => [entry.path, entry.type])).toEqual([
    ['src/till.ts', 'file'],
  ])
  const root = await place.api('GET', '/repos/acme/shop/contents')
  expect(root.body.map((entry: { path: string }) => entry.path)).toContain('src')
  expect((await place.api('GET', '/repos/acme/shop/contents/none.txt')).status).toBe(404)
})

test('a commit shows its files, and refs their object', async () => {
  const sha = (await place.git('rev-parse', 'pages')).trim()
  const { body } = await place.api('GET', `/repos/acme/shop/commits/${sha}`)
  expect([body.sha, body.stats, body.files[0].filename]).toEqual([
    sha,
    { additions: 1, deletions: 1, total: 2 },
    'step.txt',
  ])
  expect((await place.api('GET', '/repos/acme/shop/git/ref/heads%2Fpages')).body.object).toMatchObject({
    type: 'commit',
    sha,
  })
  expect((await place.api('GET', '/repos/acme/shop/git/ref/heads/none')).status).toBe(404)
})

test('the second GET with the ETag costs nothing', async () => {
  const first = await place.api('GET', pulls)
  const etag = first.headers.get('etag') ?? ''
  const second = await place.api('GET', pulls, undefined, { 'if-none-match': etag })
  expect([second.status, second.body]).toEqual([304, ''])
  expect(second.headers.get('x-ratelimit-remaining')).toBe(first.headers.get('x-ratelimit-remaining'))
})

test('a pull request from a fork keeps its head in the base repository', async () => {
  await place.github.createRepository({ owner: 'ben', name: 'shop', forkOf: { owner: 'acme', name: 'shop' } })
  await place.git('checkout', '--quiet', '-b', 'from-fork', 'main')
  const sha = await place.commit('From outside', { 'fork.txt': 'x\n' })
  await place.git('push', '--quiet', place.github.remote('ben', 'shop'), 'from-fork')
  const headRepository = { owner: 'ben', name: 'shop' }
  const pull = await place.github.createPullRequest({
    owner: 'acme',
    name: 'shop',
    title: 'Fork',
    head: 'from-fork',
    headRepository,
    author: 'ben',
  })
  const { body } = await place.api('GET', `${pulls}/${pull.number}`)
  expect([body.head.label, body.head.repo.fork, body.base.repo.full_name]).toEqual(['ben:from-fork', true, 'acme/shop'])
  expect(await place.git('ls-remote', 'origin', `refs/pull/${pull.number}/head`)).toContain(sha)
  expect((await place.api('GET', `/repos/acme/shop/commits/${sha}/pulls`)).body[0].number).toBe(pull.number)
})

test('nobody pushes to refs/pull', async () => {
  await expect(place.git('push', 'origin', 'main:refs/pull/1/head')).rejects.toThrow(/hidden ref|deny updating/)
})

test('a pull request without commits, without a branch, or a second time is refused', async () => {
  const shop = { owner: 'acme', name: 'shop', title: 'x' }
  await expect(place.github.createPullRequest({ ...shop, head: 'main' })).rejects.toMatchObject({ status: 422 })
  await expect(place.github.createPullRequest({ ...shop, head: 'nowhere' })).rejects.toMatchObject({ status: 422 })
  await expect(place.github.createPullRequest({ ...shop, head: 'pages' })).rejects.toMatchObject({ status: 422 })
  expect((await place.api('POST', pulls, { title: 'x', head: 'pages', base: 'main' })).status).toBe(422)
})
