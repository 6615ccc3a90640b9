/** What goes wrong between us and GitHub, and the stated result of each: never silence, never a passed check. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Forge } from '#core/ports.ts'
import { json, type ScriptedGitHub, scriptGitHub } from '#test/durable-objects/github.ts'
import { appId, appKey } from '#test/workerd/github-app.ts'
import { gitHubAddress } from '#worker/github/addresses.ts'
import { openForge } from '#worker/github/forge.ts'
import { readInstallationState } from '#worker/github/setup-state.ts'

const apiUrl = 'https://git.example/api/v3'

let github: ScriptedGitHub
let forge: Forge
let installation = 70_000
beforeEach(() => {
  github = scriptGitHub(apiUrl)
  forge = openForge({ apiUrl, appId, privateKey: appKey }, installation++)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const refuse = (status: number, message: string, headers = {}) => json({ message }, status, headers)
const comment = () => forge.writeComment('octo/widgets', 7, 11, '<!-- m -->', '<!-- m -->')

describe('each trouble has a stated result', () => {
  test.each<[string, () => void, () => Promise<unknown>, unknown]>([
    [
      'a suspended installation',
      () =>
        github.answer(({ path }) =>
          path.endsWith('/access_tokens') ? refuse(403, 'This installation has been suspended') : null,
        ),
      comment,
      { code: 'forge-unavailable', message: expect.stringContaining('This installation has been suspended') },
    ],
    [
      'a permission that was not granted',
      () =>
        github.answer(({ path }) =>
          path.endsWith('/access_tokens') ? refuse(422, 'The permissions requested are not granted') : null,
        ),
      comment,
      { code: 'forge-unavailable', message: expect.stringContaining('not granted') },
    ],
    [
      'a locked conversation',
      () => {
        github.answer(({ method }) =>
          method === 'GET' ? json({ id: 11, body: 'old', performed_via_github_app: { id: 42 } }) : null,
        )
        github.answer(({ method }) =>
          method === 'PATCH' ? refuse(403, 'Unable to create comment because issue is locked.') : null,
        )
      },
      comment,
      { code: 'forge-unavailable', message: expect.stringContaining('issue is locked') },
    ],
    [
      'a clock that is wrong',
      () =>
        github.answer(({ path }) =>
          path.endsWith('/access_tokens')
            ? refuse(401, "'Expiration time' claim ('exp') is too far in the future")
            : null,
        ),
      comment,
      {
        code: 'forge-unavailable',
        message: expect.stringContaining("claim ('exp')"),
        cause: { status: 401, waitMs: null },
      },
    ],
    [
      'more files than GitHub lists',
      () =>
        github.answer(({ path }) => {
          const page = Number(/[?&]page=(\d+)/.exec(path)?.[1] ?? '1')
          if (!path.includes('/pulls/7/files')) return null
          const file = { filename: 'x', status: 'added', additions: 1, deletions: 0 }
          const link = `<${apiUrl}/repos/octo/widgets/pulls/7/files?per_page=100&page=${page + 1}>; rel="next"`
          return json(Array(100).fill(file), 200, page < 30 ? { link } : {})
        }),
      () => forge.files('octo/widgets', 7),
      { code: 'not-found', message: expect.stringContaining('no more than 3000 files') },
    ],
  ])('%s', async (_, script, act, expected) => {
    script()
    await expect(act()).rejects.toMatchObject(expected as object)
  })

  test('a deleted comment: a new one', async () => {
    github.answer(({ method, path }) => {
      if (path.endsWith('/issues/comments/11')) return refuse(404, 'Not Found')
      return method === 'GET' ? json([]) : null
    })
    github.answer(({ method, path }) =>
      method === 'POST' && path.endsWith('/issues/7/comments') ? json({ id: 12 }, 201) : null,
    )
    expect(await comment()).toBe(12)
  })
})

describe('an Enterprise Server', () => {
  test.each([
    [{ GITHUB_API_URL: 'https://api.github.com' }, 'https://github.com'],
    [{ GITHUB_API_URL: 'https://git.example/api/v3/' }, 'https://git.example'],
    [{ GITHUB_API_URL: 'https://api.acme.ghe.com', GITHUB_URL: 'https://acme.ghe.com/' }, 'https://acme.ghe.com'],
  ])('%j is reached by people at %s', (variables, address) => {
    expect(gitHubAddress(variables)).toBe(address)
  })

  test('is asked below its base path, over pages, and its token goes to no other host', async () => {
    const file = { filename: 'x', status: 'added', additions: 1, deletions: 0 }
    github.answer(({ path }) => {
      if (path === '/repos/octo/widgets/pulls/7/files?per_page=100') {
        return json([file], 200, { link: `<${apiUrl}/repositories/1/pulls/7/files?page=2>; rel="next"` })
      }
      const elsewhere = '<https://evil.example/api/v3/x>; rel="next"'
      return path === '/repositories/1/pulls/7/files?page=2' ? json([file], 200, { link: elsewhere }) : null
    })
    expect(await forge.files('octo/widgets', 7)).toHaveLength(2)
    // A path that still has its host was asked of somebody else.
    expect(github.asked.map(({ path }) => path).filter((path) => !path.startsWith('/'))).toEqual([])
  })
})

test('an installation on many repositories is read to its end', async () => {
  const repositories = Array.from({ length: 250 }, (_, at) => ({
    full_name: `octo/r${at}`,
    html_url: `https://git.example/octo/r${at}`,
    default_branch: 'main',
  }))
  github.answer(({ path }) => {
    if (path.startsWith('/app/installations/') && !path.endsWith('/access_tokens')) {
      return json({ html_url: 'https://git.example/i', permissions: {}, events: [], suspended_at: null })
    }
    if (path.includes('/rules/branches/')) return json([])
    if (!path.startsWith('/installation/repositories')) return null
    const page = Number(/[?&]page=(\d+)/.exec(path)?.[1] ?? '1')
    const link = `<${apiUrl}/installation/repositories?per_page=100&page=${page + 1}>; rel="next"`
    const listed = repositories.slice((page - 1) * 100, page * 100)
    return json({ total_count: 250, repositories: listed }, 200, page < 3 ? { link } : {})
  })
  const state = await readInstallationState(
    { apiUrl, appId, privateKey: appKey },
    { id: installation++, account: 'octo' },
  )
  expect(state.found?.repositoryNames).toHaveLength(250)
  expect(state.found?.repositoryCount).toBe(250)
  expect(state.found?.repositories).toHaveLength(20)
})
