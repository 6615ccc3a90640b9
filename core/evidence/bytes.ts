/** Bytes as text: base64 in both alphabets (DSSE asks verifiers to accept both), hexadecimal, UTF-8. */

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8(text: string): Bytes {
  // Never shared memory; the types of some platforms leave that open.
  return encoder.encode(text) as Bytes
}

/** null where the bytes are not well-formed UTF-8. */
export function readUtf8(bytes: Bytes): string | null {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return null
  }
}

/** `btoa` takes one code unit a byte; 32 KiB at a time keeps the argument list of `fromCharCode` small. */
const CHUNK_BYTES = 32_768

export function toBase64(bytes: Bytes): string {
  let binary = ''
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(offset, offset + CHUNK_BYTES))
  }
  return btoa(binary)
}

/** Accepts the standard and the URL-safe alphabet, padded or not; null for anything else. */
export function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null
  if (text.endsWith('=') && text.length % 4 !== 0) return null
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  if (standard.length % 4 === 1) return null
  const binary = atob(standard)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}

export function toHex(bytes: Bytes): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** null unless the text is an even number of lower- or upper-case hexadecimal digits. */
export function fromHex(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  return bytes
}

export function concatBytes(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

export function equalBytes(left: Bytes, right: Bytes): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
