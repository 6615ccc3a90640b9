/** SSHSIG, what `ssh-keygen -Y sign` writes (openssh-portable, PROTOCOL.sshsig version 1), verified without SSH. */
import { type Bytes, concatBytes, equalBytes, fromBase64, utf8 } from './bytes.ts'
import { readSshWire, sshString } from './ssh-wire.ts'

/** Our own, so that a signature of a commit (`git`) or a file (`file`) never passes for one of evidence, nor the reverse. */
export const SSH_NAMESPACE = 'stemma-evidence'

const MAGIC = utf8('SSHSIG')
const VERSION = 1
const hashes = { sha256: 'SHA-256', sha512: 'SHA-512' } as const

/** How each kind of key may sign. `ssh-rsa`, which is RSA over SHA-1, is missing on purpose. */
const schemes = {
  'ssh-ed25519': { key: 'ssh-ed25519', name: 'Ed25519', hash: null, curve: null, bytes: 32 },
  'ecdsa-sha2-nistp256': { key: 'ecdsa-sha2-nistp256', name: 'ECDSA', hash: 'SHA-256', curve: 'P-256', bytes: 32 },
  'ecdsa-sha2-nistp384': { key: 'ecdsa-sha2-nistp384', name: 'ECDSA', hash: 'SHA-384', curve: 'P-384', bytes: 48 },
  'ecdsa-sha2-nistp521': { key: 'ecdsa-sha2-nistp521', name: 'ECDSA', hash: 'SHA-512', curve: 'P-521', bytes: 66 },
  'rsa-sha2-256': { key: 'ssh-rsa', name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', curve: null, bytes: 0 },
  'rsa-sha2-512': { key: 'ssh-rsa', name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512', curve: null, bytes: 0 },
  'sk-ssh-ed25519@openssh.com': {
    key: 'sk-ssh-ed25519@openssh.com',
    name: 'Ed25519',
    hash: null,
    curve: null,
    bytes: 32,
  },
  'sk-ecdsa-sha2-nistp256@openssh.com': {
    key: 'sk-ecdsa-sha2-nistp256@openssh.com',
    name: 'ECDSA',
    hash: 'SHA-256',
    curve: 'P-256',
    bytes: 32,
  },
} as const
type Scheme = (typeof schemes)[keyof typeof schemes]

/** Flags and counter (openssh-portable, PROTOCOL.u2f). */
const TOKEN_BYTES = 5
/** Somebody touched the token for this very signature. */
const USER_PRESENT = 0x01

interface SshSignature {
  /** Of the key inside the signature: a claim, compared with the key that is trusted and used for nothing else. */
  readonly key: Bytes
  readonly namespace: string
  readonly reserved: Bytes
  readonly hash: keyof typeof hashes
  readonly scheme: Scheme
  readonly signature: Bytes
  /** What a security token adds to its signatures: a byte of flags and a counter of four; null for other keys. */
  readonly token: Bytes | null
}

export interface SshKey {
  readonly type: string
  /** As it stands in a `.pub` file. */
  readonly blob: Bytes
  readonly spki: Bytes
  /** For whom a security token made the key, such as `ssh:`; null for other keys. */
  readonly application: Bytes | null
}

/** The bytes between the lines of an armoured signature; null where it is not one. */
export function readSshArmour(text: string): Bytes | null {
  const found = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/.exec(text)
  return found === null ? null : fromBase64((found[1] ?? '').replaceAll(/[\r\n]/g, ''))
}

/** By its first bytes; a raw signature begins so once in 2^48. */
export function isSshSignature(bytes: Bytes): boolean {
  return bytes.length > 64 && equalBytes(bytes.slice(0, MAGIC.length), MAGIC)
}

/** `source`: the bytes inside the armour. null for every other version, hash, kind of signature, or with bytes left over. */
function readSshSignature(source: Bytes): SshSignature | null {
  const wire = readSshWire(source)
  const magic = wire.bytes(MAGIC.length)
  if (magic === null || !equalBytes(magic, MAGIC) || wire.uint32() !== VERSION) return null
  const [key, namespace, reserved, hash, signed] = [
    wire.string(),
    wire.text(),
    wire.string(),
    wire.text(),
    wire.string(),
  ]
  if (key === null || namespace === null || reserved === null || signed === null || !wire.isAtEnd()) return null
  if (hash !== 'sha256' && hash !== 'sha512') return null
  const inner = readSshWire(signed)
  const name = inner.text() ?? ''
  const signature = inner.string()
  const token = name.startsWith('sk-') ? inner.bytes(TOKEN_BYTES) : null
  if (!Object.hasOwn(schemes, name) || signature === null || !inner.isAtEnd()) return null
  return { key, namespace, reserved, hash, scheme: schemes[name as keyof typeof schemes], signature, token }
}

/** Whether `source` is a signature of exactly this key, in Stemma's namespace, over exactly these bytes. Never throws. */
export async function verifySshSignature(source: Bytes, message: Bytes, key: SshKey): Promise<boolean> {
  const found = readSshSignature(source)
  if (found === null || found.namespace !== SSH_NAMESPACE) return false
  if (found.scheme.key !== key.type || !equalBytes(found.key, key.blob)) return false
  const { scheme, hash, reserved } = found
  const signature = scheme.name === 'ECDSA' ? fixedLength(found.signature, scheme.bytes) : found.signature
  if (signature === null || (scheme.name === 'Ed25519' && signature.length !== 64)) return false
  const digest = new Uint8Array(await crypto.subtle.digest(hashes[hash], message))
  const whole = concatBytes(MAGIC, sshString(found.namespace), sshString(reserved), sshString(hash), sshString(digest))
  const signed = await signedBytes(whole, key.application, found.token)
  if (signed === null) return false
  const algorithm = {
    name: scheme.name,
    ...(scheme.hash === null ? {} : { hash: scheme.hash }),
    ...(scheme.curve === null ? {} : { namedCurve: scheme.curve }),
  }
  const imported = await crypto.subtle.importKey('spki', key.spki, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm, imported, signature, signed)
}

/**
 * A security token signs digests of its own: of the application, and of what it is given, with flags and counter between
 * them. null where key and signature are not of the same sort, or nobody touched the token.
 */
async function signedBytes(whole: Bytes, application: Bytes | null, token: Bytes | null): Promise<Bytes | null> {
  if (application === null && token === null) return whole
  if (application === null || token === null) return null
  if (((token[0] ?? 0) & USER_PRESENT) === 0) return null
  const sha256 = async (bytes: Bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return concatBytes(await sha256(application), token, await sha256(whole))
}

/** r and s as WebCrypto takes them, each of the curve's length; null where one is longer. */
function fixedLength(source: Bytes, length: number): Bytes | null {
  const wire = readSshWire(source)
  const [r, s] = [wire.mpint(), wire.mpint()]
  if (r === null || s === null || r.length > length || s.length > length || !wire.isAtEnd()) return null
  return concatBytes(new Uint8Array(length - r.length), r, new Uint8Array(length - s.length), s)
}
