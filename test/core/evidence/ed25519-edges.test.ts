/** Keys and signatures that other programs take and ours must not. */
import { describe, expect, test } from 'vitest'
import { type Bytes, utf8 } from '#core/evidence/bytes.ts'
import { readPublicKey, spkiOf, verifySignature } from '#core/evidence/key.ts'
import { isFault } from '#core/fault.ts'
import { keyPair } from './key-pair.ts'

describe('Ed25519 at its edges, in the manner of C2SP CCTV', () => {
  const P = 2n ** 255n - 19n
  const L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
  const modulo = (value: bigint) => ((value % P) + P) % P
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, modulo(base)]
    for (let left = exponent; left > 0n; left >>= 1n) {
      if (left & 1n) result = modulo(result * square)
      square = modulo(square * square)
    }
    return result
  }
  const inverse = (value: bigint) => power(value, P - 2n)
  const D = modulo(-121_665n * inverse(121_666n))
  type Point = readonly [bigint, bigint]
  const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
    const product = modulo(D * x1 * x2 * y1 * y2)
    return [modulo((x1 * y2 + x2 * y1) * inverse(1n + product)), modulo((y1 * y2 + x1 * x2) * inverse(1n - product))]
  }
  const times = (point: Point, scalar: bigint): Point => {
    let [result, double]: [Point, Point] = [[0n, 1n], point]
    for (let left = scalar; left > 0n; left >>= 1n) {
      if (left & 1n) result = add(result, double)
      double = add(double, double)
    }
    return result
  }
  const pointAt = (y: bigint): Point | null => {
    const square = modulo((y * y - 1n) * inverse(D * y * y + 1n))
    const candidate = power(square, (P + 3n) / 8n)
    const roots = [candidate, modulo(candidate * power(2n, (P - 1n) / 4n))]
    const x = roots.find((root) => modulo(root * root) === square)
    return x === undefined ? null : [x, y]
  }
  const bytesOf = (value: bigint): Bytes =>
    Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n))
  const codeOf = async (raw: Bytes) =>
    readPublicKey(spkiOf(raw)).then(
      () => null,
      (fault: unknown) => (isFault(fault) ? fault.code : 'other'),
    )

  /** Eight points that the prime order sends elsewhere than to zero, found from whatever point has a part of order 8. */
  const torsion = (): readonly Point[] => {
    for (let y = 2n; ; y++) {
      const point = pointAt(y)
      const small = point === null ? null : times(point, L)
      if (small !== null && times(small, 4n)[1] !== 1n)
        return Array.from({ length: 8 }, (_, at) => times(small, BigInt(at)))
    }
  }

  test('keys of low order are refused, in every form', async () => {
    const points = torsion()
    expect(new Set(points.map(String)).size).toBe(8)
    for (const [, y] of points) {
      for (const form of [y, y + P].filter((value) => value < 2n ** 255n)) {
        for (const sign of [0n, 2n ** 255n]) expect(await codeOf(bytesOf(form + sign)), String(form)).toBe('key-weak')
      }
    }
  })

  test('keys in a form that is not canonical are refused', async () => {
    const onCurve = Array.from({ length: 19 }, (_, at) => BigInt(at)).filter((y) => pointAt(y) !== null)
    expect(onCurve.length).toBeGreaterThan(2)
    for (const y of onCurve) expect(await codeOf(bytesOf(y + P)), `${y} + p`).toBe('key-weak')
    const canonical = onCurve.filter((y) => y > 1n)
    for (const y of canonical) expect(await codeOf(bytesOf(y)), String(y)).toBeNull()
  })

  test('a signature whose scalar is not reduced is refused', async () => {
    const { spki, sign } = keyPair()
    const key = await readPublicKey(spki)
    const message = utf8('message')
    const signature = sign(message)
    expect(await verifySignature(key, signature, message)).toBe(true)
    const scalar = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    for (let more = scalar + L; more < 2n ** 256n; more += L) {
      const unreduced = new Uint8Array([...signature.slice(0, 32), ...bytesOf(more)])
      expect(await verifySignature(key, unreduced, message)).toBe(false)
    }
  })

  test('a commitment of low order with a scalar of zero is refused', async () => {
    const key = await readPublicKey(keyPair().spki)
    for (const [x, y] of torsion()) {
      const forged = new Uint8Array([...bytesOf(y + ((x & 1n) << 255n)), ...new Uint8Array(32)])
      expect(await verifySignature(key, forged, utf8('message'))).toBe(false)
    }
  })
})
