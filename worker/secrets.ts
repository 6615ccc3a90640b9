/** Secrets that the platform hands out: 256 random bits behind a prefix by which scanners and people recognise them. */
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import type { Principal } from './store/credentials.ts'

export interface NewSecret {
  /** Shown once, never stored. */
  readonly secret: string
  /** Hex SHA-256, which is stored. Without salt, since nobody guesses 256 bits. */
  readonly digest: string
}

export async function newSecret(kind: Principal['kind']): Promise<NewSecret> {
  const random = toBase64(crypto.getRandomValues(new Uint8Array(32)))
  const secret = `stemma_${kind}_${random.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
  return { secret, digest: await digestOf(secret) }
}

export function digestOf(secret: string): Promise<string> {
  return sha256Hex(utf8(secret))
}

export function secondsFrom(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1_000).toISOString()
}
