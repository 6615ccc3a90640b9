import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { ConclusionView } from '#core/api/conclusions.ts'
import { SessionView } from '#core/api/sessions.ts'
import { EvidenceVerdicts } from '#core/api/verdicts.ts'
import { WaiverPage } from '#core/api/waivers.ts'
import { fromBase64, readUtf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, readEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey, verifySignature } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { Overview } from '#core/metrics/overview.ts'
import { Waiver } from '#core/policy/waiver.ts'
import { readWaiverStatement, WAIVER_PREDICATE } from '#core/policy/waiver-statement.ts'
import { endWaivers } from '#queues/end-waivers.ts'
import {
  createOrganisation,
  enrolMachine,
  pushEvidence,
  request,
  sendJson,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'
import { openDatabase } from '#worker/store/database.ts'
import { savePullRequest } from '#worker/store/pull-requests.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const wanted = (change: object = {}) => ({
  policy: 'no-hook-bypass',
  scope: { kind: 'repository', repository: 'acme/parser' },
  reason: 'The hook is broken on this branch.',
  expiresAt: inDays(3),
  ...change,
})
const ask = (change: object = {}, token = organisation.machine.token) =>
  sendJson('POST', '/v1/waivers', token, wanted(change))
const asked = async (change: object = {}) => Waiver.parse(await (await ask(change)).json())
const approve = (id: string, token = organisation.token) =>
  request(`/v1/waivers/${id}/approval`, { method: 'POST', token })
const revoke = (id: string, token = organisation.token) => request(`/v1/waivers/${id}`, { method: 'DELETE', token })

interface Place {
  readonly by?: TestOrganisation
  readonly repository?: string
  readonly commits?: readonly string[]
}

async function violation(id: string, { by = organisation, repository = 'acme/parser', commits }: Place = {}) {
  const command = 'git commit --no-verify -m x'
  const call = { at: null, thread: 'main', callId: 'c1', tool: 'Bash', input: {}, paths: [] }
  const pushed = await pushEvidence(by.machine, {
    ...(commits === undefined ? {} : { attribution: commits.map((commit) => smallCommit(commit, id)) }),
    session: smallSession({
      id,
      eventCount: 1,
      events: [{ kind: 'toolCall', id: 'e1', category: 'shell', command, ...call }],
    }),
    predicate: { repository },
  })
  await settle(by.id, pushed.id)
  return id
}

async function verdictOf(sessionId: string) {
  const view = SessionView.parse(
    await (await request(`/v1/sessions/${sessionId}`, { token: organisation.token })).json(),
  )
  return view.verdicts.find(({ policy }) => policy === 'no-hook-bypass')
}

