import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SessionView } from '#core/api/sessions.ts'
import { defaultContract } from '#core/policy/contract.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { deliver, settle } from '#test/workerd/queue.ts'
import { recomputedRollups, storedRollups } from '#test/workerd/rollups.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findEvidence, isAboutSession } from '#worker/store/evidence.ts'
import { saveVerdicts } from '#worker/store/verdicts.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const bypass = smallSession({
  id: 'claude-code:bypass',
  eventCount: 1,
  events: [
    {
      kind: 'toolCall',
      id: 'e1',
      at: null,
      thread: 'main',
      callId: 'c1',
      tool: 'Bash',
      category: 'shell',
      input: {},
      command: 'git commit --no-verify -m x',
      paths: [],
    },
  ],
})

async function verdictsOf(sessionId: string): Promise<SessionView['verdicts']> {
  const response = await request(`/v1/sessions/${sessionId}`, { token: organisation.token })
  return ((await response.json()) as SessionView).verdicts
}

describe('evaluation', () => {
  test('gives the verdicts of the contract in force, each once', async () => {
    const { id, sessionId } = await pushEvidence(organisation.machine, { session: bypass })
    await settle(organisation.id, id)
    await deliver([{ type: 'evaluate', organisation: organisation.id, evidenceId: id }])
    const verdicts = await verdictsOf(sessionId)
    expect(verdicts.map(({ policy }) => policy).sort()).toEqual(
      defaultContract.policies.map(({ policy }) => policy).sort(),
    )
    expect(verdicts.find(({ policy }) => policy === 'no-hook-bypass')).toMatchObject({ result: 'fail', gate: true })
    const { items } = await (await request('/v1/sessions', { token: organisation.token })).json<{
      items: { id: string; verdicts: { fail: number } }[]
    }>()
    expect(items.find((row) => row.id === sessionId)?.verdicts.fail).toBeGreaterThan(0)
    expect(await recomputedRollups(organisation.id)).toEqual(await storedRollups(organisation.id))
  })

  test('lets nothing pass whose events were not sent', async () => {
    const { id, sessionId } = await pushEvidence(organisation.machine, {
      session: { ...bypass, id: 'claude-code:withheld' },
      predicate: { transcript: null },
    })
    await settle(organisation.id, id)
    const verdict = (await verdictsOf(sessionId)).find(({ policy }) => policy === 'no-hook-bypass')
    expect(verdict).toMatchObject({ result: 'error', reason: expect.stringContaining('without its transcript') })
  })

  test('follows a new contract, and an answer by the old one comes too late', async () => {
    const contract = {
      ...defaultContract,
      policies: [{ policy: 'no-hook-bypass', with: {}, gate: false }],
    }
    const { id, sessionId } = await pushEvidence(organisation.machine, {
      session: { ...bypass, id: 'claude-code:contract' },
    })
    await settle(organisation.id, id)
    await sendJson('PUT', '/v1/contract', organisation.token, contract)
    await deliver([{ type: 'evaluate', organisation: organisation.id, evidenceId: id }])
    expect(await verdictsOf(sessionId)).toMatchObject([{ policy: 'no-hook-bypass', result: 'fail', gate: false }])
    const database = openDatabase(env.DB)
    const evidence = await findEvidence(organisation.id, database, id)
    if (evidence === null || !isAboutSession(evidence)) throw new Error('evidence of a session was accepted above')
    await saveVerdicts(organisation.id, database, { evidence, contractVersion: 1, verdicts: [] })
    expect(await verdictsOf(sessionId)).toMatchObject([{ policy: 'no-hook-bypass', result: 'fail', gate: false }])
    expect(await recomputedRollups(organisation.id)).toEqual(await storedRollups(organisation.id))
  })
})
