/** The key by which a log signs its checkpoints: made inside of its object on first use, and never changed. */
import { readSigner, spkiOf } from '#core/evidence/key.ts'
import { type NoteSigner, noteKeyId } from '#core/evidence/note.ts'
import type { LogStorage } from './log-storage.ts'
import { newKey } from './new-key.ts'

/** `origin`: what the log is called if it has no key yet; afterwards it stays what it was then. */
export async function openLogKey(storage: LogStorage, origin: () => string): Promise<NoteSigner> {
  const stored = storage.key() ?? storage.keepKey({ ...(await newKey()), origin: origin() })
  const { sign } = await readSigner(stored.pkcs8, spkiOf(stored.publicKey))
  return { name: stored.origin, keyId: await noteKeyId(stored.origin, stored.publicKey), sign }
}