describe('waivers', () => {
  test('hold from approval to revocation, and say so', async () => {
    const session = await violation('claude-code:waived')
    const waiver = await asked()
    expect(waiver).toMatchObject({ state: 'requested', approvedBy: null, requestedBy: { name: 'Grace' } })
    expect(await verdictOf(session)).toMatchObject({ result: 'fail' })
    const approved = Waiver.parse(await (await approve(waiver.id)).json())
    expect(approved).toMatchObject({ state: 'approved', approvedBy: { name: 'Ada' } })
    expect(await verdictOf(session)).toMatchObject({
      result: 'waived',
      reason: expect.stringContaining('by Ada at the request of Grace: The hook is broken'),
      findings: [expect.objectContaining({ policy: 'no-hook-bypass' })],
    })
    await expectProblem(await approve(waiver.id), 'conflict')
    expect(Waiver.parse(await (await revoke(waiver.id)).json()).state).toBe('revoked')
    expect(await verdictOf(session)).toMatchObject({ result: 'fail' })
    await expectProblem(await approve(waiver.id), 'conflict')
  })

  test('have each decision signed by the server and logged, and none of them is lost to a later one', async () => {
    const waiver = await asked()
    expect(waiver.logIndex).toBeNull()
    const attestation = (query = '') => request(`/v1/waivers/${waiver.id}/attestation${query}`, { token: member })
    const member = organisation.machine.token
    await expectProblem(await attestation(), 'not-found')
    const approved = Waiver.parse(await (await approve(waiver.id)).json())
    await expectProblem(await attestation('?decision=revoked'), 'not-found')
    const revoked = Waiver.parse(await (await revoke(waiver.id)).json())
    const key = await readVerifierKey(await env.EVIDENCE_LOG.getByName(organisation.id).verifierKey())
    for (const [one, decision] of [[approved, 'approved'] as const, [revoked, 'revoked'] as const]) {
      const view = ConclusionView.parse(await (await attestation(`?decision=${decision}`)).json())
      expect(view).toMatchObject({ index: one.logIndex, predicateType: WAIVER_PREDICATE })
      const { payload, payloadType, signatures } = readEnvelope(view.envelope)
      expect(readUtf8(payload)).toBe(one.statement)
      expect(view.id).toBe(await sha256Hex(payload))
      expect(readWaiverStatement(payload)?.predicate).toMatchObject({ decision, waiver: { id: waiver.id } })
      const signer = await readPublicKey(fromBase64(view.publicKey) ?? new Uint8Array())
      const [signature] = signatures
      expect(signer.id).toBe(view.keyId)
      expect(
        await verifySignature(
          signer,
          signature?.bytes ?? new Uint8Array(),
          preAuthenticationEncoding(payloadType, payload),
        ),
      ).toBe(true)
      const { id: evidenceId, keyId, receivedAt, receipt } = view
      const leaf = writeLogLeaf({ evidenceId, predicateType: WAIVER_PREDICATE, keyId, receivedAt })
      expect(await verifyTlogProof(receipt, leaf, key)).toMatchObject({ verified: true, index: one.logIndex })
    }
    expect(revoked).toMatchObject({ approvedBy: { name: 'Ada' }, revokedBy: { name: 'Ada' } })
    // Ended before: nothing is decided a second time.
    expect(Waiver.parse(await (await revoke(waiver.id)).json()).logIndex).toBe(revoked.logIndex)
  })

  test('that ended are told to pull requests once, by the clock, which also logs what a crash left out', async () => {
    const waiver = await asked({ scope: { kind: 'session', session: 'claude-code:nobody' } })
    await approve(waiver.id)
    const row = () =>
      env.DB.prepare('SELECT log_index, ended_at FROM waivers WHERE id = ?').bind(waiver.id).first<{
        log_index: number | null
        ended_at: string | null
      }>()
    const before = await row()
    await env.DB.prepare('UPDATE waivers SET log_index = NULL WHERE id = ?').bind(waiver.id).run()
    expect(await endWaivers(env, new Date())).toBe(0)
    expect(await row()).toEqual(before)
    const later = new Date(Date.parse(waiver.expiresAt) + 1_000)
    expect(await endWaivers(env, later)).toBeGreaterThan(0)
    expect((await row())?.ended_at).toBe(later.toISOString())
    expect(await endWaivers(env, later)).toBe(0)
  })

  test('count in what a strict push is told of the evidence that it sent', async () => {
    const session = await violation('claude-code:strict')
    const { evidenceId } = (await env.DB.prepare('SELECT evidence_id AS evidenceId FROM sessions WHERE id = ?')
      .bind(session)
      .first<{ evidenceId: string }>()) ?? { evidenceId: '' }
    const told = async () => {
      const answer = await request(`/v1/evidence/${evidenceId}/verdicts?wait=5`, { token: organisation.machine.token })
      const { state, verdicts, links } = EvidenceVerdicts.parse(await answer.json())
      expect({ state, link: links.session }).toEqual({ state: 'judged', link: expect.stringContaining('strict') })
      return verdicts.find(({ policy }) => policy === 'no-hook-bypass')?.result
    }
    expect(await told()).toBe('fail')
    const waiver = await asked({ scope: { kind: 'session', session } })
    await approve(waiver.id)
    expect(await told()).toBe('waived')
    const far = await request(`/v1/evidence/${evidenceId}/verdicts?wait=60`, { token: organisation.machine.token })
    await expectProblem(far, 'request-malformed')
  })

  test('of a session hold for that session alone', async () => {
    const one = await violation('claude-code:one')
    const other = await violation('claude-code:other')
    const waiver = await asked({ scope: { kind: 'session', session: one } })
    await approve(waiver.id)
    expect(await verdictOf(one)).toMatchObject({ result: 'waived' })
    expect(await verdictOf(other)).toMatchObject({ result: 'fail' })
    await revoke(waiver.id)
  })

  test('take violations out of the statistics for as long as they hold, each once', async () => {
    const by = await createOrganisation('counted')
    const [first, shared] = ['1'.repeat(40), '2'.repeat(40)]
    await violation('claude-code:c1', { by, repository: 'works/one' })
    await violation('claude-code:c2', { by, repository: 'works/two', commits: ['9'.repeat(40)] })
    await violation('claude-code:c3', { by, repository: 'works/two', commits: [first] })
    await violation('claude-code:c4', { by, repository: 'works/two', commits: [first, shared] })
    for (const [number, commit] of [
      [7, first],
      [8, shared],
    ] as const) {
      await savePullRequest(by.id, openDatabase(env.DB), {
        key: { repository: 'works/two', number },
        installation: 1,
        pull: {
          ...{ number, title: 'Parse', state: 'merged', head: commit, base: 'b'.repeat(40), headRef: 'topic' },
          ...{ authorLogin: null, updatedAt: '2026-11-20T12:00:00Z' },
        },
        commits: [commit],
      })
    }
    const counted = async (query = '') => {
      const path = `/v1/metrics/overview?from=2026-11-01&to=2026-11-30${query}`
      const { policies } = Overview.parse(await (await request(path, { token: by.token })).json())
      const row = policies.find(({ policy }) => policy === 'no-hook-bypass')
      return [row?.fail, row?.waived]
    }
    const waive = async (scope: object) => {
      const { id } = Waiver.parse(await (await ask({ scope }, by.machine.token)).json())
      expect((await approve(id, by.token)).status).toBe(200)
      return id
    }
    expect(await counted()).toEqual([4, 0])
    await waive({ kind: 'repository', repository: 'Works/One' })
    expect(await counted()).toEqual([3, 1])
    await waive({ kind: 'session', session: 'claude-code:c1' })
    expect(await counted()).toEqual([3, 1])
    const ended = await waive({ kind: 'session', session: 'claude-code:c2' })
    expect(await counted()).toEqual([2, 2])
    // c4 contributed to another pull request as well, which nobody waived.
    await waive({ kind: 'pullRequest', repository: 'works/two', number: 7 })
    expect(await counted()).toEqual([1, 3])
    expect(await counted('&repository=works/two')).toEqual([1, 2])
    await revoke(ended, by.token)
    expect(await counted()).toEqual([2, 2])
    await env.DB.prepare('UPDATE waivers SET expires_at = ? WHERE organisation = ?').bind(inDays(-1), by.id).run()
    expect(await counted()).toEqual([4, 0])
  })

  test('are not approved by who asked for them, nor by members', async () => {
    const own = Waiver.parse(await (await ask({}, organisation.token)).json())
    await expectProblem(await approve(own.id), 'credential-insufficient')
    const waiver = await asked()
    await expectProblem(await approve(waiver.id, organisation.machine.token), 'credential-insufficient')
    await expectProblem(await approve('made-up'), 'not-found')
  })

  test('are ended by who asked and by administrators only', async () => {
    const waiver = await asked()
    const linus = await enrolMachine(organisation.token, { name: 'Linus', login: 'linus' })
    await expectProblem(await revoke(waiver.id, linus.token), 'not-found')
    expect((await revoke(waiver.id, organisation.machine.token)).status).toBe(200)
  })

  test('are refused without reason, end or known policy', async () => {
    const malformed = [
      { policy: 'made-up' },
      { reason: '        x         ' },
      { expiresAt: inDays(-1) },
      { expiresAt: inDays(400) },
      { expiresAt: 'soon' },
      { scope: { kind: 'organisation' } },
      { scope: { kind: 'repository', repository: 'everything' } },
      { extra: 1 },
    ]
    for (const change of malformed) await expectProblem(await ask(change), 'request-malformed')
  })

  test('are listed by page and state, to their organisation only', async () => {
    const page = async (query: string, token = organisation.token) =>
      WaiverPage.parse(await (await request(`/v1/waivers${query}`, { token })).json())
    const all = (await page('')).items
    expect(all.length).toBeGreaterThan(3)
    const first = await page('?limit=2')
    const rest = await page(`?limit=100&cursor=${first.next}`)
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    expect((await page('?state=revoked')).items.every(({ state }) => state === 'revoked')).toBe(true)
    const other = await createOrganisation('other')
    expect((await page('', other.token)).items).toEqual([])
    await expectProblem(await revoke(all[0]?.id ?? '', other.token), 'not-found')
  })
})
