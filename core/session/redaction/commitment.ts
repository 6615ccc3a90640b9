/**
 * A manifest of what redaction took out: by which rule, where, about how long, and a commitment to the original. Whoever
 * holds the machine's key can later show that an original is what stood there; nobody else learns anything from it.
 */
import { toHex, utf8 } from '../../evidence/bytes.ts'

export const lengthClasses = ['1-15', '16-63', '64-255', '256-4095', '4096-'] as const
export type LengthClass = (typeof lengthClasses)[number]

export interface Committed {
  readonly rule: string
  /** null: it stood in the header. */
  readonly event: string | null
  /** Where in the event, such as `input.config.0.value`. */
  readonly leaf: string
  readonly length: LengthClass
  /** hex HMAC-SHA256, see `commitmentOf`. */
  readonly commitment: string
}

/** What was taken out. */
export interface Commit extends Pick<Committed, 'rule' | 'event' | 'leaf'> {
  readonly text: string
}

/**
 * HMAC-SHA256 of rule, event, leaf and original as a JSON list. The place is part of it: one value at two places has two
 * commitments, so that the manifest does not tell where a secret was used again.
 */
export async function commitmentOf({ rule, event, leaf, text }: Commit, key: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await mac(await macKey(key), JSON.stringify([rule, event, leaf, text])))
}

/** In the order of the entries; none without a key. */
export function commitments(key: Uint8Array<ArrayBuffer> | null) {
  const imported = key === null ? null : macKey(key)
  return async (entries: readonly Commit[]): Promise<readonly Committed[]> => {
    if (imported === null) return []
    const hmac = await imported
    return Promise.all(
      entries.map(async ({ rule, event, leaf, text }) => ({
        rule,
        event,
        leaf,
        length: lengthClassOf(text.length),
        commitment: toHex(await mac(hmac, JSON.stringify([rule, event, leaf, text]))),
      })),
    )
  }
}

function macKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

async function mac(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign({ name: 'HMAC' }, key, utf8(text)))
}

/** A class and no figure: the exact length of a short password is half of it. */
function lengthClassOf(length: number): LengthClass {
  if (length < 16) return '1-15'
  if (length < 64) return '16-63'
  if (length < 256) return '64-255'
  return length < 4_096 ? '256-4095' : '4096-'
}
