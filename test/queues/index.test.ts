import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import type { EvidenceView } from '#core/api/evidence.ts'
import { SessionView } from '#core/api/sessions.ts'
import { utf8 } from '#core/evidence/bytes.ts'
import {
  createOrganisation,
  enrolMachine,
  pushEvidence,
  pushObservedCommits,
  request,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { deliver, eventually, settle } from '#test/workerd/queue.ts'
import { recomputedRollups, storedRollups } from '#test/workerd/rollups.ts'

let organisation: TestOrganisation
let count = 0
beforeEach(async () => {
  organisation = await createOrganisation(`acme-${count++}`)
})

const message = (evidenceId: string, type = 'index') => ({ type, organisation: organisation.id, evidenceId })

async function evidence(id: string): Promise<EvidenceView> {
  return (await request(`/v1/evidence/${id}`, { token: organisation.token })).json()
}

async function session(id: string): Promise<SessionView> {
  const response = await request(`/v1/sessions/${encodeURIComponent(id)}`, { token: organisation.token })
  return SessionView.parse(await response.json())
}

const first = 'a'.repeat(40)
const second = 'b'.repeat(40)
const id = 'claude-code:growing'
const usage = (output: number) => ({
  uncachedInput: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output,
  reasoning: 0,
})

describe('accepted evidence', () => {
  test('of a run without a commit is a session like any other, with what it was asked to do', async () => {
    const asked = {
      promptCount: 1,
      prompts: [{ event: 'p1', text: 'Do SHOP-12' }],
      tickets: [{ key: 'SHOP-12', url: null, branches: [], events: ['p1'] }],
      documentCount: 0,
      documents: [],
      skillCount: 0,
      skills: [],
    }
    const delegation = { parent: null, orchestrator: 'GitHub Actions', human: null }
    const run = smallSession({ id: 'generic:run-1', namedModels: ['qwen-3'], asked, delegation })
    const { id: evidenceId } = await pushEvidence(organisation.machine, { session: run, attribution: [] })
    await deliver([message(evidenceId)])
    expect((await evidence(evidenceId)).state).toBe('indexed')
    const view = await session('generic:run-1')
    expect(view.session).toMatchObject({ commits: 0, lines: null })
    expect(view.header).toMatchObject({ asked, delegation, namedModels: ['qwen-3'] })
  })

  test('is indexed and evaluated by the real queue', async () => {
    const { id: evidenceId, sessionId } = await pushEvidence(organisation.machine)
    const view = await eventually(async () => {
      const response = await request(`/v1/sessions/${sessionId}`, { token: organisation.token })
      const body = response.ok ? SessionView.parse(await response.json()) : null
      return body !== null && body.verdicts.length > 0 ? body : null
    })
    expect((await evidence(evidenceId)).state).toBe('indexed')
    expect(view.session).toMatchObject({ evidenceId, models: ['claude-opus-4-5'], files: 1, commits: 1 })
    expect(view.session.lines).toEqual({ ai: 8, human: 1, mixed: 1, unknown: 0 })
  })

  test('that is delivered again changes nothing', async () => {
    const { id: evidenceId } = await pushEvidence(organisation.machine)
    await settle(organisation.id, evidenceId)
    const once = await storedRollups(organisation.id)
    await settle(organisation.id, evidenceId)
    await deliver([message(evidenceId, 'evaluate'), message(evidenceId), message(evidenceId)])
    expect(await storedRollups(organisation.id)).toEqual(once)
    expect(await recomputedRollups(organisation.id)).toEqual(once)
  })
})

describe('newer evidence of a session', () => {
  const younger = () =>
    pushEvidence(organisation.machine, {
      session: smallSession({ id, usage: usage(10) }),
      attribution: [smallCommit(first, id)],
    })
  const older = () =>
    pushEvidence(organisation.machine, {
      session: smallSession({ id, usage: usage(25), endedAt: '2026-11-20T12:00:00Z' }),
      attribution: [smallCommit(second, id, { added: { ai: 5, human: 0, mixed: 0, unknown: 2 } })],
    })

  test.each(['in order', 'in reverse', 'twice, mixed'])('supersedes the older one when delivered %s', async (order) => {
    const one = await younger()
    const two = await older()
    if (order === 'in order') {
      await settle(organisation.id, one.id)
      await settle(organisation.id, two.id)
    } else if (order === 'in reverse') {
      await settle(organisation.id, two.id)
      await settle(organisation.id, one.id)
    } else {
      for (const evidenceId of [two.id, one.id, two.id, one.id]) await settle(organisation.id, evidenceId)
    }

    const view = await session(id)
    expect(view.session).toMatchObject({ evidenceId: two.id, commits: 2, durationSeconds: 7_200 })
    expect(view.session.usage?.output).toBe(25)
    expect(view.session.lines).toEqual({ ai: 13, human: 1, mixed: 1, unknown: 2 })
    expect(view.attribution.map(({ commit }) => commit)).toEqual([first, second])
    expect((await evidence(one.id)).envelope).not.toBe('')

    const rollups = await storedRollups(organisation.id)
    expect(rollups.sessions).toMatchObject([{ sessions: 1, tokens: 25 }])
    expect(rollups.lines).toMatchObject([{ changes: 2, ai: 13, unknown: 2 }])
    expect(await recomputedRollups(organisation.id)).toEqual(rollups)
  })

  test('moves the session to its new day, repository and models without a remainder', async () => {
    const one = await younger()
    await settle(organisation.id, one.id)
    const model = { model: 'other', provider: null, requests: 1, usage: usage(1), cost: unpriced }
    const two = await pushEvidence(organisation.machine, {
      session: smallSession({ id, startedAt: '2026-11-21T00:00:00Z', models: [model], cost: unpriced, usage: null }),
      predicate: { repository: null },
    })
    await settle(organisation.id, two.id)
    const rollups = await storedRollups(organisation.id)
    expect(rollups.sessions).toMatchObject([
      { day: '2026-11-21', repository: '', sessions: 1, metered: 0, priced: 0, tokens: 0 },
    ])
    expect(rollups.models).toMatchObject([{ day: '2026-11-21', model: 'other', priced: 0 }])
    expect(await recomputedRollups(organisation.id)).toEqual(rollups)
  })

  test("by another person is refused, and the owner's figures stay", async () => {
    const one = await younger()
    await settle(organisation.id, one.id)
    const before = await storedRollups(organisation.id)
    const rival = await enrolMachine(organisation.token, { name: 'Mallory', login: 'mallory' })
    const two = await pushEvidence(rival, { session: smallSession({ id, usage: usage(9_999) }) })
    await settle(organisation.id, two.id)
    expect(await evidence(two.id)).toMatchObject({ state: 'failed', reason: expect.stringContaining('another person') })
    expect(await storedRollups(organisation.id)).toEqual(before)
  })
})

const unpriced = { microUsd: null, unpricedModels: ['other'], priceTable: 'prices@1' }

describe('lines', () => {
  test('of a commit that two sessions attribute count once', async () => {
    for (const name of ['claude-code:one', 'claude-code:two']) {
      const { id: evidenceId } = await pushEvidence(organisation.machine, {
        session: smallSession({ id: name }),
        attribution: [smallCommit(first, name)],
      })
      await settle(organisation.id, evidenceId)
    }
    const rollups = await storedRollups(organisation.id)
    expect(rollups.lines).toMatchObject([{ changes: 1, ai: 8 }])
    expect(rollups.sessions).toMatchObject([{ sessions: 2 }])
  })

  test('of a commit that a rebase repeats count once, by patch id', async () => {
    const patchId = 'f'.repeat(40)
    for (const commit of [first, second]) {
      const { id: evidenceId } = await pushEvidence(organisation.machine, {
        session: smallSession({ id }),
        attribution: [smallCommit(commit, id, { patchId })],
      })
      await settle(organisation.id, evidenceId)
    }
    expect((await storedRollups(organisation.id)).lines).toMatchObject([{ changes: 1, ai: 8 }])
    expect((await session(id)).session.lines?.ai).toBe(8)
  })
})

describe('commits to which no session contributed', () => {
  const byHand = { ai: 0, human: 9, mixed: 0, unknown: 1 }
  const observed = () =>
    pushObservedCommits(organisation.machine, [smallCommit(first, id, { added: byHand, sessions: [] })])

  test('count with their lines, as no session', async () => {
    const accepted = await observed()
    expect(accepted).toMatchObject({ sessionId: null, links: { session: null, dashboard: 'https://stemma.test' } })
    await settle(organisation.id, accepted.id)
    await settle(organisation.id, accepted.id)
    expect(await evidence(accepted.id)).toMatchObject({ state: 'indexed', sessionId: null, transcript: null })
    const rollups = await storedRollups(organisation.id)
    expect(rollups.sessions).toEqual([])
    expect(rollups.verdicts).toEqual([])
    expect(rollups.lines).toMatchObject([{ changes: 1, ai: 0, human: 9, unknown: 1 }])
  })

  test.each(['session last', 'session first'])("never override a session's word: %s", async (order) => {
    const own = { session: smallSession({ id }), attribution: [smallCommit(first, id)] }
    const accepted =
      order === 'session last'
        ? [await observed(), await pushEvidence(organisation.machine, own)]
        : [await pushEvidence(organisation.machine, own), await observed()]
    for (const { id: evidenceId } of accepted) await settle(organisation.id, evidenceId)
    for (const { id: evidenceId } of accepted.reverse()) await settle(organisation.id, evidenceId)
    const rollups = await storedRollups(organisation.id)
    expect(rollups.lines).toMatchObject([{ changes: 1, ai: 8, human: 1, mixed: 1, unknown: 0 }])
    expect(await recomputedRollups(organisation.id)).toEqual(rollups)
  })
})

describe('a transcript that is no session', () => {
  test.each([
    ['text', utf8('hello')],
    ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe])],
    ['nothing', new Uint8Array()],
  ])('%s: the evidence fails with a reason and is not tried again', async (_, transcript) => {
    const { id: evidenceId, sessionId } = await pushEvidence(organisation.machine, { transcript })
    const { acknowledged } = await deliver([message(evidenceId)])
    expect(acknowledged).toHaveLength(1)
    const view = await evidence(evidenceId)
    expect(view.state).toBe('failed')
    expect(view.reason).toMatch(/transcript/i)
    expect((await request(`/v1/sessions/${sessionId}`, { token: organisation.token })).status).toBe(404)
  })

  test('but of another session: likewise', async () => {
    const { writeSession } = await import('#core/session/session-text.ts')
    const { id: evidenceId } = await pushEvidence(organisation.machine, {
      transcript: utf8(writeSession(smallSession({ id: 'claude-code:other' }))),
    })
    await deliver([message(evidenceId)])
    expect(await evidence(evidenceId)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('claude-code:other'),
    })
  })
})

describe('a message', () => {
  test('about evidence that is not there is done with', async () => {
    expect((await deliver([message('0'.repeat(64)), message('0'.repeat(64), 'evaluate')])).retried).toEqual([])
  })

  test('of no known kind is tried again and ends among the dead letters, without its neighbours', async () => {
    const { id: evidenceId } = await pushEvidence(organisation.machine)
    const { acknowledged, retried } = await deliver([{ type: 'nonsense' }, message(evidenceId)])
    expect(retried).toHaveLength(1)
    expect(acknowledged).toHaveLength(1)
    expect((await evidence(evidenceId)).state).toBe('indexed')
  })

  test('that names a foreign organisation finds nothing there', async () => {
    const { id: evidenceId } = await pushEvidence(organisation.machine)
    const other = await createOrganisation('umbrella')
    await deliver([{ type: 'index', organisation: other.id, evidenceId }])
    const { results } = await env.DB.prepare('select * from sessions where organisation = ?').bind(other.id).all()
    expect(results).toEqual([])
  })
})
