/** A repository by the id that it keeps: by its name, by a former one, and where none is to be seen. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { movedTo } from '#core/forge-refusal.ts'
import { json, type ScriptedGitHub, scriptGitHub } from '#test/durable-objects/github.ts'
import { appId, appKey } from '#test/workerd/github-app.ts'
import { openForge } from '#worker/github/forge.ts'

const settings = { apiUrl: 'https://api.github.com', appId, privateKey: appKey }
const PRESENT = 'octo/gadgets'
const FORMER = 'octo/widgets'

let github: ScriptedGitHub
let installation = 9_500

beforeEach(() => {
  installation++
  github = scriptGitHub()
  github.answer(({ path }) => {
    if (path === `/repos/${PRESENT}`) return json({ id: 77, full_name: PRESENT })
    const rest = path.startsWith(`/repos/${FORMER}`) ? path.slice(`/repos/${FORMER}`.length) : null
    if (rest !== null) {
      const location = `https://api.github.com/repositories/77${rest}`
      return json({ message: 'Moved Permanently', url: location }, 301, { location })
    }
    if (path === '/installation/repositories?per_page=100') {
      const link = '<https://api.github.com/installation/repositories?per_page=100&page=2>; rel="next"'
      return json({ total_count: 2, repositories: [{ id: 5, full_name: 'octo/other' }] }, 200, { link })
    }
    if (path === '/installation/repositories?per_page=100&page=2') {
      return json({ total_count: 2, repositories: [{ id: 77, full_name: PRESENT }] })
    }
    return path.endsWith('/access_tokens') ? null : json({ message: 'Not Found' }, 404)
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const forge = () => openForge(settings, installation)
const refused = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

describe('is found', () => {
  test.each<[string, number | string]>([
    ['by its id, on whatever page of the list', 77],
    ['by its name', PRESENT],
    ['by a former name', FORMER],
  ])('%s', async (_, place) => {
    expect(await forge().repository(place)).toEqual({ id: 77, name: PRESENT })
  })
})

test.each<[string, number | string]>([
  ['an id that the installation does not reach', 78],
  ['a name that is none', 'octo/nothing'],
])('%s is not found', async (_, place) => {
  await expect(forge().repository(place)).rejects.toMatchObject({ code: 'not-found' })
})

describe('whoever asks by a former name is told the id', () => {
  test('by the answer, which is not followed', async () => {
    const error = await refused(forge().pullRequest(FORMER, 7))
    expect(error).toMatchObject({ code: 'forge-unavailable' })
    expect(movedTo(error)).toBe(77)
    expect(github.asked.filter(({ path }) => path.includes('/repositories/77'))).toEqual([])
  })

  test('where there is no token for that name any more', async () => {
    github.answer(({ path, body }) => {
      const { repositories = [] } = (body ?? {}) as { readonly repositories?: readonly string[] }
      return path.endsWith('/access_tokens') && repositories.includes('widgets')
        ? json({ message: 'There is at least one repository that does not exist' }, 422)
        : null
    })
    expect(movedTo(await refused(forge().pullRequest(FORMER, 7)))).toBe(77)
    // Another reason for which there is none stays what it is.
    expect(movedTo(await refused(forge().pullRequest('octo/nothing', 7)))).toBeNull()
  })

  test.each([
    ['another host', 'https://evil.example/elsewhere'],
    ['no id', 'https://api.github.com/repositories/x/pulls/7'],
  ])('but not by an address that leads to %s', async (_, location) => {
    github.answer(({ path }) => (path.includes('/pulls/7') ? json({ message: 'Moved' }, 301, { location }) : null))
    expect(movedTo(await refused(forge().pullRequest(FORMER, 7)))).toBeNull()
  })
})
