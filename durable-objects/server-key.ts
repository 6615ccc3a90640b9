/** The key by which the organisation's server signs what it makes of evidence; kept where the log's key is kept. */
import { type Bytes, toBase64 } from '#core/evidence/bytes.ts'
import { readSigner, type Signer, spkiOf } from '#core/evidence/key.ts'

interface StoredKey {
  readonly pkcs8: Bytes
  readonly publicKey: Bytes
}

export interface ServerKey extends Signer {
  /** base64 */
  readonly spki: string
}

const NAME = 'server-key'

/** Made inside of the object on first use; the private half never leaves it. */
export async function openServerKey(storage: SyncKvStorage): Promise<ServerKey> {
  const fresh = storage.get<StoredKey>(NAME) === undefined ? await makeKey() : null
  // Asked again: another request may have made one while this one waited, and the first stays.
  const stored = storage.get<StoredKey>(NAME) ?? fresh
  if (stored === null) throw new TypeError('a key that was stored is not taken away')
  storage.put(NAME, stored)
  const spki = spkiOf(stored.publicKey)
  return { ...(await readSigner(stored.pkcs8, spki)), spki: toBase64(spki) }
}

async function makeKey(): Promise<StoredKey> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('Ed25519 gives a pair')
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey)
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey)
  if (!(pkcs8 instanceof ArrayBuffer) || !(raw instanceof ArrayBuffer))
    throw new TypeError('a key is exported as bytes')
  return { pkcs8: new Uint8Array(pkcs8), publicKey: new Uint8Array(raw) }
}
