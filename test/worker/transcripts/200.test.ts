import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { EvidenceView } from '#core/api/evidence.ts'
import { TranscriptErased, TranscriptReadPage } from '#core/api/retention.ts'
import { SessionView } from '#core/api/sessions.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { verify } from '#core/evidence/verify.ts'
import { expireTranscripts } from '#queues/expire.ts'
import {
  acceptedBy,
  createOrganisation,
  enrolMachine,
  type Machine,
  pushEvidence,
  putBlob,
  request,
  sendJson,
  signEvidence,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'
import { blobsOf } from '#worker/store/blobs.ts'
import { openDatabase } from '#worker/store/database.ts'
import { markSession, settleErasures } from '#worker/store/erasures.ts'

let organisation: TestOrganisation
let other: Machine

beforeAll(async () => {
  organisation = await createOrganisation('acme')
  other = await enrolMachine(organisation.token, { name: 'Rowan', login: 'rowan' })
})

let count = 0

async function push(machine: Machine = organisation.machine, change: Parameters<typeof smallSession>[0] = {}) {
  const id = `claude-code:t${count++}`
  const session = smallSession({ id, ...change })
  const input = { session, attribution: [smallCommit(String(count).padStart(40, '0'), id)] }
  const evidence = await signEvidence(machine.signer, input)
  const accepted = await pushEvidence(machine, input)
  await settle(organisation.id, accepted.id)
  return { id: session.id, session, evidence, accepted }
}

const pathOf = (id: string, rest = '') => `/v1/sessions/${encodeURIComponent(id)}${rest}`

async function erase(id: string, token = organisation.token) {
  return TranscriptErased.parse(await (await request(pathOf(id, '/transcript'), { method: 'DELETE', token })).json())
}

async function view(id: string, token = organisation.token) {
  return SessionView.parse(await (await request(pathOf(id), { token })).json())
}

async function stored(sha256: string) {
  return blobsOf(organisation.id, env.BLOBS).read(sha256)
}

describe('DELETE /v1/sessions/{id}/transcript', () => {
  test('takes the transcript, and leaves evidence, figures and verdicts whose signatures hold', async () => {
    const { id, evidence, accepted } = await push()
    const before = await view(id)
    expect(before).toMatchObject({ transcript: true, erasure: null, mayErase: true })

    const erased = await erase(id)
    expect(erased).toMatchObject({ sessionId: id, erasure: { by: 'administrator' }, evidence: [accepted.id] })
    expect(await stored(evidence.sha256)).toEqual({ state: 'erased', erasure: erased.erasure })
    const objects = await env.BLOBS.list({ prefix: `org/${organisation.id}/blobs/${evidence.sha256}` })
    expect(objects.objects.map(({ size }) => size)).toEqual([0])

    const { session, header, verdicts, attribution, ...rest } = await view(id)
    expect({ session, header, verdicts, attribution }).toEqual({
      session: before.session,
      header: before.header,
      verdicts: before.verdicts,
      attribution: before.attribution,
    })
    expect(rest).toMatchObject({ transcript: false, erasure: erased.erasure, mayErase: false })

    const answer = await request(`/v1/evidence/${accepted.id}`, { token: organisation.token })
    const served = EvidenceView.parse(await answer.json())
    expect(served).toMatchObject({ transcript: evidence.sha256, erasure: erased.erasure })
    const keys = [{ publicKey: await publicKeyOf(organisation.machine), revokedAt: null }]
    const verdict = await verify(readEnvelope(served.envelope), { keys, loggedAt: served.receivedAt })
    expect(verdict).toMatchObject({ verified: true, id: accepted.id })
    const { logKey } = await (await request('/v1/log', { token: organisation.token })).json<{ logKey: string }>()
    const { keyId, receivedAt } = served
    const predicateType = verdict.verified ? verdict.statement.predicateType : ''
    const leaf = writeLogLeaf({ evidenceId: served.id, predicateType, keyId, receivedAt })
    expect(await verifyTlogProof(served.receipt, leaf, await readVerifierKey(logKey))).toMatchObject({ verified: true })
  })

  test('is for the person whose session it is, and says the same when it is asked again', async () => {
    const { id } = await push(other)
    const first = await erase(id, other.token)
    expect(first.erasure.by).toBe('person')
    expect(await erase(id)).toEqual({ ...first, evidence: [] })
  })

  test('keeps a blob that other evidence names until that is erased too', async () => {
    const shared = await signEvidence(organisation.machine.signer, { session: smallSession({ id: 'codex:shared' }) })
    await putBlob(organisation.machine.token, shared)
    const first = await acceptedBy(organisation.machine, shared.envelope)
    await settle(organisation.id, first.id)
    // The second session's transcript is the same bytes, so its evidence cannot be indexed and holds nothing.
    const forged = await signEvidence(other.signer, {
      session: smallSession({ id: 'codex:other' }),
      transcript: shared.transcript,
    })
    const refused = await acceptedBy(other, forged.envelope)
    await settle(organisation.id, refused.id)
    // Another piece of evidence for the same session: a later push that adds a commit.
    const again = await signEvidence(organisation.machine.signer, {
      session: smallSession({ id: 'codex:shared' }),
      attribution: [smallCommit('e'.repeat(40), 'codex:shared')],
    })
    expect(again.sha256).toBe(shared.sha256)
    const second = await acceptedBy(organisation.machine, again.envelope)
    await settle(organisation.id, second.id)

    const database = openDatabase(env.DB)
    const blobs = blobsOf(organisation.id, env.BLOBS)
    await env.DB.prepare("insert into pending_erasures values ('one', ?, ?, '2026-11-22T00:00:00Z', 'retention')")
      .bind(organisation.id, shared.sha256)
      .run()
    await env.DB.prepare("update evidence set erased_at = '2026-11-22T00:00:00Z', erased_by = 'retention' where id = ?")
      .bind(first.id)
      .run()
    expect(await settleErasures(organisation.id, database, { blobs, limit: 10 })).toBe(0)
    expect((await stored(shared.sha256)).state).toBe('present')

    expect((await erase('codex:shared')).evidence).toEqual([second.id])
    expect((await stored(shared.sha256)).state).toBe('erased')
  })

  test('erases a longer transcript of the session as it arrives, and takes its evidence', async () => {
    const { id, session } = await push()
    await erase(id)
    const events = [
      ...session.events,
      { ...session.events[0], id: 'e9', text: 'One thing more.' },
    ] as typeof session.events
    const grown = await signEvidence(organisation.machine.signer, {
      session: smallSession({ id, events }),
      attribution: [smallCommit('f'.repeat(40), id)],
    })
    expect((await putBlob(organisation.machine.token, grown)).status).toBe(201)
    const accepted = await acceptedBy(organisation.machine, grown.envelope)
    await settle(organisation.id, accepted.id)

    expect((await stored(grown.sha256)).state).toBe('erased')
    const after = await view(id)
    expect(after).toMatchObject({
      transcript: false,
      erasure: { by: 'administrator' },
      session: { evidenceId: accepted.id },
    })
    const unsure = after.verdicts.filter(({ result }) => result === 'error').map(({ reason }) => reason)
    expect(unsure[0]).toMatch(/^Cannot tell: the transcript was erased on \d{4}-\d\d-\d\d by an administrator\.$/)
  })

  test('is worked off later where the bucket failed in between', async () => {
    const { id, evidence } = await push()
    const database = openDatabase(env.DB)
    const blobs = blobsOf(organisation.id, env.BLOBS)
    const broken = { ...blobs, erase: () => Promise.reject(new Error('the bucket does not answer')) }
    const erasure = { at: new Date().toISOString(), by: 'administrator' } as const
    await markSession(organisation.id, database, {
      sessionId: id,
      person: organisation.administratorId,
      isOwn: false,
      erasure,
    })
    await expect(settleErasures(organisation.id, database, { blobs: broken, limit: 10 })).rejects.toThrow('the bucket')
    expect((await stored(evidence.sha256)).state).toBe('present')
    await expectProblem(await request(pathOf(id, '/events'), { token: organisation.token }), 'transcript-erased')

    expect(await expireTranscripts(env, new Date())).toBe(1)
    expect((await stored(evidence.sha256)).state).toBe('erased')
  })
})

describe('re-evaluation of an erased session', () => {
  const contract = (version: number, parameters: Record<string, unknown>) => ({
    name: 'acme',
    version,
    missingSession: 'success',
    policies: [
      { policy: 'no-hook-bypass', with: parameters, gate: true },
      { policy: 'approved-agents', with: { allow: ['codex'] }, gate: false },
      { policy: 'no-dangerous-commands', with: {}, gate: false },
    ],
  })

  test('keeps what was reached, judges the header anew, and cannot tell the rest', async () => {
    const { id, accepted } = await push()
    const resultsOf = async () =>
      Object.fromEntries((await view(id)).verdicts.map(({ policy, result, gate }) => [policy, [result, gate]]))
    const before = await resultsOf()
    expect(before['no-hook-bypass']).toEqual(['pass', expect.anything()])
    await erase(id)
    const put = (version: number, parameters: Record<string, unknown>) =>
      sendJson('PUT', '/v1/contract', organisation.token, contract(version, parameters))
    expect((await put(1, {})).status).toBe(200)
    await settle(organisation.id, accepted.id)
    const after = await resultsOf()
    expect(after['no-hook-bypass']).toEqual(['pass', true])
    expect(after['approved-agents']?.[0]).toBe('fail')
    await put(2, { exempt: ['git commit --no-verify'] })
    await settle(organisation.id, accepted.id)
    expect((await resultsOf())['no-hook-bypass']).toEqual(['error', true])
  })
})

describe('GET and PUT /v1/retention', () => {
  test('are none until an administrator says a number of days', async () => {
    const get = async () => (await request('/v1/retention', { token: organisation.machine.token })).json()
    expect(await get()).toEqual({ days: null })
    expect((await sendJson('PUT', '/v1/retention', organisation.token, { days: 30 })).status).toBe(200)
    expect(await get()).toEqual({ days: 30 })
    await sendJson('PUT', '/v1/retention', organisation.token, { days: null })
    expect(await get()).toEqual({ days: null })
  })
})

describe('GET /v1/transcript-reads', () => {
  async function reads(token: string, query = '') {
    return TranscriptReadPage.parse(await (await request(`/v1/transcript-reads${query}`, { token })).json())
  }

  test('tells who read, once for an hour, to administrators, auditors and the person concerned', async () => {
    const { id } = await push()
    const mine = `?session=${encodeURIComponent(id)}`
    expect((await view(id)).readers).toBe(0)
    expect((await reads(organisation.token, mine)).items).toEqual([])
    for (const token of [other.token, other.token, organisation.token]) {
      expect((await request(pathOf(id, '/events'), { token })).status).toBe(200)
    }
    expect((await view(id)).readers).toBe(2)

    const { items } = await reads(organisation.token, mine)
    const hours = new Set(items.map(({ readAt }) => readAt.slice(0, 13))).size
    expect(items.length).toBeGreaterThanOrEqual(2)
    expect(items.length).toBeLessThanOrEqual(2 * hours)
    expect(new Set(items.map(({ person, credential, route }) => `${person.name} ${credential} ${route}`))).toEqual(
      new Set(['Rowan device GET /v1/sessions/{id}/events', 'Ada token GET /v1/sessions/{id}/events']),
    )
    expect((await reads(organisation.machine.token, mine)).items).toEqual(items)
    expect((await reads(other.token, mine)).items).toEqual([])
    const issued = await sendJson('POST', '/v1/log/auditor-tokens', organisation.token, {})
    const auditor = await issued.json<{ token: string }>()
    expect((await reads(auditor.token, mine)).items).toEqual(items)

    const first = await reads(organisation.token, `${mine}&limit=1`)
    const second = await reads(organisation.token, `${mine}&limit=1&cursor=${first.next}`)
    expect([...first.items, ...second.items]).toEqual(items.slice(0, 2))
  })

  test('counts no evaluation by the platform', async () => {
    const { id, accepted } = await push()
    await settle(organisation.id, accepted.id)
    expect((await reads(organisation.token, `?session=${encodeURIComponent(id)}`)).items).toEqual([])
  })
})

async function publicKeyOf(machine: Machine) {
  const row = await env.DB.prepare('select spki from keys where id = ?').bind(machine.keyId).first<{ spki: string }>()
  return readPublicKey(Uint8Array.from(atob(row?.spki ?? ''), (letter) => letter.charCodeAt(0)))
}
