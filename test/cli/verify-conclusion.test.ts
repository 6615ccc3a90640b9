import { describe, expect, it } from 'vitest'
import { check } from '#cli/verification/checklist.ts'
import type { Material } from '#cli/verification/material.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { TEST_RESULT_PREDICATE, testResult, writeConclusion } from '#core/evidence/conclusion.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE, writeEnvelope } from '#core/evidence/envelope.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { leafHash } from '#core/evidence/merkle.ts'
import { noteKeyId, signNote, writeVerifierKey } from '#core/evidence/note.ts'
import { writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { WAIVER_PREDICATE, waiverStatement } from '#core/policy/waiver-statement.ts'
import { newSigner } from './server-log.ts'

const LOG = 'log.example.com/acme'
const AT = '2026-11-22T12:00:00.000Z'

const none = { ai: 0, human: 0, mixed: 0, unknown: 0 }
const failed = () => ({
  predicateType: TEST_RESULT_PREDICATE,
  payload: writeConclusion(
    testResult({
      publicUrl: 'https://stemma.example',
      contractDigest: '0'.repeat(64),
      report: {
        repository: 'acme/shop',
        number: 1,
        head: 'a'.repeat(40),
        conclusion: 'failure',
        lines: none,
        sessions: [],
        unobservedCommits: [],
        signatures: { verified: 0, total: 0 },
        checkpoint: null,
        notRecorded: [],
        dashboardUrl: 'https://stemma.example/pull-requests/acme/shop/1',
      },
    }),
  ),
})

/** A log of one leaf, which names `platform` as the signer of a failed test result, or of what is given. */
async function concluded({ predicateType, payload } = failed()) {
  const [log, platform] = [await newSigner(), await newSigner()]
  const evidenceId = await sha256Hex(payload)
  const leaf = writeLogLeaf({ evidenceId, predicateType, keyId: platform.keyid, receivedAt: AT })
  const checkpoint = writeCheckpoint({ origin: LOG, size: 1, root: await leafHash(leaf) })
  const signer = { name: LOG, keyId: await noteKeyId(LOG, log.raw), sign: log.sign }
  const proof = writeTlogProof({ index: 0, proof: [], checkpoint: await signNote(checkpoint, signer) })
  const signedBy = async (key: Awaited<ReturnType<typeof newSigner>>): Promise<Material> => ({
    source: 'conclusion.json',
    envelope: writeEnvelope({
      payloadType: STATEMENT_PAYLOAD_TYPE,
      payload,
      signatures: [
        { keyid: key.keyid, bytes: await key.sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload)) },
      ],
    }),
    transcript: null,
    erasure: null,
    platformKey: toBase64(key.spki),
    receipt: { index: 0, receivedAt: AT, proof },
  })
  return { platform, signedBy, logKeys: [await writeVerifierKey(LOG, log.raw)], evidenceId }
}

describe('stemma verify of what the platform concluded', () => {
  it('passes by the log’s key alone, and says what was concluded of which commit', async () => {
    const { platform, signedBy, logKeys, evidenceId } = await concluded()
    const checked = await check(await signedBy(platform), { keys: [], logKeys })
    expect(checked).toMatchObject({ verified: true, id: evidenceId, commits: ['a'.repeat(40)] })
    expect(checked.checks.map(({ detail }) => detail).join('\n')).toContain('FAILED (https://in-toto.io/attestation')
  })

  it('fails for another key than the leaf names, without a trusted log, and without the key', async () => {
    const { platform, signedBy, logKeys } = await concluded()
    const forged = await check(await signedBy(await newSigner()), { keys: [], logKeys })
    expect(forged.verified).toBe(false)
    expect(forged.checks).toContainEqual(expect.objectContaining({ name: 'key', result: 'failed' }))
    const material = await signedBy(platform)
    expect((await check(material, { keys: [], logKeys: [] })).verified).toBe(false)
    const { platformKey: _, ...keyless } = material
    expect((await check(keyless, { keys: [], logKeys })).verified).toBe(false)
  })

  it('says which waiver was decided how, and holds it to the same checks', async () => {
    const scope = { kind: 'pullRequest', repository: 'acme/shop', number: 7 } as const
    const waiver = { id: 'w1', policy: 'human-review', scope, reason: 'Hotfix.', expiresAt: AT, requestedBy: 'p1' }
    const statement = await waiverStatement({ waiver, decision: 'approved', by: 'p2', at: AT })
    const { platform, signedBy, logKeys } = await concluded({
      predicateType: WAIVER_PREDICATE,
      payload: utf8(statement),
    })
    const { verified, checks } = await check(await signedBy(platform), { keys: [], logKeys })
    expect(verified).toBe(true)
    const detail = `approved at ${AT}: waiver of human-review for acme/shop#7 until 2026-11-22: Hotfix.`
    expect(checks).toContainEqual({ name: 'decision', result: 'passed', detail })
    const other = await check(await signedBy(await newSigner()), { keys: [], logKeys })
    expect(other.verified).toBe(false)
  })
})
