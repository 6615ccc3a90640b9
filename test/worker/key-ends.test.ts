import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { ConclusionPage, type ConclusionView } from '#core/api/conclusions.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { KEY_REVOCATION_PREDICATE, readKeyRevocation } from '#core/evidence/key-revocation.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { AI_SESSION_PREDICATE } from '#core/evidence/statement.ts'
import { judgeConclusion } from '#core/evidence/verify-bundled-conclusion.ts'
import {
  createOrganisation,
  enrolMachine,
  pushEvidence,
  request,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

const joan = { name: 'Joan', login: 'joan' }
const logOf = ({ id }: TestOrganisation) => env.EVIDENCE_LOG.getByName(id)
const revoke = (organisation: TestOrganisation, keyId: string) =>
  request(`/v1/keys/${keyId}`, { method: 'DELETE', token: organisation.token })

async function listed({ token }: TestOrganisation, limit = 50): Promise<readonly ConclusionView[]> {
  const all: ConclusionView[] = []
  for (let cursor = ''; ; ) {
    const response = await request(`/v1/conclusions?limit=${limit}${cursor}`, { token })
    const { items, next } = ConclusionPage.parse(await response.json())
    all.push(...items)
    if (next === null) return all
    cursor = `&cursor=${next}`
  }
}

const endsIn = (views: readonly ConclusionView[]) =>
  views.map(({ envelope, index }) => ({ ...readKeyRevocation(readEnvelope(envelope).payload), index }))

async function isProven(organisation: TestOrganisation, view: ConclusionView): Promise<boolean> {
  const [verdict] = await judgeConclusion(view, await readVerifierKey(await logOf(organisation).verifierKey()))
  return verdict.problem === null && verdict.revocation !== null
}

describe('the end of a key', () => {
  test('is signed by the server and logged, once, and every one of several is listed page by page', async () => {
    const organisation = await createOrganisation('ends')
    const machines = [await enrolMachine(organisation.token, joan), await enrolMachine(organisation.token, joan)]
    for (const { keyId } of machines) expect((await revoke(organisation, keyId)).status).toBe(200)
    await revoke(organisation, machines[0]?.keyId ?? '')
    const views = await listed(organisation, 1)
    expect(views.map(({ id }) => id)).toEqual((await listed(organisation)).map(({ id }) => id))
    expect(new Set(endsIn(views).map(({ keyId }) => keyId))).toEqual(new Set(machines.map(({ keyId }) => keyId)))
    expect(views.every(({ predicateType }) => predicateType === KEY_REVOCATION_PREDICATE)).toBe(true)
    for (const view of views) expect(await isProven(organisation, view)).toBe(true)
    expect((await logOf(organisation).checkpoint()).size).toBe(2)
    const [one] = views
    const single = await (await request(`/v1/conclusions/${one?.id}`, { token: organisation.token })).json()
    expect(single).toMatchObject({ id: one?.id, envelope: one?.envelope, index: one?.index })
  })

  test('keeps the log from taking anything new by it, and lets what it has be asked for again', async () => {
    const organisation = await createOrganisation('ended')
    const machine = await enrolMachine(organisation.token, joan)
    const before = await pushEvidence(machine)
    await revoke(organisation, machine.keyId)
    const receivedAt = before.receivedAt
    const leaf = (evidenceId: string) =>
      logOf(organisation).append({ evidenceId, predicateType: AI_SESSION_PREDICATE, keyId: machine.keyId, receivedAt })
    expect((await leaf(before.id)).index).toBe(before.index)
    // As an isolate would ask that still remembers the key, with a time before its end.
    const answered = await leaf('d'.repeat(64)).catch((fault: unknown) => fault)
    expect(answered).toMatchObject({ code: 'key-revoked' })
    expect((await logOf(organisation).checkpoint()).size).toBe(2)
    const [end] = endsIn(await listed(organisation))
    expect(end).toMatchObject({ keyId: machine.keyId, index: 1 })
  })

  test('that could not be logged when it came is logged when somebody asks', async () => {
    const organisation = await createOrganisation('healed')
    const { keyId } = await enrolMachine(organisation.token, joan)
    const at = '2026-11-22T10:00:00.000Z'
    await env.DB.prepare('update keys set revoked_at = ? where id = ?').bind(at, keyId).run()
    expect(endsIn(await listed(organisation))).toMatchObject([{ keyId, revokedAt: at, index: 0 }])
    expect(await listed(organisation)).toHaveLength(1)
  })

  test('is told to nobody of another organisation', async () => {
    const [own, other] = [await createOrganisation('own'), await createOrganisation('other')]
    await revoke(own, own.machine.keyId)
    const [end] = await listed(own)
    expect(await listed(other)).toEqual([])
    await expectProblem(await request(`/v1/conclusions/${end?.id}`, { token: other.token }), 'not-found')
    const verdict = await judgeConclusion(
      end ?? { envelope: '', publicKey: '', index: 0, receivedAt: '', receipt: '' },
      await readVerifierKey(await logOf(other).verifierKey()),
    )
    expect(verdict[0].problem?.code).toBe('other-log')
    expect(fromBase64(end?.publicKey ?? '')).toHaveLength(44)
  })
})
