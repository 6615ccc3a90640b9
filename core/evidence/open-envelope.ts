/** The text of an envelope -> the envelope and the id of what it holds, or why it cannot be read. */
import { isFault } from '../fault.ts'
import { sha256Hex } from './digest.ts'
import { type Envelope, readEnvelope } from './envelope.ts'

interface Opened {
  readonly envelope: Envelope
  /** Hex SHA-256 of the payload. */
  readonly id: string
}

interface Unreadable {
  readonly envelope: null
  readonly problem: { readonly code: 'envelope-malformed'; readonly message: string }
}

export async function openEnvelope(text: string): Promise<Opened | Unreadable> {
  try {
    const envelope = readEnvelope(text)
    return { envelope, id: await sha256Hex(envelope.payload) }
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return { envelope: null, problem: { code: 'envelope-malformed', message: fault.message } }
  }
}
