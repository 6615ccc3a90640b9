import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { PullRequestPage, PullRequestView } from '#core/api/pull-requests.ts'
import { createOrganisation, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { openDatabase } from '#worker/store/database.ts'
import { savePullRequest } from '#worker/store/pull-requests.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
  for (const number of [1, 2, 3]) {
    await savePullRequest(organisation.id, openDatabase(env.DB), {
      key: { repository: number === 3 ? 'acme/lexer' : 'acme/parser', number },
      installation: 1,
      pull: {
        number,
        title: `Number ${number}`,
        state: 'open',
        head: String(number).repeat(40),
        base: 'b'.repeat(40),
        headRef: 'topic',
        authorLogin: 'grace',
        updatedAt: `2026-11-2${number}T12:00:00Z`,
      },
      commits: [String(number).repeat(40)],
    })
  }
})

async function page(query: string): Promise<{ readonly numbers: readonly number[]; readonly next: string | null }> {
  const response = await request(`/v1/pull-requests${query}`, { token: organisation.machine.token })
  const { items, next } = PullRequestPage.parse(await response.json())
  return { numbers: items.map(({ number }) => number), next }
}

describe('GET /v1/pull-requests', () => {
  test('lists what changed last first, a page at a time', async () => {
    const first = await page('?limit=2')
    expect(first.numbers).toEqual([3, 2])
    expect(await page(`?limit=2&cursor=${first.next}`)).toEqual({ numbers: [1], next: null })
  })

  test('filters by repository', async () => {
    expect((await page('?repository=acme/parser')).numbers).toEqual([2, 1])
  })

  test('refuses a cursor that no page gave out', async () => {
    const response = await request('/v1/pull-requests?cursor=x', { token: organisation.machine.token })
    await expectProblem(response, 'request-malformed')
  })
})

describe('GET /v1/pull-requests/{owner}/{repository}/{number}', () => {
  const one = (path: string) => request(`/v1/pull-requests/${path}`, { token: organisation.machine.token })

  test('gives one, without a report until there is one', async () => {
    const view = PullRequestView.parse(await (await one('acme/parser/1')).json())
    expect(view).toMatchObject({ pullRequest: { title: 'Number 1', conclusion: null }, report: null })
  })

  test('knows none that is not there', async () => {
    await expectProblem(await one('acme/parser/9'), 'not-found')
    await expectProblem(await one('acme/parser/one'), 'request-malformed')
  })
})
