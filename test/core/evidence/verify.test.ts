import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bytes, fromHex, utf8 } from '#core/evidence/bytes.ts'
import { canonicalJson } from '#core/evidence/canonical-json.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import {
  type Envelope,
  preAuthenticationEncoding,
  readEnvelope,
  STATEMENT_PAYLOAD_TYPE,
  writeEnvelope,
} from '#core/evidence/envelope.ts'
import { type PublicKey, readPublicKey, readSigner, type Signer, spkiOf } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { type AiSession, aiSessionStatement, readStatement, type Statement } from '#core/evidence/statement.ts'
import { type Trust, verify } from '#core/evidence/verify.ts'
import { type KeyPair, keyPair } from './key-pair.ts'

interface Key {
  readonly signer: Signer
  readonly publicKey: PublicKey
  readonly sign: KeyPair['sign']
}

async function makeKey(): Promise<Key> {
  const { pkcs8, spki, sign } = keyPair()
  return { signer: await readSigner(pkcs8, spki), publicKey: await readPublicKey(spki), sign }
}

const noUsage = { uncachedInput: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 }
const noLines = { ai: 0, human: 0, mixed: 0, unknown: 0 }
const commit = (digit: string): AiSession['attribution'][number] => ({
  commit: digit.repeat(40),
  parents: [],
  authoredAt: '2026-11-20T10:00:00Z',
  subject: 'subject',
  patchId: null,
  files: [],
  added: noLines,
  removed: noLines,
  sessions: [],
})
const predicate: AiSession = {
  session: {
    schema: 'stemma.session/v1',
    id: 'claude-code:1',
    agent: { id: 'claude-code', version: null },
    entrypoint: null,
    startedAt: null,
    endedAt: null,
    branches: [],
    models: [],
    usage: noUsage,
    cost: { microUsd: null, unpricedModels: [], priceTable: 'prices@1' },
    tools: [],
    files: [],
    subagents: [],
    commits: [],
    permissionModes: [],
    prompts: 0,
    eventCount: 0,
    forkedFrom: null,
    capture: 'hook',
    parse: { records: 0, malformed: 0, unrecognised: {} },
    warnings: [],
  },
  repository: 'octo/widgets',
  transcript: { sha256: 'c'.repeat(64), mediaType: 'x/y', bytes: 1 },
  attribution: [commit('a'), commit('b')],
  redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
  producer: { name: 'stemma', version: '0.1.0' },
  createdAt: '2026-11-20T10:00:00Z',
}
const statement = aiSessionStatement(predicate)

let key: Key
let other: Key
let envelope: Envelope
let trust: Trust

beforeAll(async () => {
  key = await makeKey()
  other = await makeKey()
  envelope = await signStatement(statement, key.signer)
  trust = { keys: [{ publicKey: key.publicKey, revokedAt: null }], loggedAt: '2026-11-21T00:00:00Z' }
})

/** The codes of all problems; none where it verifies. */
async function problems(of: Envelope, by: Trust = trust): Promise<readonly string[]> {
  const verdict = await verify(of, by)
  return verdict.verified ? [] : verdict.problems.map(({ code }) => code)
}

function signed(payload: Bytes, { payloadType = STATEMENT_PAYLOAD_TYPE, by = key } = {}): Envelope {
  const bytes = by.sign(preAuthenticationEncoding(payloadType, payload))
  return { payloadType, payload, signatures: [{ keyid: by.signer.keyid, bytes }] }
}

const signedJson = (value: unknown) => signed(utf8(canonicalJson(value)))

describe('evidence verifies', () => {
  test('as it was signed, also after it was written and read', async () => {
    const verdict = await verify(readEnvelope(writeEnvelope(envelope)), trust)
    expect(verdict).toMatchObject({
      verified: true,
      id: await sha256Hex(envelope.payload),
      signedBy: [key.publicKey.id],
      statement,
    })
  })

  test('whatever the key ids say, since they are not signed', async () => {
    for (const keyid of [null, '', 'unknown', other.publicKey.id]) {
      const relabelled = { ...envelope, signatures: envelope.signatures.map(({ bytes }) => ({ keyid, bytes })) }
      const keys = [{ publicKey: other.publicKey, revokedAt: null }, ...trust.keys]
      expect(await verify(relabelled, { ...trust, keys })).toMatchObject({
        verified: true,
        signedBy: [key.publicKey.id],
      })
    }
  })

  test('with unknown fields in statement and predicate, which are ignored', async () => {
    const newer = { ...statement, extra: 1, predicate: { ...predicate, alsoNew: [] } }
    expect(await problems(signedJson(newer))).toEqual([])
  })

  test('and copies of a signature count once, two keys twice', async () => {
    const [one] = envelope.signatures
    const second = (await signStatement(statement, other.signer)).signatures
    const both = { keys: [...trust.keys, { publicKey: other.publicKey, revokedAt: null }], loggedAt: trust.loggedAt }
    const copies = { ...envelope, signatures: one === undefined ? [] : [one, one, { ...one, keyid: 'other' }] }
    expect(await verify(copies, both)).toMatchObject({ signedBy: [key.publicKey.id] })
    const countersigned = { ...envelope, signatures: [...envelope.signatures, ...second] }
    expect(await verify(countersigned, both)).toMatchObject({ signedBy: [key.publicKey.id, other.publicKey.id] })
  })
})

