import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { EvidenceAccepted, EvidenceView } from '#core/api/evidence.ts'
import { toBase64 } from '#core/evidence/bytes.ts'
import { readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import {
  createOrganisation,
  enrolMachine,
  enrolmentBody,
  enrolmentToken,
  newKey,
  postEvidence,
  putBlob,
  request,
  sendJson,
  signEvidence,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

describe('POST /v1/evidence accepts', () => {
  test('signed evidence, with a receipt that verifies offline', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer)
    await putBlob(machine.token, evidence)
    const response = await postEvidence(machine.token, evidence.envelope)
    expect(response.status).toBe(202)
    const accepted = EvidenceAccepted.parse(await response.json())
    expect(accepted.sessionId).toBe(evidence.predicate.session.id)
    expect(accepted.links.dashboard).toBe(
      `https://stemma.test/sessions/${encodeURIComponent(evidence.predicate.session.id)}`,
    )

    const logKey = await env.EVIDENCE_LOG.getByName(organisation.id).verifierKey()
    const leaf = writeLogLeaf({
      evidenceId: accepted.id,
      predicateType: 'https://stemma.dev/attestation/ai-session/v1',
      keyId: machine.keyId,
      receivedAt: accepted.receivedAt,
    })
    const verdict = await verifyTlogProof(accepted.receipt, leaf, await readVerifierKey(logKey))
    expect(verdict).toMatchObject({ verified: true, index: accepted.index })
  })

  test('the same bytes again, with the same answer', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer)
    await putBlob(machine.token, evidence)
    const first = await (await postEvidence(machine.token, evidence.envelope)).json()
    const { size } = await env.EVIDENCE_LOG.getByName(organisation.id).checkpoint()
    const again = await postEvidence(machine.token, evidence.envelope)
    expect(again.status).toBe(202)
    expect(await again.json()).toEqual(first)
    expect((await env.EVIDENCE_LOG.getByName(organisation.id).checkpoint()).size).toBe(size)
  })

  test('the same bytes many times at once, as one', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer, { session: smallSession({ id: 'claude-code:at-once' }) })
    await putBlob(machine.token, evidence)
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => (await postEvidence(machine.token, evidence.envelope)).json()),
    )
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('evidence of a key that was revoked after it was logged, with the first answer', async () => {
    const machine = await enrolMachine(organisation.token, { name: 'Joan', login: 'joan' })
    const evidence = await signEvidence(machine.signer, { session: smallSession({ id: 'claude-code:before' }) })
    await putBlob(machine.token, evidence)
    const first = await (await postEvidence(machine.token, evidence.envelope)).json()
    await request(`/v1/keys/${machine.keyId}`, { method: 'DELETE', token: organisation.token })
    const again = await postEvidence(organisation.token, evidence.envelope)
    expect(again.status).toBe(202)
    expect(await again.json()).toEqual(first)
  })

  test('a metadata-only session, which has no transcript', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer, {
      session: smallSession({ id: 'claude-code:metadata' }),
      predicate: { transcript: null },
    })
    expect((await postEvidence(machine.token, evidence.envelope)).status).toBe(202)
  })

  test('a second, foreign signature beside a valid one', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer, { session: smallSession({ id: 'claude-code:two' }) })
    await putBlob(machine.token, evidence)
    const envelope = readEnvelope(evidence.envelope)
    const text = writeEnvelope({
      ...envelope,
      signatures: [{ keyid: 'somebody', bytes: new Uint8Array(64) }, ...envelope.signatures],
    })
    expect((await postEvidence(machine.token, text)).status).toBe(202)
  })

  test('an envelope without key ids, since they decide nothing', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer, { session: smallSession({ id: 'claude-code:no-hint' }) })
    await putBlob(machine.token, evidence)
    const { payloadType, payload, signatures } = readEnvelope(evidence.envelope)
    const text = JSON.stringify({
      payloadType,
      payload: toBase64(payload),
      signatures: signatures.map(({ bytes }) => ({ sig: toBase64(bytes) })),
    })
    expect((await postEvidence(machine.token, text)).status).toBe(202)
  })
})

describe('a key', () => {
  test('works at once after its enrolment, also where it was asked for in vain before', async () => {
    const token = await enrolmentToken(organisation.token, { name: 'Joan', login: 'joan' })
    const { signer, spki } = await newKey()
    const evidence = await signEvidence(signer, { session: smallSession({ id: 'claude-code:early' }) })
    await putBlob(organisation.token, evidence)
    expect((await postEvidence(organisation.token, evidence.envelope)).status).toBe(400)
    await sendJson('POST', '/v1/keys', token, await enrolmentBody(token, signer, spki))
    expect((await postEvidence(organisation.token, evidence.envelope)).status).toBe(202)
  })
})

describe('GET /v1/evidence/{id}', () => {
  test('gives the envelope byte for byte', async () => {
    const { machine } = organisation
    const evidence = await signEvidence(machine.signer, { session: smallSession({ id: 'claude-code:read' }) })
    await putBlob(machine.token, evidence)
    const accepted = EvidenceAccepted.parse(await (await postEvidence(machine.token, evidence.envelope)).json())
    const response = await request(`/v1/evidence/${accepted.id}`, { token: machine.token })
    const view = EvidenceView.parse(await response.json())
    expect(view.envelope).toBe(evidence.envelope)
    expect(view).toMatchObject({
      index: accepted.index,
      receipt: accepted.receipt,
      receivedAt: accepted.receivedAt,
      keyId: machine.keyId,
      transcript: evidence.sha256,
    })
  })
})
