import { beforeAll, describe, expect, test } from 'vitest'
import { EventPage, SessionPage, SessionView } from '#core/api/sessions.ts'
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
let rowan: string

beforeAll(async () => {
  organisation = await createOrganisation('acme')
  const other = await enrolMachine(organisation.token, { name: 'Rowan', login: 'rowan' })
  rowan = other.personId
  for (let number = 0; number < 5; number++) {
    const id = `claude-code:s${number}`
    const { id: evidenceId } = await pushEvidence(number === 4 ? other : organisation.machine, {
      session: smallSession({ id, startedAt: `2026-11-1${number}T23:30:00Z` }),
      attribution: number === 0 ? [] : [smallCommit(String(number).repeat(40), id)],
      predicate: { repository: number < 2 ? 'acme/parser' : null },
    })
    await settle(organisation.id, evidenceId)
  }
})

async function page(query: string): Promise<SessionPage> {
  return SessionPage.parse(await (await request(`/v1/sessions${query}`, { token: organisation.token })).json())
}
const ids = ({ items }: SessionPage): readonly string[] => items.map(({ id }) => id.replace('claude-code:', ''))

describe('GET /v1/sessions', () => {
  test('lists the newest first, with what is known of each', async () => {
    const all = await page('')
    expect(ids(all)).toEqual(['s4', 's3', 's2', 's1', 's0'])
    expect(all.next).toBeNull()
    expect(all.items[0]).toMatchObject({ person: { id: rowan, name: 'Rowan' }, lines: { ai: 8 }, commits: 1 })
    expect(all.items[4]).toMatchObject({ lines: null, commits: 0, files: 1 })
  })

  test('goes by when sessions began, not by when they came', async () => {
    const lists = await createOrganisation('late')
    for (const [id, startedAt] of [
      ['late', '2026-11-20T09:00:00Z'],
      ['early', '2026-11-02T09:00:00Z'],
      ['unknown', null],
    ] as const) {
      const session = smallSession({ id: `claude-code:${id}`, startedAt })
      await settle(lists.id, (await pushEvidence(lists.machine, { session })).id)
    }
    // Nobody recorded when the third began: it stands where it came, which was just now.
    const first = await request('/v1/sessions?limit=2', { token: lists.token })
    const one = SessionPage.parse(await first.json())
    const two = await request(`/v1/sessions?limit=2&cursor=${one.next}`, { token: lists.token })
    expect([...ids(one), ...ids(SessionPage.parse(await two.json()))]).toEqual(['unknown', 'late', 'early'])
  })

  test('goes on where the page before ended, also when something new arrives in between', async () => {
    const first = await page('?limit=2')
    expect(ids(first)).toEqual(['s4', 's3'])
    const { id } = await pushEvidence(organisation.machine, { session: smallSession({ id: 'codex:new' }) })
    await settle(organisation.id, id)
    const second = await page(`?limit=2&cursor=${first.next}`)
    expect(ids(second)).toEqual(['s2', 's1'])
    const third = await page(`?limit=2&cursor=${second.next}`)
    expect(ids(third)).toEqual(['s0'])
    expect(third.next).toBeNull()
  })

  test.each([
    ['?repository=acme/parser&to=2026-11-19', ['s1', 's0']],
    ['?from=2026-11-11&to=2026-11-12', ['s2', 's1']],
    ['?model=claude-opus-4-5&to=2026-11-10', ['s0']],
    ['?model=nothing', []],
    ['?agent=codex', []],
    ['?person=nobody', []],
  ])('filters by %s', async (query, expected) => {
    expect(ids(await page(query))).toEqual(expected)
  })

  test('filters by person', async () => {
    expect(ids(await page(`?person=${rowan}`))).toEqual(['s4'])
  })

  test.each(['?limit=0', '?limit=101', '?from=yesterday', '?cursor=!!', '?cursor=W10'])('refuses %s', async (query) => {
    const response = await request(`/v1/sessions${query}`, { token: organisation.token })
    await expectProblem(response, 'request-malformed')
  })
})

describe('GET /v1/sessions/{id}', () => {
  test('gives header, attribution and verdicts', async () => {
    const response = await request('/v1/sessions/claude-code%3As1', { token: organisation.token })
    const view = SessionView.parse(await response.json())
    expect(view.header).toMatchObject({ id: 'claude-code:s1', prompts: 1 })
    expect(view.attribution).toMatchObject([{ commit: '1'.repeat(40), added: { ai: 8 } }])
    expect(view.transcript).toBe(true)
    expect(view.verdicts).toHaveLength(5)
  })

  test('knows none that is not there', async () => {
    await expectProblem(await request('/v1/sessions/nobody:1', { token: organisation.token }), 'not-found')
  })
})

describe('GET /v1/sessions/{id}/events', () => {
  const events = async (query: string) =>
    EventPage.parse(
      await (await request(`/v1/sessions/claude-code:s1/events${query}`, { token: organisation.token })).json(),
    )

  test('gives them in order, a page at a time', async () => {
    const first = await events('?limit=2')
    expect(first.items.map(({ kind }) => kind)).toEqual(['prompt', 'toolCall'])
    const second = await events(`?limit=2&cursor=${first.next}`)
    expect(second.items.map(({ kind }) => kind)).toEqual(['toolResult'])
    expect(second.next).toBeNull()
    expect((await events('?cursor=99')).items).toEqual([])
  })

  test('says so where the transcript was not sent', async () => {
    const { id, sessionId } = await pushEvidence(organisation.machine, {
      session: smallSession({ id: 'claude-code:withheld' }),
      predicate: { transcript: null },
    })
    await settle(organisation.id, id)
    const response = await request(`/v1/sessions/${sessionId}/events`, { token: organisation.token })
    const problem = await expectProblem(response, 'not-found')
    expect(problem.detail).toContain('without its transcript')
    const view = await request(`/v1/sessions/${sessionId}`, { token: organisation.token })
    expect(SessionView.parse(await view.json()).transcript).toBe(false)
  })
})
