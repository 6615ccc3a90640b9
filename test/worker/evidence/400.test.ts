import { beforeAll, describe, expect, test } from 'vitest'
import { type Bytes, toBase64, utf8 } from '#core/evidence/bytes.ts'
import {
  preAuthenticationEncoding,
  readEnvelope,
  STATEMENT_PAYLOAD_TYPE,
  writeEnvelope,
} from '#core/evidence/envelope.ts'
import { readStatement } from '#core/evidence/statement.ts'
import {
  createOrganisation,
  enrolMachine,
  newKey,
  postEvidence,
  putBlob,
  request,
  signEvidence,
  type TestEvidence,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let organisation: TestOrganisation
let evidence: TestEvidence
beforeAll(async () => {
  organisation = await createOrganisation('acme')
  evidence = await signEvidence(organisation.machine.signer)
  await putBlob(organisation.machine.token, evidence)
})

const send = (body: string | Bytes) => postEvidence(organisation.machine.token, body)

/** Any payload, rightly signed. */
async function signed(payload: string, payloadType = STATEMENT_PAYLOAD_TYPE): Promise<string> {
  const { signer } = organisation.machine
  const bytes = utf8(payload)
  const signature = await signer.sign(preAuthenticationEncoding(payloadType, bytes))
  return writeEnvelope({ payloadType, payload: bytes, signatures: [{ keyid: signer.keyid, bytes: signature }] })
}

describe('POST /v1/evidence refuses', () => {
  test('what is not JSON', async () => {
    await expectProblem(await send('evidence'), 'json-malformed')
    await expectProblem(await send(''), 'json-malformed')
  })

  test('what is cut short', async () => {
    await expectProblem(await send(evidence.envelope.slice(0, -20)), 'json-malformed')
  })

  test('what is not UTF-8', async () => {
    await expectProblem(await send(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), 'json-malformed')
  })

  test('a key that occurs twice, in the envelope or in the payload', async () => {
    const twice = evidence.envelope.replace('{', '{"payload":"e30=",')
    await expectProblem(await send(twice), 'json-duplicate-key')
    const problem = await expectProblem(await send(await signed('{"_type":1,"_type":2}')), 'statement-malformed')
    expect(problem.detail).toContain('occurs twice')
  })

  test('deep nesting', async () => {
    await expectProblem(await send(`{"payload":${'['.repeat(1_000)}${']'.repeat(1_000)}}`), 'json-too-deep')
  })

  test('JSON that is no envelope', async () => {
    for (const text of ['{}', '[]', '{"payload":"e30=","payloadType":"a","signatures":[]}']) {
      await expectProblem(await send(text), 'envelope-malformed')
    }
  })

  test('another payload type', async () => {
    const { payload } = readEnvelope(evidence.envelope)
    const text = await signed(new TextDecoder().decode(payload), 'text/plain')
    await expectProblem(await send(text), 'envelope-malformed')
  })

  test('a payload that was changed after it was signed', async () => {
    const envelope = readEnvelope(evidence.envelope)
    const payload = envelope.payload.slice()
    payload[20] = (payload[20] ?? 0) ^ 1
    await expectProblem(await send(writeEnvelope({ ...envelope, payload })), 'signature-invalid')
  })

  test('a signature of the wrong length', async () => {
    const envelope = readEnvelope(evidence.envelope)
    const signatures = envelope.signatures.map(({ keyid, bytes }) => ({ keyid, bytes: bytes.slice(0, 63) }))
    await expectProblem(await send(writeEnvelope({ ...envelope, signatures })), 'signature-invalid')
  })

  test('a key that nobody enrolled', async () => {
    const { signer } = await newKey()
    await expectProblem(await send((await signEvidence(signer)).envelope), 'key-unknown')
  })

  test('a foreign signature under the key id of an enrolled key', async () => {
    const { signer } = await newKey()
    const text = (await signEvidence({ ...signer, keyid: organisation.machine.keyId })).envelope
    await expectProblem(await send(text), 'signature-invalid')
  })

  test("another organisation's evidence, whose key is unknown here", async () => {
    const other = await createOrganisation('umbrella')
    await putBlob(other.machine.token, evidence)
    await expectProblem(await postEvidence(other.machine.token, evidence.envelope), 'key-unknown')
  })

  test('a key that was revoked', async () => {
    const machine = await enrolMachine(organisation.token, { name: 'Joan', login: 'joan' })
    const late = await signEvidence(machine.signer)
    await request(`/v1/keys/${machine.keyId}`, { method: 'DELETE', token: organisation.token })
    await expectProblem(await send(late.envelope), 'key-revoked')
  })

  test('a statement of another kind', async () => {
    await expectProblem(await send(await signed('{"_type":"https://in-toto.io/Statement/v1"}')), 'statement-malformed')
  })

  test('subjects that the predicate does not describe', async () => {
    const { payload } = readEnvelope(evidence.envelope)
    const statement = readStatement(payload)
    const foreign = { ...statement, subject: [{ digest: { gitCommit: 'f'.repeat(40) } }] }
    await expectProblem(await send(await signed(JSON.stringify(foreign))), 'statement-malformed')
  })

  test('with base64 that is none', async () => {
    const text = JSON.stringify({ ...JSON.parse(evidence.envelope), payload: '!!!' })
    await expectProblem(await send(text), 'envelope-malformed')
    expect(toBase64(utf8('!!!'))).not.toBe('!!!')
  })
})
