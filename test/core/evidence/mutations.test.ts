/** Whatever is changed in valid evidence is noticed, and the reason says what was changed. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bytes, utf8 } from '#core/evidence/bytes.ts'
import { writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { type Envelope, readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey, readSigner } from '#core/evidence/key.ts'
import { consistencyProof, growTree, inclusionProof, leafHash, readThrough, treeRoot } from '#core/evidence/merkle.ts'
import { verifyConsistency } from '#core/evidence/merkle-verify.ts'
import { noteKeyId, readVerifierKey, signNote, writeVerifierKey } from '#core/evidence/note.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { observedCommitsStatement } from '#core/evidence/statement.ts'
import { verifyTlogProof, writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { verify } from '#core/evidence/verify.ts'
import { isFault } from '#core/fault.ts'
import { flipped, keyPair } from './key-pair.ts'

const statementOf = (digit: string) =>
  observedCommitsStatement({
    repository: 'octo/widgets',
    attribution: [
      {
        commit: digit.repeat(40),
        parents: [],
        authoredAt: '2026-11-20T10:00:00Z',
        subject: 'subject',
        patchId: null,
        files: [],
        added: { ai: 0, human: 0, mixed: 0, unknown: 0 },
        removed: { ai: 0, human: 0, mixed: 0, unknown: 0 },
        sessions: [],
      },
    ],
    redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
    producer: { name: 'stemma', version: '0.1.0' },
    createdAt: '2026-11-20T10:00:00Z',
  })

describe('envelope', () => {
  const loggedAt = '2026-11-20T10:00:01Z'
  const device = keyPair()
  const stranger = keyPair()
  let envelope: Envelope
  let other: Envelope
  const reasons = async (changed: Envelope, key = device, revokedAt: string | null = null) => {
    const keys = [{ publicKey: await readPublicKey(key.spki), revokedAt }]
    const verdict = await verify(changed, { keys, loggedAt })
    return verdict.verified ? [] : verdict.problems.map(({ code }) => code)
  }
  const signed = ({ signatures: [first] }: Envelope) => {
    if (first === undefined) throw new TypeError('the envelope is signed')
    return first
  }

  beforeAll(async () => {
    const signer = await readSigner(device.pkcs8, device.spki)
    envelope = await signStatement(statementOf('a'), signer)
    other = await signStatement(statementOf('b'), signer)
  })

  test('as it was signed it verifies', async () => expect(await reasons(envelope)).toEqual([]))

  test('any flipped bit of the payload or the signature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        expect(await reasons({ ...envelope, payload: flipped(envelope.payload, bit) })).toContain('signature-invalid')
        const signature = { ...signed(envelope), bytes: flipped(signed(envelope).bytes, bit) }
        expect(await reasons({ ...envelope, signatures: [signature] })).toEqual(['signature-invalid'])
      }),
    )
  })

  test('the signature of another envelope, another type, another key, a revoked key', async () => {
    expect(await reasons({ ...envelope, signatures: other.signatures })).toEqual(['signature-invalid'])
    expect(await reasons({ ...envelope, payloadType: 'text/plain' })).toEqual(['payload-type', 'signature-invalid'])
    expect(await reasons(envelope, stranger)).toEqual(['key-unknown'])
    expect(await reasons(envelope, device, loggedAt)).toEqual(['key-revoked'])
  })

  test('cut off anywhere it is no envelope', async () => {
    const text = writeEnvelope(envelope)
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), (length) => {
        try {
          readEnvelope(text.slice(0, length))
          return false
        } catch (fault) {
          return isFault(fault) && ['json-malformed', 'envelope-malformed'].includes(fault.code)
        }
      }),
    )
  })
})

async function logOf(origin: string, count: number, mark: string) {
  const { spki, sign } = keyPair()
  const raw = spki.slice(12)
  const leaves = Array.from({ length: count }, (_, index) => utf8(`${mark} ${index}`))
  const nodes = await growTree(0, await Promise.all(leaves.map(leafHash)), () => new Uint8Array())
  const read = readThrough(nodes, () => new Uint8Array())
  const signer = { name: origin, keyId: await noteKeyId(origin, raw), sign: async (bytes: Bytes) => sign(bytes) }
  const checkpoint = async (size = count) =>
    signNote(writeCheckpoint({ origin, size, root: await treeRoot(size, read) }), signer)
  return { leaves, read, signer, checkpoint, verifier: await readVerifierKey(await writeVerifierKey(origin, raw)) }
}

describe('receipt', () => {
  const COUNT = 11
  const INDEX = 6
  const origin = 'stemma.test/log/one'
  let log: Awaited<ReturnType<typeof logOf>>
  let proof: readonly Bytes[]
  let note: string
  const reason = async (text: string, leaf = log.leaves[INDEX] ?? utf8(''), verifier = log.verifier) => {
    const verdict = await verifyTlogProof(text, leaf, verifier)
    return verdict.verified ? null : verdict.problem
  }
  const receipt = (changes: { index?: number; proof?: readonly Bytes[]; checkpoint?: string } = {}) =>
    writeTlogProof({ index: INDEX, proof, checkpoint: note, ...changes })

  beforeAll(async () => {
    log = await logOf(origin, COUNT, 'leaf')
    proof = await inclusionProof(INDEX, COUNT, log.read)
    note = await log.checkpoint()
  })

  test('as it was given it verifies', async () => expect(await reason(receipt())).toBeNull())

  test('another index, leaf or proof', async () => {
    for (let index = 0; index < COUNT + 2; index++) {
      if (index !== INDEX) expect(await reason(receipt({ index })), `index ${index}`).toBe('not-included')
    }
    expect(await reason(receipt(), log.leaves[0])).toBe('not-included')
    expect(await reason(receipt({ proof: proof.slice(1) }))).toBe('not-included')
    expect(await reason(receipt({ proof: proof.slice(0, -1) }))).toBe('not-included')
    expect(await reason(receipt({ proof: proof.toReversed() }))).toBe('not-included')
    expect(await reason(receipt({ proof: [...proof, ...proof.slice(0, 1)] }))).toBe('not-included')
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: proof.length - 1 }), fc.nat({ max: 255 }), async (at, bit) => {
        const changed = proof.map((hash, index) => (index === at ? flipped(hash, bit) : hash))
        expect(await reason(receipt({ proof: changed }))).toBe('not-included')
      }),
    )
  })

  test('another size, root or origin in the checkpoint', async () => {
    const root = await treeRoot(COUNT, log.read)
    const forged = (changes: object) =>
      note.replace(
        writeCheckpoint({ origin, size: COUNT, root }),
        writeCheckpoint({ origin, size: COUNT, root, ...changes }),
      )
    expect(await reason(receipt({ checkpoint: forged({ size: COUNT + 1 }) }))).toBe('checkpoint-signature')
    expect(await reason(receipt({ checkpoint: forged({ root: flipped(root, 9) }) }))).toBe('checkpoint-signature')
    expect(await reason(receipt({ checkpoint: forged({ origin: 'stemma.test/log/two' }) }))).toBe('other-log')
    expect(await reason(receipt({ checkpoint: await log.checkpoint(COUNT - 1) }))).toBe('not-included')
  })

  test('of another organisation, and by another key under the same name', async () => {
    const two = await logOf('stemma.test/log/two', COUNT, 'leaf')
    expect(await reason(receipt({ checkpoint: await two.checkpoint() }))).toBe('other-log')
    expect(await reason(receipt(), log.leaves[INDEX], two.verifier)).toBe('other-log')
    const impostor = await logOf(origin, COUNT, 'leaf')
    expect(await reason(receipt({ checkpoint: await impostor.checkpoint() }))).toBe('checkpoint-signature')
  })

  test('cut off or changed in any character', async () => {
    const text = receipt()
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.nat({ max: 6 }), async (at, bit) => {
        expect(await reason(text.slice(0, at))).not.toBeNull()
        const changed = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
        expect(await reason(text.slice(0, at) + changed + text.slice(at + 1))).not.toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  test('consistency: other sizes, roots and hashes', async () => {
    const [older, newer] = [
      { size: 5, root: await treeRoot(5, log.read) },
      { size: COUNT, root: await treeRoot(COUNT, log.read) },
    ]
    const hashes = await consistencyProof(5, COUNT, log.read)
    expect(await verifyConsistency({ older, newer, proof: hashes })).toBe(true)
    expect(await verifyConsistency({ older: newer, newer: older, proof: hashes })).toBe(false)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: hashes.length - 1 }), fc.nat({ max: 255 }), async (at, bit) => {
        const changed = hashes.map((hash, index) => (index === at ? flipped(hash, bit) : hash))
        expect(await verifyConsistency({ older, newer, proof: changed })).toBe(false)
        expect(
          await verifyConsistency({ older: { ...older, root: flipped(older.root, bit) }, newer, proof: hashes }),
        ).toBe(false)
        expect(
          await verifyConsistency({ older, newer: { ...newer, root: flipped(newer.root, bit) }, proof: hashes }),
        ).toBe(false)
      }),
    )
    for (const size of [0, 4, 6, COUNT + 1]) {
      expect(await verifyConsistency({ older: { ...older, size }, newer, proof: hashes }), `from ${size}`).toBe(false)
    }
  })
})
