/** Ed25519 keys (RFC 8032): what a device signs with. The key id is the hex SHA-256 of the SPKI. */
import { Fault } from '../fault.ts'
import { type Bytes, concatBytes, equalBytes, fromHex, toHex } from './bytes.ts'
import { sha256Hex } from './digest.ts'

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410 section 4); the 32 bytes of the key follow. */
const SPKI_PREFIX = new Uint8Array([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00])

/** y coordinates of the eight points of small order, sign bit cleared, canonical and not (C2SP CCTV ed25519 vectors). */
const LOW_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

export interface PublicKey {
  readonly id: string
  /** DER SubjectPublicKeyInfo; 44 bytes of a device's key. */
  readonly spki: Bytes
  /** Whether `signature` is one by this key over exactly these bytes, in the only form that this kind of key signs in. */
  readonly verifies: (signature: Bytes, bytes: Bytes) => Promise<boolean>
}

export interface Signer {
  readonly keyid: string
  readonly sign: (bytes: Bytes) => Promise<Bytes>
}

/** Throws key-weak for anything that is not an Ed25519 key of full order. */
export async function readPublicKey(spki: Bytes): Promise<PublicKey> {
  const raw = spki.subarray(SPKI_PREFIX.length)
  if (raw.length !== 32 || !equalBytes(spki.slice(0, SPKI_PREFIX.length), SPKI_PREFIX)) {
    throw weak('The key is not an Ed25519 SubjectPublicKeyInfo of 44 bytes.')
  }
  if (!isCanonical(raw)) throw weak('The key is not in canonical form: its coordinate is not below 2^255 - 19.')
  const withoutSign = raw.slice()
  withoutSign[31] = (withoutSign[31] ?? 0) & 0x7f
  if (LOW_ORDER_Y.has(toHex(withoutSign))) {
    throw weak('The key is a point of low order: a signature by it proves nothing.')
  }
  const key = await crypto.subtle.importKey('raw', raw.slice(), { name: 'Ed25519' }, true, ['verify'])
  return {
    id: await sha256Hex(spki),
    spki,
    verifies: async (signature, bytes) =>
      signature.length === 64 && (await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, bytes)),
  }
}

/** RFC 8032 section 5.1.3: the coordinate, its sign bit left out, is below p = 2^255 - 19; some libraries let others pass. */
function isCanonical(raw: Bytes): boolean {
  const isAllOnes = raw.subarray(1, 31).every((byte) => byte === 0xff) && ((raw[31] ?? 0) & 0x7f) === 0x7f
  return !isAllOnes || (raw[0] ?? 0) < 0xed
}

/** `raw`: the 32 bytes of an Ed25519 public key. */
export function spkiOf(raw: Bytes): Bytes {
  return concatBytes(SPKI_PREFIX, raw)
}

/** `pkcs8`: DER private key (RFC 8410); `spki`: the matching public key. */
export async function readSigner(pkcs8: Bytes, spki: Bytes): Promise<Signer> {
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, false, ['sign'])
  return {
    keyid: await sha256Hex(spki),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, key, bytes)),
  }
}

export async function verifySignature(publicKey: PublicKey, signature: Bytes, bytes: Bytes): Promise<boolean> {
  return publicKey.verifies(signature, bytes)
}

/**
 * What a device signs to prove that it holds the key it enrols: the enrolment token binds the proof to one use.
 * `tokenDigest` = hex SHA-256 of the enrolment token.
 */
export function enrolmentChallenge(tokenDigest: string, keyid: string): string {
  if (fromHex(tokenDigest) === null) throw new TypeError('the token digest is not hexadecimal')
  return `stemma enrolment v1\n${tokenDigest}\n${keyid}\n`
}

/** What both keys sign when one takes the place of the other: the old one says so, the new one proves that it is there. */
export function rotationChallenge(oldKeyid: string, newKeyid: string): string {
  return `stemma rotation v1\n${oldKeyid}\n${newKeyid}\n`
}

function weak(message: string): Fault {
  return new Fault('key-weak', { message, hint: 'Make a new key with `stemma init --new-key`.' })
}
