/** SHA-256, the only digest that Stemma makes itself. */
import { type Bytes, toHex } from './bytes.ts'

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** Lower-case hexadecimal, 64 digits. */
export async function sha256Hex(bytes: Bytes): Promise<string> {
  return toHex(await sha256(bytes))
}
