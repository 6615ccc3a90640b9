import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { KeyList } from '#core/api/account.ts'
import { KeyEnrolled } from '#core/api/evidence.ts'
import { fromHex, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { rotationChallenge, type Signer, spkiOf } from '#core/evidence/key.ts'
import {
  createOrganisation,
  enrolMachine,
  enrolmentBody,
  enrolmentToken,
  newKey,
  postEvidence,
  pushEvidence,
  putBlob,
  request,
  sendJson,
  signEvidence,
  smallCommit,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const joan = { name: 'Joan', login: 'joan' }
const enrol = (token: string, body: unknown) => sendJson('POST', '/v1/keys', token, body)

describe('POST /v1/keys', () => {
  test('enrols a key once and gives the device its token', async () => {
    const token = await enrolmentToken(organisation.token, joan)
    const { signer, spki } = await newKey()
    const response = await enrol(token, await enrolmentBody(token, signer, spki))
    expect(response.status).toBe(201)
    const enrolled = KeyEnrolled.parse(await response.json())
    expect(enrolled.keyId).toBe(signer.keyid)
    expect(enrolled.logKey).toContain(organisation.id)

    const other = await newKey()
    await expectProblem(await enrol(token, await enrolmentBody(token, other.signer, other.spki)), 'credential-invalid')
    const me = await request('/v1/me', { token: enrolled.token })
    expect(await me.json()).toMatchObject({ person: { name: 'Joan' }, role: 'member' })
  })

  test('stores no secret', async () => {
    const token = await enrolmentToken(organisation.token, joan)
    const { results } = await env.DB.prepare('select * from credentials').all()
    expect(JSON.stringify(results)).not.toContain(token)
    expect(JSON.stringify(results)).toContain(await sha256Hex(utf8(token)))
  })

  test('gives one of two racing requests the token, never both', async () => {
    const token = await enrolmentToken(organisation.token, joan)
    const keys = [await newKey(), await newKey()]
    const answers = await Promise.all(
      keys.map(async ({ signer, spki }) => enrol(token, await enrolmentBody(token, signer, spki))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401])
  })

  test('refuses a proof for another token or by another key, and leaves the token valid', async () => {
    const token = await enrolmentToken(organisation.token, joan)
    const { signer, spki } = await newKey()
    const other = await newKey()
    const forOtherToken = await enrolmentBody('another token', signer, spki)
    await expectProblem(await enrol(token, forOtherToken), 'proof-invalid')
    const { proof } = await enrolmentBody(token, other.signer, other.spki)
    const body = { ...(await enrolmentBody(token, signer, spki)), proof }
    await expectProblem(await enrol(token, body), 'proof-invalid')
    expect((await enrol(token, await enrolmentBody(token, signer, spki))).status).toBe(201)
  })

  test('refuses a key of low order, and what is no key', async () => {
    const token = await enrolmentToken(organisation.token, joan)
    const proof = toBase64(new Uint8Array(64))
    const lowOrder = toBase64(spkiOf(fromHex(`01${'00'.repeat(31)}`) ?? new Uint8Array()))
    await expectProblem(await enrol(token, { publicKey: lowOrder, proof, name: 'laptop' }), 'key-weak')
    await expectProblem(await enrol(token, { publicKey: 'AAAA', proof, name: 'laptop' }), 'key-weak')
    await expectProblem(await enrol(token, { publicKey: '!', proof, name: 'laptop' }), 'key-weak')
  })

  test("refuses a key that is another person's here, or revoked", async () => {
    const { signer, spki } = await newKey()
    const first = await enrolmentToken(organisation.token, joan)
    expect((await enrol(first, await enrolmentBody(first, signer, spki))).status).toBe(201)
    const second = await enrolmentToken(organisation.token, { name: 'Mary', login: 'mary' })
    await expectProblem(await enrol(second, await enrolmentBody(second, signer, spki)), 'conflict')
    await request(`/v1/keys/${signer.keyid}`, { method: 'DELETE', token: organisation.token })
    const third = await enrolmentToken(organisation.token, joan)
    await expectProblem(await enrol(third, await enrolmentBody(third, signer, spki)), 'conflict')
  })

  test('refuses credentials that are no enrolment token, and expired ones', async () => {
    const { signer, spki } = await newKey()
    const body = await enrolmentBody(organisation.token, signer, spki)
    await expectProblem(await enrol(organisation.token, body), 'credential-invalid')
    const token = await enrolmentToken(organisation.token, joan)
    await env.DB.prepare("update credentials set expires_at = '2020-01-01T00:00:00.000Z' where digest = ?")
      .bind(await sha256Hex(utf8(token)))
      .run()
    await expectProblem(await enrol(token, await enrolmentBody(token, signer, spki)), 'credential-invalid')
  })
})

describe('POST /v1/enrolment-tokens', () => {
  test('is for administrators', async () => {
    const response = await sendJson('POST', '/v1/enrolment-tokens', organisation.machine.token, { person: joan })
    await expectProblem(response, 'credential-insufficient')
  })
})

describe('GET and DELETE /v1/keys', () => {
  test('a member revokes own keys only, an administrator all', async () => {
    const mine = await enrolMachine(organisation.token, joan)
    const others = await enrolMachine(organisation.token, { name: 'Mary', login: 'mary' })
    const refused = await request(`/v1/keys/${others.keyId}`, { method: 'DELETE', token: mine.token })
    await expectProblem(refused, 'not-found')

    const revoked = await request(`/v1/keys/${mine.keyId}`, { method: 'DELETE', token: mine.token })
    expect(revoked.status).toBe(200)
    const first: { revokedAt: string } = await revoked.json()
    await expectProblem(await request('/v1/me', { token: mine.token }), 'credential-invalid')

    const again = await request(`/v1/keys/${mine.keyId}`, { method: 'DELETE', token: organisation.token })
    expect(await again.json()).toMatchObject({ revokedAt: first.revokedAt })

    const { items } = KeyList.parse(await (await request('/v1/keys', { token: organisation.token })).json())
    expect(items.find(({ id }) => id === mine.keyId)?.revokedAt).toBe(first.revokedAt)
    expect(items.find(({ id }) => id === others.keyId)?.revokedAt).toBeNull()
  })
})

describe('POST /v1/keys/rotation', () => {
  async function rotation(old: Signer) {
    const { signer, spki } = await newKey()
    const challenge = utf8(rotationChallenge(old.keyid, signer.keyid))
    const [proof, endorsement] = [toBase64(await signer.sign(challenge)), toBase64(await old.sign(challenge))]
    return { signer, body: { publicKey: toBase64(spki), proof, endorsement, name: 'laptop again' } }
  }

  test('the new key takes over, and what the old one signed before stays valid', async () => {
    const machine = await enrolMachine(organisation.token, joan)
    const before = await pushEvidence(machine)
    const { signer, body } = await rotation(machine.signer)
    const response = await sendJson('POST', '/v1/keys/rotation', machine.token, body)
    expect(response.status).toBe(201)
    const rotated = KeyEnrolled.parse(await response.json())
    expect(rotated.person.id).toBe(machine.personId)
    await expectProblem(await request('/v1/me', { token: machine.token }), 'credential-invalid')

    // Logged before: the same bytes still get the same receipt. Logged after: refused, whatever time it claims.
    const same = await signEvidence(machine.signer)
    expect(await (await postEvidence(rotated.token, same.envelope)).json()).toMatchObject({ id: before.id })
    const claimed = { createdAt: '2020-01-01T00:00:00Z' }
    const attribution = [smallCommit('d'.repeat(40), 'claude-code:0b5f1e0a-0001')]
    const late = await signEvidence(machine.signer, { attribution, predicate: claimed })
    await putBlob(rotated.token, late)
    await expectProblem(await postEvidence(rotated.token, late.envelope), 'key-revoked')

    const mine = { token: rotated.token, keyId: rotated.keyId, personId: rotated.person.id, signer }
    expect((await pushEvidence(mine, { attribution })).index).toBeGreaterThan(before.index)
  })

  test('needs both keys, and a device of its own', async () => {
    const machine = await enrolMachine(organisation.token, joan)
    const other = await enrolMachine(organisation.token, joan)
    const rotate = (token: string, body: unknown) => sendJson('POST', '/v1/keys/rotation', token, body)
    const { body } = await rotation(machine.signer)
    await expectProblem(await rotate(machine.token, { ...body, endorsement: body.proof }), 'proof-invalid')
    await expectProblem(await rotate(machine.token, { ...body, proof: body.endorsement }), 'proof-invalid')
    await expectProblem(await rotate(other.token, body), 'proof-invalid')
    await expectProblem(await rotate(organisation.token, body), 'credential-insufficient')
    expect((await rotate(machine.token, body)).status).toBe(201)
    await expectProblem(await rotate(machine.token, body), 'credential-invalid')
  })

  test("does not take over another person's key, nor its own", async () => {
    const machine = await enrolMachine(organisation.token, joan)
    const mary = await enrolMachine(organisation.token, { name: 'Mary', login: 'mary' })
    const challenge = utf8(rotationChallenge(machine.keyId, mary.keyId))
    const { items } = KeyList.parse(await (await request('/v1/keys', { token: mary.token })).json())
    const publicKeyOf = (id: string) => items.find((key) => key.id === id)?.publicKey
    const body = {
      publicKey: publicKeyOf(mary.keyId),
      proof: toBase64(await mary.signer.sign(challenge)),
      endorsement: toBase64(await machine.signer.sign(challenge)),
      name: 'x',
    }
    await expectProblem(await sendJson('POST', '/v1/keys/rotation', machine.token, body), 'conflict')
    const own = { ...body, publicKey: publicKeyOf(machine.keyId) }
    await expectProblem(await sendJson('POST', '/v1/keys/rotation', machine.token, own), 'conflict')
  })
})