describe('evidence is rejected', () => {
  test('when any bit of payload or signature is another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(), fc.integer({ min: 0, max: 7 }), async (inPayload, at, bit) => {
        const flip = (bytes: Bytes) => {
          const changed = bytes.slice()
          const index = at % changed.length
          changed[index] = (changed[index] ?? 0) ^ (1 << bit)
          return changed
        }
        const changed = inPayload
          ? { ...envelope, payload: flip(envelope.payload) }
          : { ...envelope, signatures: envelope.signatures.map((one) => ({ ...one, bytes: flip(one.bytes) })) }
        expect(await problems(changed)).toContain('signature-invalid')
      }),
      { numRuns: 60 },
    )
  })

  test('when its type is another: the type is signed, too', async () => {
    expect(await problems({ ...envelope, payloadType: 'text/plain' })).toEqual(['payload-type', 'signature-invalid'])
    expect(await problems(signed(envelope.payload, { payloadType: 'text/plain' }))).toEqual(['payload-type'])
  })

  test('when nobody who is trusted signed it', async () => {
    expect(await problems(await signStatement(statement, other.signer))).toEqual(['key-unknown'])
    expect(await problems(envelope, { ...trust, keys: [] })).toEqual(['key-unknown'])
    const cut = { ...envelope, signatures: envelope.signatures.map((one) => ({ ...one, bytes: one.bytes.slice(1) })) }
    expect(await problems(cut)).toEqual(['signature-invalid'])
  })

  test.each([
    ['2026-11-21T00:00:01Z', []],
    ['2026-11-21T01:00:00+01:00', ['key-revoked']],
    ['2026-11-21T00:00:00Z', ['key-revoked']],
    ['2026-11-20T23:59:59Z', ['key-revoked']],
  ])(
    'when its key was revoked at %s, by the time of the log and not by the claimed one',
    async (revokedAt, expected) => {
      const revoked = { ...trust, keys: [{ publicKey: key.publicKey, revokedAt }] }
      const claims = await signStatement(
        aiSessionStatement({ ...predicate, createdAt: '2020-01-01T00:00:00Z' }),
        key.signer,
      )
      expect(await problems(claims, revoked)).toEqual(expected)
    },
  )

  test.each([
    ['a commit more', (subject: Statement['subject']) => [...subject, { digest: { gitCommit: 'e'.repeat(40) } }]],
    ['a commit less', (subject: Statement['subject']) => subject.slice(1)],
    [
      'another commit',
      (subject: Statement['subject']) => [{ digest: { gitCommit: 'e'.repeat(40) } }, ...subject.slice(1)],
    ],
    ['no transcript', (subject: Statement['subject']) => subject.filter(({ digest }) => !('sha256' in digest))],
  ])('when its subjects are not what the predicate describes: %s', async (_, change) => {
    expect(await problems(signedJson({ ...statement, subject: change(statement.subject) }))).toEqual([
      'subject-mismatch',
    ])
  })

  test('when the signed bytes are no statement that we read', async () => {
    const malformed = async (value: unknown) =>
      expect(await problems(signedJson(value))).toEqual(['statement-malformed'])
    await malformed({ ...statement, _type: 'https://in-toto.io/Statement/v0.1' })
    await malformed({ ...statement, predicateType: 'https://stemma.dev/attestation/ai-session/v2' })
    await malformed({ ...statement, subject: [] })
    await malformed({ ...statement, subject: [{ name: 'by name only' }] })
    await malformed({ ...statement, predicate: { ...predicate, createdAt: 'yesterday' } })
    expect(await problems(signed(utf8('{"_type":1,"_type":2}')))).toEqual(['statement-malformed'])
    expect(await problems(signed(new Uint8Array([0xff])))).toEqual(['statement-malformed'])
  })

  test('with every problem at once', async () => {
    const bad = signed(utf8('{}'), { payloadType: 'text/plain', by: other })
    expect(await problems(bad)).toEqual(['payload-type', 'key-unknown', 'statement-malformed'])
  })
})

describe('statement', () => {
  test('names every commit and the transcript by digest', () => {
    expect(statement.subject).toEqual([
      { name: 'octo/widgets', digest: { gitCommit: 'a'.repeat(40) } },
      { name: 'octo/widgets', digest: { gitCommit: 'b'.repeat(40) } },
      { digest: { sha256: 'c'.repeat(64) } },
    ])
    expect(aiSessionStatement({ ...predicate, repository: null, transcript: null }).subject).toEqual([
      { digest: { gitCommit: 'a'.repeat(40) } },
      { digest: { gitCommit: 'b'.repeat(40) } },
    ])
  })

  test('no payload makes the reader throw anything but a refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => readStatement(utf8(text))).toThrow(expect.objectContaining({ name: 'Fault' }))
      }),
    )
  })
})

describe('keys', () => {
  /** C2SP CCTV: the y coordinates of points of small order, canonical and not. */
  const lowOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]

  test.each(lowOrder)('the point of low order %s is refused, with either sign', async (hex) => {
    const raw = fromHex(hex) ?? new Uint8Array()
    const negative = raw.slice()
    negative[31] = (negative[31] ?? 0) | 0x80
    for (const point of [raw, negative]) {
      await expect(readPublicKey(spkiOf(point))).rejects.toMatchObject({ code: 'key-weak' })
    }
  })

  test('anything but an Ed25519 key of 44 bytes is refused', async () => {
    const spki = key.publicKey.spki
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' })
    const x25519 = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' })
    for (const bytes of [
      spki.slice(0, 43),
      new Uint8Array([...spki, 0]),
      new Uint8Array(rsa),
      new Uint8Array(x25519),
      new Uint8Array(),
    ]) {
      await expect(readPublicKey(bytes)).rejects.toMatchObject({ code: 'key-weak' })
    }
  })

  test('the id is the digest of the key', async () => {
    expect(key.publicKey.id).toBe(await sha256Hex(key.publicKey.spki))
    expect(key.signer.keyid).toBe(key.publicKey.id)
  })
})
