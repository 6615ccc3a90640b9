/** The key by which the organisation's server signs what it makes of evidence; kept where the log's key is kept. */
import { toBase64 } from '#core/evidence/bytes.ts'
import { readSigner, type Signer, spkiOf } from '#core/evidence/key.ts'
import { type NewKey, newKey } from './new-key.ts'

export interface ServerKey extends Signer {
  /** base64 */
  readonly spki: string
}

const NAME = 'server-key'

/** Made inside of the object on first use; the private half never leaves it. */
export async function openServerKey(storage: SyncKvStorage): Promise<ServerKey> {
  const fresh = storage.get<NewKey>(NAME) === undefined ? await newKey() : null
  // Asked again: another request may have made one while this one waited, and the first stays.
  const stored = storage.get<NewKey>(NAME) ?? fresh
  if (stored === null) throw new TypeError('a key that was stored is not taken away')
  storage.put(NAME, stored)
  const spki = spkiOf(stored.publicKey)
  return { ...(await readSigner(stored.pkcs8, spki)), spki: toBase64(spki) }
}
