import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, equalBytes, fromBase64, fromHex, readUtf8, toBase64, toHex, utf8 } from '#core/evidence/bytes.ts'

const someBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes))

describe('base64', () => {
  test('is what Node writes, for lengths around the chunk as well', () => {
    fc.assert(fc.property(someBytes, (bytes) => toBase64(bytes) === Buffer.from(bytes).toString('base64')))
    for (const length of [0, 32_767, 32_768, 32_769, 70_000]) {
      const bytes = Uint8Array.from({ length }, (_, index) => index % 251)
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    }
  })

  test('is read in both alphabets, padded or not', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const standard = Buffer.from(bytes).toString('base64')
        const urlSafe = Buffer.from(bytes).toString('base64url')
        for (const text of [standard, standard.replace(/=+$/, ''), urlSafe]) {
          expect(fromBase64(text)).toEqual(bytes)
        }
      }),
    )
  })

  test.each(['A', 'AAAAA', 'AA=A', 'A===', 'AA AA', 'AAAA\n', 'AA.A', 'ÄAAA', '=', '==', 'AA=', 'AAAA='])(
    '%j is refused',
    (text) => {
      expect(fromBase64(text)).toBeNull()
    },
  )
})

describe('hexadecimal', () => {
  test('there and back, in either case', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes)
      }),
    )
  })

  test.each(['0', 'zz', '0x00', ' 00', '00 ', '0g'])('%j is refused', (text) => {
    expect(fromHex(text)).toBeNull()
  })
})

describe('UTF-8', () => {
  test('there and back for every well-formed text, a byte order mark included', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => readUtf8(utf8(text)) === text))
    expect(readUtf8(utf8('\uFEFFx'))).toBe('\uFEFFx')
  })

  test.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]]])('the bytes %j are refused', (bytes) => {
    expect(readUtf8(new Uint8Array(bytes))).toBeNull()
  })
})

test('bytes are joined in order and compared by content', () => {
  expect(concatBytes(utf8('ab'), utf8(''), utf8('c'))).toEqual(utf8('abc'))
  expect(equalBytes(utf8('abc'), utf8('abc'))).toBe(true)
  expect(equalBytes(utf8('abc'), utf8('abd'))).toBe(false)
  expect(equalBytes(utf8('abc'), utf8('ab'))).toBe(false)
})
