/** Cosignature of a witness over a checkpoint (C2SP tlog-cosignature, Ed25519): "the largest tree of this log that I saw by then". */
import { type Bytes, concatBytes, toBase64, toHex, utf8 } from './bytes.ts'
import { verifySignature } from './key.ts'
import type { Note, NoteSigner, NoteVerifier } from './note.ts'

const TIMESTAMP_BYTES = 8
const SIGNATURE_BYTES = 64

function cosignedMessage(text: string, seconds: number): Bytes {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`)
}

/** The signature line, its line feed included. `text` = the checkpoint's text; `seconds` = POSIX time of the witness. */
export async function cosign(text: string, signer: NoteSigner, seconds: number): Promise<string> {
  const timestamp = new Uint8Array(TIMESTAMP_BYTES)
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(seconds))
  const signature = await signer.sign(cosignedMessage(text, seconds))
  return `\u2014 ${signer.name} ${toBase64(concatBytes(signer.keyId, timestamp, signature))}\n`
}

/** When the witness cosigned, in POSIX seconds; null where it did not, or where any line in its name is false. */
export async function verifyCosignature(note: Note, witness: NoteVerifier): Promise<number | null> {
  const own = note.signatures.filter(
    ({ name, keyId }) => name === witness.name && toHex(keyId) === toHex(witness.keyId),
  )
  let latest: number | null = null
  for (const { signature } of own) {
    if (signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return null
    const seconds = Number(new DataView(signature.buffer, signature.byteOffset, TIMESTAMP_BYTES).getBigUint64(0))
    if (!Number.isSafeInteger(seconds)) return null
    const bytes = signature.slice(TIMESTAMP_BYTES)
    if (!(await verifySignature(witness.publicKey, bytes, cosignedMessage(note.text, seconds)))) return null
    latest = Math.max(latest ?? 0, seconds)
  }
  return latest
}
