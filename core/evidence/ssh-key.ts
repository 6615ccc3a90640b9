/**
 * SSH public keys (RFC 4253 section 6.6, 5656, 8709) as signers of evidence, and the one text form of every public key.
 * The key id is that of all keys: hex SHA-256 of the SubjectPublicKeyInfo, into which an SSH key is rewritten here.
 */
import { Fault } from '../fault.ts'
import { type Bytes, concatBytes, fromBase64, fromHex, toBase64 } from './bytes.ts'
import { sha256Hex } from './digest.ts'
import { type PublicKey, readPublicKey, spkiOf } from './key.ts'
import { type SshKey, verifySshSignature } from './ssh-signature.ts'
import { readSshWire, type SshReader } from './ssh-wire.ts'

/** DER of the AlgorithmIdentifiers: RFC 5480 for curves, RFC 3279 for RSA. */
const curves = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', bytes: 32, algorithm: '301306072a8648ce3d020106082a8648ce3d030107' },
  'ecdsa-sha2-nistp384': { name: 'nistp384', bytes: 48, algorithm: '301006072a8648ce3d020106052b81040022' },
  'ecdsa-sha2-nistp521': { name: 'nistp521', bytes: 66, algorithm: '301006072a8648ce3d020106052b81040023' },
} as const
const RSA_ALGORITHM = '300d06092a864886f70d0101010500'

/** Below 2048 bits a modulus is within reach (NIST SP 800-131A); above 4096 the signature would not fit an envelope. */
const RSA_BITS = { least: 2048, most: 4096 }
/** 65537: what every generator of the last fifteen years writes. */
const RSA_EXPONENT = '010001'

const KEY_LINE = /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?$/

/** Whether a text is meant as an SSH key: `ssh-ed25519 AAAA…`, as `.pub` files and GitHub have it. */
export function isSshKey(text: string): boolean {
  return KEY_LINE.test(text.trim())
}

/**
 * `text`: base64 of an Ed25519 SubjectPublicKeyInfo (a device's key, which signs envelopes itself), or the line of an SSH
 * key, which signs as SSHSIG and in no other way. Throws key-weak for anything else.
 */
export async function readKeyText(text: string): Promise<PublicKey> {
  return isSshKey(text) ? readSshKey(text) : readPublicKey(fromBase64(text) ?? new Uint8Array())
}

/** The line without comment: what is stored, compared and shown. */
export function sshKeyLine(text: string): string {
  return text.trim().split(/[ \t]/, 2).join(' ')
}

async function readSshKey(text: string): Promise<PublicKey> {
  const [, type = '', base64 = ''] = KEY_LINE.exec(text.trim()) ?? []
  const blob = fromBase64(base64) ?? new Uint8Array()
  const key = await sshKeyFrom(type, blob)
  return {
    id: await sha256Hex(key.spki),
    spki: key.spki,
    verifies: (signature, bytes) => verifySshSignature(signature, bytes, key),
  }
}

/** Throws key-weak. */
async function sshKeyFrom(type: string, blob: Bytes): Promise<SshKey> {
  if (type.includes('-cert-v')) {
    throw weak('This is an SSH certificate, which ends and names principals: neither is looked at here.', {
      hint: 'Name the key that it certifies, the file without `-cert`: `stemma login --ssh-key ~/.ssh/id_ed25519.pub`.',
    })
  }
  const wire = readSshWire(blob)
  if (wire.text() !== type) throw weak('The SSH key does not say of itself what its line says.')
  const spki = await spkiOfType(type.replace(/^sk-(.*)@openssh\.com$/, '$1'), wire)
  const application = type.startsWith('sk-') ? applicationOf(wire) : null
  if (!wire.isAtEnd()) throw weak('The SSH key has something behind its end.')
  return { type, blob, spki, application }
}

/** OpenSSH makes keys for `ssh:` and what follows it; a key for a website is never one of SSH. */
function applicationOf(wire: SshReader): Bytes {
  const application = wire.string()
  if (application !== null && new TextDecoder().decode(application).startsWith('ssh:')) return application
  throw weak('The key of the security token was not made for SSH.')
}

async function spkiOfType(type: string, wire: SshReader): Promise<Bytes> {
  if (type === 'ssh-ed25519') {
    // Refuses what is not canonical and what is of low order.
    return (await readPublicKey(spkiOf(wire.string() ?? new Uint8Array()))).spki
  }
  if (type === 'ssh-rsa') return rsaSpki(wire)
  if (type in curves) return curveSpki(curves[type as keyof typeof curves], wire)
  throw weak(`SSH keys of the kind ${type.slice(0, 60)} are not taken.`)
}

async function curveSpki(curve: (typeof curves)[keyof typeof curves], wire: SshReader): Promise<Bytes> {
  const name = wire.text()
  const point = wire.string()
  if (name !== curve.name || point === null || point.length !== 1 + 2 * curve.bytes || point[0] !== 4) {
    throw weak('The SSH key is not an uncompressed point of its curve.')
  }
  const spki = sequence(hex(curve.algorithm), bitString(point))
  const namedCurve = `P-${curve.name.slice('nistp'.length)}`
  try {
    // The platform refuses points that do not lie on the curve.
    await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve }, true, ['verify'])
  } catch {
    throw weak('The SSH key is not a point of its curve.')
  }
  return spki
}

function rsaSpki(wire: SshReader): Bytes {
  const exponent = wire.mpint()
  const modulus = wire.mpint()
  if (exponent === null || modulus === null) throw weak('The SSH key is not an RSA key.')
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) {
    throw weak(`The RSA key has ${bits} bits; ${RSA_BITS.least} to ${RSA_BITS.most} are taken.`)
  }
  const exponentHex = [...exponent].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (exponentHex !== RSA_EXPONENT || ((modulus.at(-1) ?? 0) & 1) === 0) {
    throw weak('The RSA key has another public exponent than 65537, or an even modulus.')
  }
  return sequence(hex(RSA_ALGORITHM), bitString(sequence(integer(modulus), integer(exponent))))
}

function sequence(...parts: readonly Bytes[]): Bytes {
  return der(0x30, concatBytes(...parts))
}

function bitString(content: Bytes): Bytes {
  return der(0x03, concatBytes(new Uint8Array([0]), content))
}

function integer(magnitude: Bytes): Bytes {
  return der(0x02, (magnitude[0] ?? 0) >= 0x80 ? concatBytes(new Uint8Array([0]), magnitude) : magnitude)
}

function der(tag: number, content: Bytes): Bytes {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concatBytes(new Uint8Array([tag, ...size]), content)
}

function hex(text: string): Bytes {
  return fromHex(text) ?? new Uint8Array()
}

/** `SHA256:…` without padding, as `ssh-keygen -l` shows a key. */
export async function sshFingerprint(text: string): Promise<string> {
  const blob = fromBase64(sshKeyLine(text).split(' ')[1] ?? '') ?? new Uint8Array()
  const digest = fromHex(await sha256Hex(blob)) ?? new Uint8Array()
  return `SHA256:${toBase64(digest).replace(/=+$/, '')}`
}

const HINT = 'Use an Ed25519, ECDSA or RSA key (2048 to 4096 bits), such as `ssh-keygen -t ed25519` makes.'

function weak(message: string, { hint } = { hint: HINT }): Fault {
  return new Fault('key-weak', { message, hint })
}
