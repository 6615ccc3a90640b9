import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readUtf8 } from '#core/evidence/bytes.ts'
import type { CheckRun } from '#core/ports.ts'
import { createFakeGitLab, type FakeGitLab } from '#test/fake-gitlab/server.ts'
import { openGitLab, withoutQuickActions } from '#worker/gitlab/forge.ts'
import { readGitLabPayload } from '#worker/gitlab/payload.ts'
import { gitLabSettings } from '#worker/gitlab/settings.ts'

const PROJECT = 'acme/shop'
const shaOf = (index: number) => (index + 1).toString(16).padStart(40, '0')
const settings = { apiUrl: 'https://gitlab.test/api/v4', token: 'glpat-x' }
const forge = () => openGitLab(settings)

let gitlab: FakeGitLab
beforeEach(() => {
  gitlab = createFakeGitLab({ url: 'https://gitlab.test', token: 'glpat-x', deliver: async () => {} })
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async (input, init) => (await gitlab.fetch(new Request(input, init))) ?? new Response('', { status: 599 }),
  )
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function merge(commits = 1, files: Readonly<Record<string, string>> = { 'a.ts': '@@ -0,0 +1 @@\n+x\n' }) {
  await gitlab.push(PROJECT, 'main', { id: 'f'.repeat(40), message: 'Begin', files: {} })
  for (let at = 0; at < commits; at++) await gitlab.push(PROJECT, 'topic', { id: shaOf(at), message: `${at}`, files })
  return gitlab.openMergeRequest(PROJECT, { branch: 'topic', title: 'A change' })
}

const run = (part: Partial<CheckRun>): CheckRun => ({
  name: 'Stemma',
  head: shaOf(0),
  status: 'completed',
  conclusion: 'success',
  title: 'All well',
  summary: 's',
  text: null,
  annotations: [],
  detailsUrl: 'https://stemma.test/x',
  ...part,
})

test('a merge request, its commits over all pages in order, its files and approvals', async () => {
  const request = await merge(230)
  request.approvedBy.push('ben', 'project_7_bot_x')
  expect(await forge().pullRequest(PROJECT, 1)).toMatchObject({
    number: 1,
    state: 'open',
    head: shaOf(229),
    headRef: 'topic',
    authorLogin: 'ada',
    mergeCommit: null,
  })
  const commits = await forge().commits(PROJECT, 1)
  expect(commits.map(({ sha }) => sha)).toEqual(Array.from({ length: 230 }, (_, at) => shaOf(at)))
  expect(commits[1]?.parents).toEqual([shaOf(0)])
  expect(await forge().files(PROJECT, 1)).toEqual([
    { path: 'a.ts', status: 'added', additions: 1, deletions: 0, patch: '@@ -0,0 +1 @@\n+x\n' },
  ])
  expect((await forge().reviews(PROJECT, 1)).map(({ by, isBot, state }) => [by, isBot, state])).toEqual([
    ['ben', false, 'approved'],
    ['project_7_bot_x', true, 'approved'],
  ])
  expect(await forge().openPullRequests(PROJECT)).toEqual([1])
  expect(await forge().addedLines(PROJECT, shaOf(0))).toBe(1)
  expect(gitlab.state.violations).toEqual([])
})

test("a commit's diff is written as git writes it", async () => {
  await merge(1, { 'ä "b".ts': '@@ -0,0 +1 @@\n+x\n' })
  const diff = await forge().diff(PROJECT, shaOf(0))
  const name = '\\303\\244 \\"b\\".ts"'
  expect(readUtf8(diff ?? new Uint8Array())).toBe(
    `diff --git "a/${name} "b/${name}\nnew file mode 100644\n--- /dev/null\n+++ "b/${name}\n@@ -0,0 +1 @@\n+x\n`,
  )
})

describe('the check', () => {
  test.each<[string, Partial<CheckRun>, { status: string; description: string }]>([
    ['is running', { status: 'in_progress', conclusion: null }, { status: 'running', description: 'All well' }],
    ['succeeds', {}, { status: 'success', description: 'All well' }],
    ['fails', { conclusion: 'failure' }, { status: 'failed', description: 'All well' }],
    ['is neutral', { conclusion: 'neutral' }, { status: 'success', description: 'Neutral, not passed: All well' }],
    ['has a long title', { title: 'x'.repeat(400) }, { status: 'success', description: 'x'.repeat(255) }],
  ])('%s', async (_, part, expected) => {
    await merge()
    await forge().writeCheckRun(PROJECT, null, run(part))
    expect(gitlab.project(PROJECT).statuses).toMatchObject([{ name: 'Stemma', ...expected }])
  })

  test('written twice, because the first answer was lost, is one', async () => {
    await merge()
    const running = run({ status: 'in_progress', conclusion: null })
    await forge().writeCheckRun(PROJECT, null, running)
    expect(await forge().findCheckRun(PROJECT, shaOf(0), 'mark')).toBeNull()
    await forge().writeCheckRun(PROJECT, null, running)
    await forge().writeCheckRun(PROJECT, null, run({}))
    expect(gitlab.project(PROJECT).statuses).toHaveLength(1)
  })
})

test("the status of a fork's commit names the branch, without which GitLab finds no reference to it", async () => {
  await gitlab.push(PROJECT, 'main', { id: 'f'.repeat(40), message: 'Begin', files: {} })
  await gitlab.push(PROJECT, 'topic', { id: shaOf(0), message: 'x', files: {} })
  await gitlab.openMergeRequest(PROJECT, { branch: 'topic', title: 'From a fork', isFromFork: true })
  await forge().writeCheckRun(PROJECT, null, run({}))
  expect(gitlab.project(PROJECT).statuses).toMatchObject([{ sha: shaOf(0), status: 'success' }])
  // A commit that no merge request brings is refused, and the outbox ends that.
  const stranger = run({ head: 'e'.repeat(40) })
  await expect(forge().writeCheckRun(PROJECT, null, stranger)).rejects.toMatchObject({ code: 'not-found' })
  expect(gitlab.state.violations).toEqual([])
})

test.each([
  ['squashed', { id: 'd'.repeat(40), message: 'All of it', files: {} }, 'd'.repeat(40)],
  ['fast-forwarded', null, shaOf(1)],
])('a merge request that was %s names the commit on the target branch', async (_, commit, expected) => {
  const request = await merge(2)
  await gitlab.merge(PROJECT, request, commit)
  expect(await forge().pullRequest(PROJECT, 1)).toMatchObject({ state: 'merged', mergeCommit: expected })
  expect(await forge().commit(PROJECT, expected)).toMatchObject({ sha: expected })
})

test('a line of somebody else that GitLab would obey is no command in our note', async () => {
  const request = await merge()
  await forge().writeComment(PROJECT, 1, null, '<!-- m -->', '<!-- m -->\n/close\nsrc/a.ts and 1/2\n> /merge')
  expect(request.state).toBe('opened')
  expect(request.notes[0]?.body).toBe('<!-- m -->\n\\/close\nsrc/a.ts and 1/2\n> \\/merge')
  expect(withoutQuickActions('\n/assign me')).toBe('\n\\/assign me')
})

test("somebody else's note with our marker is left alone", async () => {
  const request = await merge()
  await gitlab.note(PROJECT, request, '<!-- m -->\nmine')
  await forge().writeComment(PROJECT, 1, null, '<!-- m -->', '<!-- m -->\nours')
  expect(request.notes.map(({ body }) => body)).toEqual(['<!-- m -->\nmine', '<!-- m -->\nours'])
})

test('the body that is there costs no write', async () => {
  const request = await merge()
  const id = await forge().writeComment(PROJECT, 1, null, '<!-- m -->', '<!-- m -->\n/x')
  expect(await forge().writeComment(PROJECT, 1, id, '<!-- m -->', '<!-- m -->\n/x')).toBe(id)
  expect(request.notes.map(({ edits }) => edits)).toEqual([0])
})

/** Whatever goes wrong at GitLab ends in a fault that says what, and when to come again. */
describe('refusals', () => {
  const fault = (status: number, headers = {}) => ({
    method: 'GET',
    path: '/merge_requests/1',
    status,
    message: 'no',
    headers,
  })
  test.each([
    ['401', fault(401), { code: 'forge-unavailable', hint: expect.stringContaining('secret put GITLAB_TOKEN') }],
    ['403', fault(403), { code: 'forge-unavailable', hint: expect.stringContaining('may do too little') }],
    ['404', fault(404), { code: 'not-found', hint: expect.stringContaining('member of the project') }],
    ['409', fault(409), { code: 'forge-unavailable' }],
    ['429', fault(429, { 'retry-after': '7' }), { code: 'rate-limited', cause: { status: 429, waitMs: 7_000 } }],
    ['429 without a time', fault(429), { code: 'rate-limited', cause: { status: 429, waitMs: 60_000 } }],
    ['503', fault(503, { 'retry-after': '3' }), { code: 'forge-unavailable', cause: { status: 503, waitMs: 3_000 } }],
  ])('%s', async (_, injected, expected) => {
    await merge()
    gitlab.state.faults.push(injected)
    await expect(forge().pullRequest(PROJECT, 1)).rejects.toMatchObject(expected)
  })

  test('a locked discussion, diffs that are left out, and what is no project', async () => {
    const request = await merge()
    request.isLocked = true
    await expect(forge().writeComment(PROJECT, 1, null, 'm', 'm')).rejects.toMatchObject({
      message: expect.stringContaining('403'),
    })
    request.collapsed = true
    await expect(forge().files(PROJECT, 1)).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('Diff limits'),
    })
    await expect(forge().pullRequest('../x', 1)).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('what is read of webhooks', () => {
  const at = { group: 7, account: 'acme' }
  const place = { installation: -7, repository: 'acme/shop', repositoryId: 9 }
  const project = { id: 9, path_with_namespace: 'acme/shop' }
  const request = (object_attributes: unknown) => ({ object_kind: 'merge_request', project, object_attributes })
  const note = (text: string) => ({
    object_kind: 'note',
    project,
    object_attributes: { note: text, noteable_type: 'MergeRequest', action: 'create' },
    merge_request: { iid: 3, last_commit: { id: shaOf(1) } },
  })
  const read = (name: string, json: unknown) => readGitLabPayload(name, json, at)
  expect(read('Merge Request Hook', request({ iid: 3, action: 'open' }))).toMatchObject({
    event: { kind: 'pull-request', ...place, number: 3, action: 'opened' },
  })
  expect(read('Note Hook', note('stemma: evaluate again'))).toMatchObject({
    event: { kind: 'evaluation-requested', ...place, numbers: [3] },
  })
  expect(read('Note Hook', note('stemma: constructor'))).toMatchObject({ read: 'ignored' })
  expect(read('Merge Request Hook', request({ iid: 3, action: 'update', oldrev: shaOf(1) }))).toMatchObject({
    event: { action: 'synchronize' },
  })
  expect(read('Merge Request Hook', request({ iid: 3, action: 'approved' }))).toMatchObject({ read: 'ignored' })
  expect(read('Merge Request Hook', request({ iid: 'x' }))).toMatchObject({ read: 'malformed' })
  expect(read('Note Hook', note('stemma: run again'))).toMatchObject({
    event: { kind: 'check-rerequested', head: shaOf(1), numbers: [3] },
  })
  expect(read('Note Hook', note('hello'))).toMatchObject({ read: 'ignored' })
  const push = { object_kind: 'push', project, ref: 'refs/heads/a', after: '0'.repeat(40) }
  expect(read('Push Hook', push)).toMatchObject({ read: 'ignored', reason: 'a deleted branch has no head' })
  expect(read('Wiki Page Hook', {})).toMatchObject({ read: 'ignored' })
})

test('an own GitLab has its API under its own address', () => {
  const variables = { GITLAB_URL: 'https://git.example/gitlab/', GITLAB_TOKEN: 't' }
  expect(gitLabSettings(variables)?.apiUrl).toBe('https://git.example/gitlab/api/v4')
  expect(gitLabSettings({ GITLAB_TOKEN: 't' })?.apiUrl).toBe('https://gitlab.com/api/v4')
  expect(gitLabSettings({})).toBeNull()
})
