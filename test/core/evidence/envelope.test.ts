import { createPublicKey, verify as verifySync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { preAuthenticationEncoding, readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'

/** DSSE protocol 1.0.2, "Test vectors". */
const published = {
  type: 'http://example.com/HelloWorld',
  body: 'hello world',
  encoded: 'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  x: '46950820868899156662930047687818585632848591499744589407958293238635476079160',
  y: '5640078356564379163099075877009565129882514886557779369047442380624545832820',
  signature: 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==',
}

describe('pre-authentication encoding', () => {
  test('the published bytes, over which the published signature verifies', () => {
    const bytes = preAuthenticationEncoding(published.type, utf8(published.body))
    expect(new TextDecoder().decode(bytes)).toBe(published.encoded)
    const coordinate = (decimal: string) =>
      Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url')
    const key = createPublicKey({
      key: { kty: 'EC', crv: 'P-256', x: coordinate(published.x), y: coordinate(published.y) },
      format: 'jwk',
    })
    const signature = fromBase64(published.signature) ?? new Uint8Array()
    expect(verifySync('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
    expect(verifySync('sha256', utf8(published.body), { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(false)
  })

  test('lengths count bytes, not characters', () => {
    const bytes = preAuthenticationEncoding('type/ü', utf8('€'))
    expect(new TextDecoder().decode(bytes)).toBe('DSSEv1 7 type/ü 3 €')
  })

  test('two different pairs never have the same encoding', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '1', '2', 'ü') })
    fc.assert(
      fc.property(text, text, text, text, (type, body, otherType, otherBody) => {
        fc.pre(type !== otherType || body !== otherBody)
        const one = toBase64(preAuthenticationEncoding(type, utf8(body)))
        expect(toBase64(preAuthenticationEncoding(otherType, utf8(otherBody)))).not.toBe(one)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('envelope', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((array) => new Uint8Array(array))

  test('is read as it was written', () => {
    const signature = fc.record({ keyid: fc.option(fc.string({ maxLength: 64 })), bytes })
    const envelope = fc.record({
      payloadType: fc.string({ minLength: 1, maxLength: 50 }),
      payload: bytes,
      signatures: fc.array(signature, { minLength: 1, maxLength: 4 }),
    })
    fc.assert(
      fc.property(envelope, (value) => {
        expect(readEnvelope(writeEnvelope(value))).toEqual(value)
      }),
    )
  })

  test('payload and signatures are accepted in standard and URL-safe base64', () => {
    const payload = new Uint8Array([0xfb, 0xef, 0xff])
    for (const text of ['++//', '--__']) {
      const json = JSON.stringify({ payloadType: 't', payload: text, signatures: [{ sig: text }] })
      const read = readEnvelope(json)
      expect(read.payload).toEqual(payload)
      expect(read.signatures).toEqual([{ keyid: null, bytes: payload }])
    }
  })

  const valid = { payloadType: 't', payload: 'AAAA', signatures: [{ sig: 'AAAA' }] }
  test.each([
    ['no signature', { ...valid, signatures: [] }, 'envelope-malformed'],
    [
      'too many signatures',
      { ...valid, signatures: Array.from({ length: 17 }, () => ({ sig: 'AAAA' })) },
      'envelope-malformed',
    ],
    ['an empty type', { ...valid, payloadType: '' }, 'envelope-malformed'],
    ['a payload that is no base64', { ...valid, payload: 'A!' }, 'envelope-malformed'],
    ['a signature that is no base64', { ...valid, signatures: [{ sig: 'A!' }] }, 'envelope-malformed'],
    ['no payload', { payloadType: 't', signatures: valid.signatures }, 'envelope-malformed'],
    ['a list', [valid], 'envelope-malformed'],
  ])('%s is refused', (_, json, code) => {
    expect(() => readEnvelope(JSON.stringify(json))).toThrow(expect.objectContaining({ code }))
  })

  test('a second payload under the same key is refused, so that nobody sees another one than was verified', () => {
    const text = '{"payloadType":"t","payload":"AAAA","payl\\u006fad":"BBBB","signatures":[{"sig":"AAAA"}]}'
    expect(() => readEnvelope(text)).toThrow(expect.objectContaining({ code: 'json-duplicate-key' }))
  })
})
