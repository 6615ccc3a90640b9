import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { noLines } from '#core/attribution/attribution.ts'
import { fromBase64, utf8 } from '#core/evidence/bytes.ts'
import { canonicalJson } from '#core/evidence/canonical-json.ts'
import { preAuthenticationEncoding, readEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey, verifySignature } from '#core/evidence/key.ts'
import { mergedAttributionStatement, observedCommitsStatement, writeStatement } from '#core/evidence/statement.ts'
import { readWaiverStatement, waiverStatement } from '#core/policy/waiver-statement.ts'

const AT = '2026-11-22T10:00:00.000Z'
const log = env.EVIDENCE_LOG.getByName('attests')

const decision = () =>
  waiverStatement({
    waiver: {
      id: 'waiver-1',
      policy: 'no-secrets',
      scope: { kind: 'repository', repository: 'acme/parser' },
      reason: 'The key in the fixture is revoked.',
      expiresAt: '2026-12-01T00:00:00.000Z',
      requestedBy: 'person-1',
    },
    decision: 'approved',
    by: 'person-2',
    at: AT,
  })

const redaction = { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 }
const attribution = [
  {
    commit: 'a'.repeat(40),
    parents: [],
    authoredAt: AT,
    subject: 'Read the header',
    patchId: null,
    files: [],
    added: noLines,
    removed: noLines,
    sessions: [],
  },
]
const producer = { name: 'test', version: '1' }

async function refusal(payload: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    return `signed ${(await log.attest(payload)).envelope}`
  } catch (error) {
    return String(error)
  }
}

test('a decision about a waiver is signed by the key of the server, byte for byte, and again the same', async () => {
  const statement = await decision()
  const { envelope, keyId, spki } = await log.attest(utf8(statement))
  expect(keyId).toBe((await log.signingKey()).keyId)
  const { payload, payloadType, signatures } = readEnvelope(envelope)
  expect(new TextDecoder().decode(payload)).toBe(statement)
  const key = await readPublicKey(fromBase64(spki) ?? new Uint8Array())
  const bytes = preAuthenticationEncoding(payloadType, payload)
  expect(signatures).toHaveLength(1)
  expect(await verifySignature(key, signatures[0]?.bytes ?? new Uint8Array(), bytes)).toBe(true)
  expect(readWaiverStatement(payload)?.predicate).toMatchObject({ decision: 'approved', by: 'person-2' })
  expect((await log.attest(utf8(statement))).envelope).toBe(envelope)
})

test('nothing is signed that a machine has to state, nor what is no statement', async () => {
  const merge = mergedAttributionStatement({
    repository: 'acme/parser',
    pullRequest: 7,
    head: 'b'.repeat(40),
    method: 'squash',
    attribution,
    sources: [],
    producer,
    createdAt: AT,
  })
  expect(await refusal(writeStatement(merge))).toMatch(/^signed /)

  const observed = observedCommitsStatement({
    repository: 'acme/parser',
    attribution,
    redaction,
    producer,
    createdAt: AT,
  })
  expect(await refusal(writeStatement(observed))).toContain('a machine states this')

  const statement = JSON.parse(await decision())
  for (const change of [
    { predicate: { ...statement.predicate, decision: 'requested' } },
    { predicate: { ...statement.predicate, at: 'yesterday' } },
    { subject: [] },
    { _type: 'https://in-toto.io/Statement/v0.1' },
    { predicateType: 'https://stemma.dev/attestation/waiver/v2' },
  ]) {
    expect(await refusal(utf8(canonicalJson({ ...statement, ...change }))), JSON.stringify(change)).not.toMatch(
      /^signed /,
    )
  }
  expect(await refusal(utf8('{}'))).not.toMatch(/^signed /)
})
