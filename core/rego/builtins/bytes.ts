/** Bytes as text and back. */
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  // Never shared memory; the types of some platforms leave that open.
  return encoder.encode(text) as Uint8Array<ArrayBuffer>
}

/** Invalid UTF-8 becomes U+FFFD. */
export function fromBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Null when the text is no hexadecimal. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  )
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Null when the text is no base64 with its padding. */
export function fromBase64(text: string): Uint8Array | null {
  const compact = text.replace(/[\r\n]/g, '')
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return null
  const binary = atob(compact)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_')
}

/** With or without padding. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (/[+/]/.test(text)) return null
  const standard = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  return fromBase64(standard + '='.repeat((4 - (standard.length % 4)) % 4))
}
