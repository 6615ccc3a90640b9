/** An Ed25519 key pair, made inside of an object that it never leaves. */
import type { Bytes } from '#core/evidence/bytes.ts'

export interface NewKey {
  readonly pkcs8: Bytes
  /** 32 bytes. */
  readonly publicKey: Bytes
}

export async function newKey(): Promise<NewKey> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('Ed25519 gives a pair')
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey)
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey)
  if (!(pkcs8 instanceof ArrayBuffer) || !(raw instanceof ArrayBuffer))
    throw new TypeError('a key is exported as bytes')
  return { pkcs8: new Uint8Array(pkcs8), publicKey: new Uint8Array(raw) }
}
