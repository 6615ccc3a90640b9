/** MD5, SHA-1 and SHA-256 without a promise: WebCrypto answers later, a policy cannot wait. */
import { charge } from '../budget.ts'

/** Appends the bit that ends a message, zeros, and its length in bits. */
function padded(bytes: Uint8Array, littleEndian: boolean): DataView {
  const size = ((bytes.length + 8) >> 6) * 64 + 64
  const buffer = new Uint8Array(size)
  buffer.set(bytes)
  buffer[bytes.length] = 0x80
  const view = new DataView(buffer.buffer)
  const bits = BigInt(bytes.length) * 8n
  view.setBigUint64(size - 8, bits, littleEndian)
  charge(size >> 3)
  return view
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function output(words: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4))
  words.forEach((word, index) => {
    view.setUint32(index * 4, word >>> 0, littleEndian)
  })
  return new Uint8Array(view.buffer)
}

const md5Shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
const md5Constants = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0)

/** RFC 1321. */
export function md5(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, true)
  let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476]
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = [a0, b0, c0, d0]
    for (let step = 0; step < 64; step++) {
      const round = step >> 4
      const [mixed, word] =
        round === 0
          ? [(b & c) | (~b & d), step]
          : round === 1
            ? [(d & b) | (~d & c), (5 * step + 1) % 16]
            : round === 2
              ? [b ^ c ^ d, (3 * step + 5) % 16]
              : [c ^ (b | ~d), (7 * step) % 16]
      const sum = (a + mixed + (md5Constants[step] as number) + view.getInt32(block + word * 4, true)) | 0
      const turned = rotateLeft(sum, md5Shifts[round * 4 + (step % 4)] as number)
      ;[a, d, c, b] = [d, c, b, (b + turned) | 0]
    }
    ;[a0, b0, c0, d0] = [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0]
  }
  return output([a0, b0, c0, d0], true)
}

/** FIPS 180-4. */
export function sha1(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, false)
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0]
  const words = new Int32Array(80)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let index = 0; index < 16; index++) words[index] = view.getInt32(block + index * 4)
    for (let index = 16; index < 80; index++) {
      const at = (back: number): number => words[index - back] as number
      words[index] = rotateLeft(at(3) ^ at(8) ^ at(14) ^ at(16), 1)
    }
    let [a, b, c, d, e] = state as [number, number, number, number, number]
    for (let step = 0; step < 80; step++) {
      const [mixed, constant] =
        step < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : step < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : step < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6]
      const next = (rotateLeft(a, 5) + mixed + e + constant + (words[step] as number)) | 0
      ;[e, d, c, b, a] = [d, c, rotateLeft(b, 30), a, next]
    }
    ;[a, b, c, d, e].forEach((value, index) => {
      state[index] = ((state[index] as number) + value) | 0
    })
  }
  return output(state, false)
}

/** The first 32 bits of the fractional part of a root, for the first primes. */
function rootFractions(count: number, root: (prime: number) => number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes.map((prime) => Math.floor((root(prime) % 1) * 2 ** 32) | 0)
}

const sha256Constants = rootFractions(64, Math.cbrt)
const sha256Start = rootFractions(8, Math.sqrt)

/** FIPS 180-4. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes, false)
  const state = [...sha256Start]
  const words = new Int32Array(64)
  const right = (value: number, by: number): number => (value >>> by) | (value << (32 - by))
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let index = 0; index < 16; index++) words[index] = view.getInt32(block + index * 4)
    for (let index = 16; index < 64; index++) {
      const [early, late] = [words[index - 15] as number, words[index - 2] as number]
      const first = right(early, 7) ^ right(early, 18) ^ (early >>> 3)
      const second = right(late, 17) ^ right(late, 19) ^ (late >>> 10)
      words[index] = ((words[index - 16] as number) + first + (words[index - 7] as number) + second) | 0
    }
    let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number]
    for (let step = 0; step < 64; step++) {
      const first = right(e, 6) ^ right(e, 11) ^ right(e, 25)
      const added = (h + first + ((e & f) ^ (~e & g)) + (sha256Constants[step] as number) + (words[step] as number)) | 0
      const second = right(a, 2) ^ right(a, 13) ^ right(a, 22)
      const majority = (a & b) ^ (a & c) ^ (b & c)
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + added) | 0, c, b, a, (added + second + majority) | 0]
    }
    ;[a, b, c, d, e, f, g, h].forEach((value, index) => {
      state[index] = ((state[index] as number) + value) | 0
    })
  }
  return output(state, false)
}

/** RFC 2104, for hashes with blocks of 64 bytes. */
export function hmac(hash: (bytes: Uint8Array) => Uint8Array, key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? hash(key) : key)
  const inner = new Uint8Array(64 + message.length)
  inner.set(block.map((byte) => byte ^ 0x36))
  inner.set(message, 64)
  const digest = hash(inner)
  const outer = new Uint8Array(64 + digest.length)
  outer.set(block.map((byte) => byte ^ 0x5c))
  outer.set(digest, 64)
  return hash(outer)
}
