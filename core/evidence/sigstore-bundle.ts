/** Envelope -> the shape of a Sigstore bundle (v0.3): for tools that read those. The log is ours, so no tlog entry is claimed. */
import { toBase64 } from './bytes.ts'
import type { Envelope } from './envelope.ts'

export const SIGSTORE_BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** v0.3 takes exactly one signature: the first. The hint names the key by the hex SHA-256 of its SPKI; it decides nothing. */
export function sigstoreBundle({ payload, payloadType, signatures: [first] }: Envelope) {
  if (first === undefined) throw new TypeError('an envelope is signed')
  const keyid = first.keyid ?? ''
  return {
    mediaType: SIGSTORE_BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyid } },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType,
      signatures: [{ sig: toBase64(first.bytes), keyid }],
    },
  }
}
