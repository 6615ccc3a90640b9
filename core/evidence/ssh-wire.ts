/** SSH's binary form (RFC 4251 section 5): big-endian lengths before bytes. Reading gives null for whatever does not fit. */
import { type Bytes, concatBytes, readUtf8, utf8 } from './bytes.ts'

export interface SshReader {
  /** The next `length` bytes as they are. */
  readonly bytes: (length: number) => Bytes | null
  readonly uint32: () => number | null
  readonly string: () => Bytes | null
  readonly text: () => string | null
  /** A number that is not negative, without the byte that keeps its sign; null where it is not in its shortest form. */
  readonly mpint: () => Bytes | null
  readonly isAtEnd: () => boolean
}

export function readSshWire(source: Bytes): SshReader {
  let offset = 0
  const bytes = (length: number): Bytes | null => {
    if (length > source.length - offset) return null
    offset += length
    return source.slice(offset - length, offset)
  }
  const uint32 = (): number | null => {
    const found = bytes(4)
    return found === null ? null : found.reduce((sum, byte) => sum * 256 + byte, 0)
  }
  const string = (): Bytes | null => {
    const length = uint32()
    return length === null ? null : bytes(length)
  }
  return {
    bytes,
    uint32,
    string,
    text: () => {
      const found = string()
      return found === null ? null : readUtf8(found)
    },
    mpint: () => {
      const found = string()
      const first = found?.[0]
      if (found === null || first === undefined || first >= 0x80) return null
      if (first > 0) return found
      return (found[1] ?? 0) >= 0x80 ? found.slice(1) : null
    },
    isAtEnd: () => offset === source.length,
  }
}

export function sshString(value: Bytes | string): Bytes {
  const bytes = typeof value === 'string' ? utf8(value) : value
  return concatBytes(sshUint32(bytes.length), bytes)
}

export function sshUint32(value: number): Bytes {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value])
}
