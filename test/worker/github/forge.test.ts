import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { json, type ScriptedGitHub, scriptGitHub } from '#test/durable-objects/github.ts'
import { appId, appKey } from '#test/workerd/github-app.ts'
import { openForge } from '#worker/github/forge.ts'
import { gitHubSettings } from '#worker/github/settings.ts'

const settings = { apiUrl: 'https://api.github.com', appId, privateKey: appKey }

let github: ScriptedGitHub
let installation = 9_000
beforeEach(() => {
  github = scriptGitHub()
  installation++
})
afterEach(() => {
  vi.restoreAllMocks()
})

const shaOf = (index: number) => index.toString(16).padStart(40, '0')
const commitJson = (index: number) => ({ sha: shaOf(index), parents: [], commit: { message: 'm' }, author: null })

describe('commits', () => {
  /** Pages of 100 out of `count`, with the address of the next one as GitHub gives it. */
  const page = (path: string, count: number, shape: (items: unknown[]) => unknown) => {
    const number = Number(/[?&]page=(\d+)/.exec(path)?.[1] ?? '1')
    const items = Array.from({ length: count }, (_, index) => commitJson(index)).slice((number - 1) * 100, number * 100)
    const base = path.replace(/&page=\d+/, '')
    const link = `<https://api.github.com${base}&page=${number + 1}>; rel="next"`
    return json(shape(items), 200, number * 100 < count ? { link } : {})
  }

  test('are read from all pages, in order', async () => {
    github.answer(({ path }) => (path.includes('/pulls/7/commits') ? page(path, 230, (items) => items) : null))
    const commits = await openForge(settings, installation).commits('octo/widgets', 7)
    expect(commits.map(({ sha }) => sha)).toEqual(Array.from({ length: 230 }, (_, index) => shaOf(index)))
  })

  test('beyond the 250 that GitHub lists are read from the comparison of both ends', async () => {
    github.answer(({ path }) => {
      if (path.includes('/pulls/7/commits')) return page(path, 250, (items) => items)
      if (path.includes(`/compare/${shaOf(1)}...${shaOf(399)}`)) return page(path, 400, (commits) => ({ commits }))
      if (!path.endsWith('/pulls/7')) return null
      const [head, base] = [{ sha: shaOf(399), ref: 'x' }, { sha: shaOf(1) }]
      const times = { merged_at: null, updated_at: '2026-11-22T10:00:00Z' }
      return json({ number: 7, title: 't', state: 'open', user: null, head, base, ...times })
    })
    const commits = await openForge(settings, installation).commits('octo/widgets', 7)
    expect(commits).toHaveLength(400)
    expect(commits.at(-1)?.sha).toBe(shaOf(399))
  })
})

test('an answer that lacks what is read of it is refused, not believed', async () => {
  github.answer(({ path }) => (path.includes('/pulls/7') ? json({ number: 7, head: null }) : null))
  await expect(openForge(settings, installation).pullRequest('octo/widgets', 7)).rejects.toMatchObject({
    code: 'forge-unavailable',
  })
})

test.each(['octo', 'octo/../..', 'octo/widgets/x', '../app', 'octo/..', 'octo/wid gets', 'octo/w?x', ''])(
  '%j is no repository, and GitHub is not asked about it',
  async (repository) => {
    await expect(openForge(settings, installation).pullRequest(repository, 7)).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(github.asked).toEqual([])
  },
)

test('more than 50 annotations are sent in several requests', async () => {
  github.answer(({ method, path }) => (method !== 'GET' && path.includes('/check-runs') ? json({ id: 5 }) : null))
  const annotations = Array.from({ length: 120 }, (_, index) => {
    return {
      path: 'a.ts',
      startLine: index + 1,
      endLine: index + 1,
      level: 'notice',
      title: 't',
      message: 'm',
    } as const
  })
  const run = { name: 'Stemma', head: shaOf(1), title: 't', summary: 's', text: null, detailsUrl: 'https://x.example/' }
  const forge = openForge(settings, installation)
  await forge.writeCheckRun('octo/widgets', null, { ...run, status: 'completed', conclusion: 'neutral', annotations })
  const sent = github.writes().map(({ method, body }) => [method, Object(body).output.annotations.length])
  expect(sent).toEqual([
    ['POST', 50],
    ['PATCH', 50],
    ['PATCH', 20],
  ])
})

describe('settings', () => {
  test('are there only where id and key are set', () => {
    const variables = { GITHUB_API_URL: 'https://github.example/api/v3/', GITHUB_APP_ID: '42', GITHUB_PRIVATE_KEY: 'k' }
    expect(gitHubSettings(variables)).toEqual({ apiUrl: 'https://github.example/api/v3', appId: '42', privateKey: 'k' })
    expect(gitHubSettings({ ...variables, GITHUB_APP_ID: '' })).toBeNull()
    expect(gitHubSettings({ GITHUB_API_URL: 'https://x.example' })).toBeNull()
  })

  test('with a key that is none say what to do', async () => {
    const forge = openForge({ ...settings, privateKey: 'not a key' }, installation)
    await expect(forge.pullRequest('octo/widgets', 7)).rejects.toMatchObject({
      code: 'configuration-malformed',
      hint: expect.stringContaining('GITHUB_PRIVATE_KEY'),
    })
  })
})
