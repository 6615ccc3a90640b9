/** Ed25519 keys as bytes, and evidence with a bit turned over. */
import { generateKeyPairSync, sign as signSync } from 'node:crypto'
import type { Bytes } from '#core/evidence/bytes.ts'

export interface KeyPair {
  readonly spki: Bytes
  readonly pkcs8: Bytes
  /** Signs anything, as somebody with the key but without our code would. */
  readonly sign: (bytes: Bytes) => Bytes
}

export function keyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    pkcs8: new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })),
    sign: (bytes) => new Uint8Array(signSync(null, bytes, privateKey)),
  }
}

export function flipped(bytes: Bytes, bit: number): Bytes {
  const copy = bytes.slice()
  const at = Math.floor(bit / 8) % copy.length
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8))
  return copy
}
