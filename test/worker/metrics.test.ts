import { beforeAll, describe, expect, test } from 'vitest'
import { Overview } from '#core/metrics/overview.ts'
import {
  createOrganisation,
  enrolMachine,
  pushEvidence,
  request,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'

let organisation: TestOrganisation

beforeAll(async () => {
  organisation = await createOrganisation('acme')
  const rowan = await enrolMachine(organisation.token, { name: 'Rowan', login: 'rowan' })
  const push = async (machine: typeof rowan, id: string, day: string, repository: string) => {
    const session = `claude-code:${id}`
    const { id: evidenceId } = await pushEvidence(machine, {
      session: smallSession({ id: session, startedAt: `${day}T10:00:00Z` }),
      attribution: [smallCommit(id.repeat(40).slice(0, 40), session, { authoredAt: `${day}T11:00:00Z` })],
      predicate: { repository },
    })
    await settle(organisation.id, evidenceId)
  }
  await push(organisation.machine, 'a', '2026-11-05', 'acme/parser')
  await push(organisation.machine, 'b', '2026-11-12', 'acme/parser')
  await push(rowan, 'c', '2026-11-12', 'acme/lexer')
  await push(rowan, 'd', '2026-11-14', 'acme/lexer')
})

async function overview(query: string): Promise<Overview> {
  const response = await request(`/v1/metrics/overview${query}`, { token: organisation.token })
  return Overview.parse(await response.json())
}

describe('GET /v1/metrics/overview', () => {
  test('compares a period with the one before', async () => {
    const figures = await overview('?from=2026-11-08&to=2026-11-14')
    expect(figures).toMatchObject({
      previousPeriod: { from: '2026-11-01', to: '2026-11-07' },
      sessions: { current: 3, previous: 1 },
      activeUsers: { current: 2, previous: 1 },
      aiLineShare: { current: 0.8, previous: 0.8 },
      observedLineShare: { current: 1, previous: 1 },
      costMicroUsd: { current: 12_600, previous: 4_200 },
      tokens: { current: 3_540, previous: 1_180 },
      agents: [{ agent: 'claude-code', sessions: 3 }],
    })
    expect(figures.days.map(({ sessions }) => sessions)).toEqual([0, 0, 0, 0, 2, 0, 1])
    expect(
      figures.topUsers.map(({ person, aiLines, previousAiLines, previousSessions }) => [
        ...[person.name, aiLines, previousAiLines, previousSessions],
      ]),
    ).toEqual([
      ['Rowan', 16, 0, 0],
      ['Grace', 8, 8, 1],
    ])
    expect(figures.models).toMatchObject([
      { model: 'claude-opus-4-5', sessions: 3, costMicroUsd: 12_600, previousCostMicroUsd: 4_200 },
    ])
    expect(figures.policies.map(({ policy }) => policy)).toContain('no-hook-bypass')
  })

  test('of one repository', async () => {
    const figures = await overview('?from=2026-11-08&to=2026-11-14&repository=acme/lexer')
    expect(figures).toMatchObject({ sessions: { current: 2, previous: 0 }, activeUsers: { current: 1 } })
    expect(figures.aiLineShare.previous).toBeNull()
  })

  test('before anything was recorded knows nothing', async () => {
    const figures = await overview('?from=2026-10-01&to=2026-10-31')
    expect(figures.sessions).toEqual({ current: null, previous: null })
  })

  test('without a period shows the last 28 days', async () => {
    expect((await overview('')).days).toHaveLength(28)
  })

  test.each(['?from=2026-11-14&to=2026-11-13', '?from=2020-01-01&to=2026-01-01', '?from=x'])(
    'refuses %s',
    async (query) => {
      const response = await request(`/v1/metrics/overview${query}`, { token: organisation.token })
      await expectProblem(response, 'request-malformed')
    },
  )
})
