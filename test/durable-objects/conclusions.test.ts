import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { ConclusionView, SigningKey } from '#core/api/conclusions.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { readConclusion } from '#core/evidence/conclusion.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, readEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { defaultContract } from '#core/policy/contract.ts'
import type { Verdict } from '#core/policy/policy.ts'
import type { Report } from '#core/report/report.ts'
import { conclude } from '#objects/conclude.ts'
import { createOrganisation, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let organisation: TestOrganisation

beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const none = { ai: 0, human: 0, mixed: 0, unknown: 0 }
const verdict = (policy: string, result: Verdict['result'], gate = true): Verdict => ({
  policy,
  version: 1,
  result,
  gate,
  findings: [],
  doubts: [],
  reason: null,
})

const report: Report = {
  repository: 'acme/parser',
  number: 7,
  head: 'a'.repeat(40),
  conclusion: 'neutral',
  lines: none,
  sessions: [],
  verdicts: [
    verdict('passing', 'pass'),
    verdict('advisory', 'fail', false),
    verdict('waived', 'waived'),
    verdict('gated', 'error'),
    verdict('skipped', 'skipped'),
  ],
  unobservedCommits: [],
  signatures: { verified: 0, total: 0 },
  checkpoint: null,
  notRecorded: [],
  dashboardUrl: 'https://stemma.test/pull-requests/acme/parser/7',
}

const concluded = (change: Partial<Report> = {}) =>
  conclude(env, organisation.id, { report: { ...report, ...change }, contract: defaultContract })

async function read(id: string | undefined, token = organisation.token) {
  return ConclusionView.parse(await (await request(`/v1/conclusions/${id}`, { token })).json())
}

async function size() {
  const { size: leaves } = await (await request('/v1/log', { token: organisation.token })).json<{ size: number }>()
  return leaves
}

describe('what the platform concludes', () => {
  test('is signed by its key for the organisation, and in the log', async () => {
    const { conclusions, checkpoint } = await concluded()
    expect(checkpoint?.size).toBe(await size())
    const key = SigningKey.parse(await (await request('/v1/log/signing-key', { token: organisation.token })).json())
    const { logKey } = await (await request('/v1/log', { token: organisation.token })).json<{ logKey: string }>()
    for (const id of [conclusions?.testResult, conclusions?.summary]) {
      const view = await read(id)
      expect(view).toMatchObject({ id, ...key })
      const { payload, payloadType, signatures } = readEnvelope(view.envelope)
      expect(await sha256Hex(payload)).toBe(id)
      const publicKey = await readPublicKey(fromBase64(view.publicKey) ?? new Uint8Array())
      expect(publicKey.id).toBe(view.keyId)
      const [signature] = signatures
      const signed = preAuthenticationEncoding(payloadType, payload)
      expect(await publicKey.verifies(signature?.bytes ?? new Uint8Array(), signed)).toBe(true)
      const { predicateType, keyId, receivedAt } = view
      const leaf = writeLogLeaf({ evidenceId: view.id, predicateType, keyId, receivedAt })
      const proof = await verifyTlogProof(view.receipt, leaf, await readVerifierKey(logKey))
      expect(proof).toMatchObject({ verified: true, index: view.index })
    }
  })

  test('says of each verdict what it was, and of the whole that neutral is no pass', async () => {
    const { conclusions } = await concluded()
    const result = readConclusion(readEnvelope((await read(conclusions?.testResult)).envelope).payload)
    expect(result).toMatchObject({
      subject: [{ name: 'acme/parser', digest: { gitCommit: 'a'.repeat(40) } }],
      predicate: {
        result: 'WARNED',
        passedTests: ['passing@1 pull-request'],
        warnedTests: ['advisory@1 pull-request', 'waived@1 pull-request'],
        failedTests: ['gated@1 pull-request'],
      },
    })
    const whole = readConclusion(readEnvelope((await read(conclusions?.summary)).envelope).payload)
    expect(whole).toMatchObject({
      predicate: {
        verifier: { id: 'https://stemma.test' },
        verificationResult: 'FAILED',
        inputAttestations: [{ digest: { sha256: conclusions?.testResult } }],
      },
    })
  })

  test('is signed once for each head and content, whatever else the log takes in', async () => {
    const first = await concluded({ head: 'b'.repeat(40) })
    const before = await size()
    await concluded({ head: 'c'.repeat(40) })
    expect(await size()).toBe(before + 2)
    const again = await concluded({ head: 'b'.repeat(40), checkpoint: { size: 1, root: 'other' } })
    expect(again).toEqual(first)
    expect(await size()).toBe(before + 2)
    const changed = await concluded({ head: 'b'.repeat(40), conclusion: 'failure' })
    expect(changed.conclusions?.testResult).not.toBe(first.conclusions?.testResult)
    expect(await read(first.conclusions?.testResult)).toMatchObject({ id: first.conclusions?.testResult })
  })

  test('does not keep a report back where the log does not answer', async () => {
    const broken = {
      ...env,
      EVIDENCE_LOG: { getByName: () => ({ conclude: () => Promise.reject(new Error('down')) }) },
    }
    const same = await conclude(broken as unknown as typeof env, organisation.id, { report, contract: defaultContract })
    expect(same).toEqual(report)
  })

  test("is another organisation's 404", async () => {
    const { conclusions } = await concluded()
    const stranger = await createOrganisation('strangers')
    const path = `/v1/conclusions/${conclusions?.summary}`
    await expectProblem(await request(path, { token: stranger.token }), 'not-found')
  })
})
