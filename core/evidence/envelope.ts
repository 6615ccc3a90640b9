/** Envelope: DSSE v1 (secure-systems-lab/dsse, protocol 1.0.2 and envelope format), the signed bytes. */
import { z } from 'zod'
import { Fault } from '../fault.ts'
import { type Bytes, concatBytes, fromBase64, toBase64, utf8 } from './bytes.ts'
import { parseStrictJson } from './strict-json.ts'

export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** The signed part holds digests and metadata, no transcript: 1 MB is about 40 commits of 500 files each. */
export const MAX_ENVELOPE_BYTES = 1_000_000

/** More than one signature is for countersigning; 16 bounds the work that a hostile envelope can ask for. */
const MAX_SIGNATURES = 16

const EnvelopeJson = z.object({
  payload: z.string(),
  payloadType: z.string().min(1).max(200),
  signatures: z
    .array(z.object({ keyid: z.string().max(200).optional(), sig: z.string().min(1).max(2_000) }))
    .min(1)
    .max(MAX_SIGNATURES),
})

interface Signature {
  /** A hint by which candidate keys are found; it is not signed and decides nothing. */
  readonly keyid: string | null
  readonly bytes: Bytes
}

export interface Envelope {
  readonly payloadType: string
  /** Exactly the bytes that were signed; every later step reads these and no others. */
  readonly payload: Bytes
  readonly signatures: readonly Signature[]
}

/**
 * Pre-authentication encoding: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes.
 * Source: DSSE protocol 1.0.2, "Signature Definition".
 */
export function preAuthenticationEncoding(payloadType: string, payload: Bytes): Bytes {
  const type = utf8(payloadType)
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload)
}

export function writeEnvelope(envelope: Envelope): string {
  return JSON.stringify({
    payloadType: envelope.payloadType,
    payload: toBase64(envelope.payload),
    signatures: envelope.signatures.map(({ keyid, bytes }) => ({
      ...(keyid === null ? {} : { keyid }),
      sig: toBase64(bytes),
    })),
  })
}

/** Throws json-*, or envelope-malformed. Checks form only; `verify` judges. */
export function readEnvelope(text: string): Envelope {
  const parsed = EnvelopeJson.safeParse(parseStrictJson(text))
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error))
  const payload = fromBase64(parsed.data.payload)
  if (payload === null) throw malformed('payload is not base64')
  const signatures = parsed.data.signatures.map(({ keyid, sig }, index) => {
    const bytes = fromBase64(sig)
    if (bytes === null) throw malformed(`signatures[${index}].sig is not base64`)
    return { keyid: keyid ?? null, bytes }
  })
  return { payloadType: parsed.data.payloadType, payload, signatures }
}

function malformed(problem: string): Fault {
  return new Fault('envelope-malformed', {
    message: `This is not a DSSE envelope: ${problem}.`,
    hint: 'Send the file as `stemma push` wrote it; inspect it with `stemma verify FILE`.',
  })
}
